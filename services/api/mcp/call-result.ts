/** What came of a call, as MCP's content: the result as JSON, and the pictures that the tool made. */
import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/server';
import type { ImageRef } from '../../../shared/contract.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';
import { fileIdOf } from '../../../shared/response.ts';
import type { CallResult } from '../calls.ts';

/** A picture larger than this, or that makes all of them larger than four times this, is linked to. */
const MOST_BYTES = 2 * 1024 * 1024;
const LINK_SECONDS = 24 * 3_600;

export const failure = (code: string, message: string): CallToolResult => ({
  isError: true,
  content: [{ type: 'text', text: message }],
  _meta: { 'cota/code': code },
});

export async function callToolResult(
  came: Exclude<CallResult, { is: 'under_way' }>,
  { objects, baseUrl }: { readonly objects: Pick<ObjectStore, 'get' | 'link'>; readonly baseUrl: string },
): Promise<CallToolResult> {
  if (came.is === 'failed') return failure(came.code, came.message);
  const content: ContentBlock[] = [{ type: 'text', text: JSON.stringify(came.result) }];
  let room = 4 * MOST_BYTES;
  for (const image of came.images) {
    content.push({ type: 'text', text: aboutImage(image) });
    if (image.bytes <= MOST_BYTES && image.bytes <= room) {
      room -= image.bytes;
      const { bytes } = await objects.get(image.key);
      content.push({ type: 'image', data: bytes.toString('base64'), mimeType: image.contentType });
    } else {
      const uri = await objects.link(image.key, { expiresInSeconds: LINK_SECONDS, baseUrl });
      content.push({ type: 'resource_link', uri, name: image.name, mimeType: image.contentType, size: image.bytes });
    }
  }
  return { content, structuredContent: came.result };
}

/** So that whoever reads the result can go on with the picture in another call. */
const aboutImage = ({ name, width, height, sha256 }: ImageRef): string =>
  `${name} is ${width} x ${height} pixels. For another call: "images": ["${fileIdOf(sha256)}"]`;
