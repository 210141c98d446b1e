/** What an MCP server answered, as an observation: words and JSON, pictures as images of the run, the rest in words. */
import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/client';
import { type JsonObject, jsonObject } from '../../../shared/contract.ts';
import { type ImageLimits, inspectImage } from '../../../shared/images.ts';
import { isTooDeep } from '../../../shared/json-depth.ts';
import { type ToolContext, ToolError } from '../tool.ts';

/** Characters of text, and of structured content as JSON, that a result may bring. */
const MOST_TEXT = 128 * 1024;
const MOST_IMAGES = 16;
/** Levels of structured content, inside of the result's own. */
const MOST_LEVELS = 50;

/**
 * @returns `text` and what the server gave as structured content under `data`, where there is any; `images` by name
 * @throws ToolError with the server's words where it says that the call failed
 */
export async function observationOf(
  answer: CallToolResult,
  tool: string,
  limits: ImageLimits,
  context: Pick<ToolContext, 'keepImage'>,
): Promise<JsonObject> {
  const texts: string[] = [];
  const images: string[] = [];
  for (const part of answer.content) {
    if (part.type !== 'image') texts.push(wordsOf(part));
    else if (answer.isError) continue;
    else if (images.length === MOST_IMAGES) texts.push(`[one more picture: a result may have ${MOST_IMAGES}]`);
    else {
      const kept = await keep(part.data, limits, context);
      if ('name' in kept) images.push(kept.name);
      else texts.push(kept.words);
    }
  }
  const text = cut(texts.filter((one) => one !== '').join('\n'));
  if (answer.isError) throw new ToolError('mcp_error', `${tool}: ${text || 'the server says that it failed, not why'}`);
  const data = dataOf(answer.structuredContent);
  return {
    // Servers repeat structured content as text for clients that know none.
    ...(text === '' || (data !== undefined && sameJson(text, data)) ? {} : { text }),
    ...(data === undefined ? {} : { data }),
    ...(images.length > 0 ? { images } : {}),
  };
}

function wordsOf(part: Exclude<ContentBlock, { type: 'image' }>): string {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'audio':
      return `[a sound (${part.mimeType}), which cannot be heard here]`;
    case 'resource_link':
      return `[a link to ${part.name}: ${part.uri}]`;
    case 'resource':
      return 'text' in part.resource
        ? part.resource.text
        : `[a file (${part.resource.mimeType ?? 'of some kind'}): ${part.resource.uri}]`;
    default:
      return '[something of a kind that is not known here]';
  }
}

/** Bytes from elsewhere: they meet the same checks as pictures that users send. */
async function keep(
  base64: string,
  limits: ImageLimits,
  context: Pick<ToolContext, 'keepImage'>,
): Promise<{ readonly name: string } | { readonly words: string }> {
  try {
    const bytes = Buffer.from(base64, 'base64');
    await inspectImage(bytes, limits);
    return { name: await context.keepImage(bytes) };
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ImageRefused') throw error;
    return { words: `[a picture that cannot be used: ${error.message}]` };
  }
}

function dataOf(structured: unknown): JsonObject | undefined {
  if (structured === undefined) return undefined;
  if (isTooDeep(structured, MOST_LEVELS)) return { too_deep: `JSON more than ${MOST_LEVELS} deep was left out` };
  const parsed = jsonObject.safeParse(structured);
  if (!parsed.success) return undefined;
  const length = JSON.stringify(parsed.data).length;
  if (length <= MOST_TEXT) return parsed.data;
  return { too_long: `${length.toLocaleString('en')} characters of JSON were left out: ask for less` };
}

function cut(text: string): string {
  if (text.length <= MOST_TEXT) return text;
  return `${text.slice(0, MOST_TEXT).replace(/[\uD800-\uDBFF]$/, '')}\n[cut off: ${text.length.toLocaleString('en')} characters in all]`;
}

function sameJson(text: string, data: JsonObject): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(data);
  } catch {
    return false;
  }
}
