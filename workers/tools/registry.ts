import { z } from 'zod';
import { type JsonObject, jsonObject, type ToolSpec } from '../../shared/contract.ts';
import { isTooDeep, MOST_DEPTH } from '../../shared/json-depth.ts';
import { readArguments } from './arguments.ts';
import { calculate } from './calculate.ts';
import { crop } from './crop.ts';
import { detectFaces } from './detect-faces.ts';
import { estimateObjectDepth } from './estimate-object-depth.ts';
import { estimateRegionDepth } from './estimate-region-depth.ts';
import { getObjects } from './get-objects.ts';
import { getImageToImagesSimilarity } from './image-to-images-similarity.ts';
import { getImageToTextsSimilarity } from './image-to-texts-similarity.ts';
import { localizeObjects } from './localize-objects.ts';
import { ocr } from './ocr.ts';
import { queryKnowledgeBase } from './query-knowledge-base.ts';
import { queryLanguageModel } from './query-language-model.ts';
import { solveMathEquation } from './solve-math-equation.ts';
import { terminate } from './terminate.ts';
import { getTextToImagesSimilarity } from './text-to-images-similarity.ts';
import { type Tool, type ToolContext, ToolError } from './tool.ts';
import { visualizeRegions } from './visualize-regions.ts';
import { zoomIn } from './zoom-in.ts';

/** The built-in tools, in the order in which models are told of them. A new tool is one line here. */
export const TOOLS: readonly Tool[] = [
  anyTool(ocr),
  anyTool(localizeObjects),
  anyTool(getObjects),
  anyTool(detectFaces),
  anyTool(calculate),
  anyTool(solveMathEquation),
  anyTool(crop),
  anyTool(zoomIn),
  anyTool(visualizeRegions),
  anyTool(queryLanguageModel),
  anyTool(queryKnowledgeBase),
  anyTool(estimateRegionDepth),
  anyTool(estimateObjectDepth),
  anyTool(getImageToImagesSimilarity),
  anyTool(getImageToTextsSimilarity),
  anyTool(getTextToImagesSimilarity),
];

/** What carrying out an action came to: a result, or an error that the model can mend. */
export type ToolOutcome =
  | { readonly ok: true; readonly result: JsonObject }
  | { readonly ok: false; readonly error: { readonly code: string; readonly message: string } };

/** A tool failed by itself: not the model's fault, so the step is worth another try. */
export class ToolFailed extends Error {
  override readonly name = 'ToolFailed';
  constructor(tool: string, cause: unknown) {
    super(`${tool} failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** A tool's arguments are checked by its own schema right before it runs, so its type may be forgotten in a list. */
function anyTool<Arguments extends JsonObject>(tool: Tool<Arguments>): Tool {
  return tool as unknown as Tool;
}

/** @throws ToolError `unknown_tool` that lists the tools there are */
export function findTool(name: string, tools: readonly Tool[] = TOOLS): Tool {
  const tool = tools.find((known) => known.name === name);
  if (tool) return tool;
  const names = [...tools.map((known) => known.name), terminate.name].join(', ');
  throw new ToolError('unknown_tool', `There is no tool ${JSON.stringify(name)}. The tools are: ${names}.`);
}

/** How a tool is shown to models and clients. */
export function specOf(tool: Tool): ToolSpec {
  const { name, version, description, returns, example, pool, engine, deterministic } = tool;
  // The `output` side: what a tool takes beyond it (numbers as strings, ...) is a kindness, not an offer.
  const { $schema: _, ...made } = z.toJSONSchema(tool.arguments, { io: 'output' });
  const parameters = tool.parameters ?? (made as JsonObject);
  const shown = { name, version, description, parameters, returns, example, pool };
  return { ...shown, engine, deterministic, ...(tool.offered === false ? { offered: false } : {}) };
}

/** All built-in tools, and Terminate: what tool workers publish. */
export function toolSpecs(tools: readonly Tool[] = TOOLS): ToolSpec[] {
  return [...tools.map(specOf), terminate];
}

/**
 * Carries an action out, within the tool's time.
 * @param raw arguments as the model wrote them
 * @returns the tool's result; or an error for the model: wrong arguments, a ToolError, or its time being up
 * @throws ToolFailed when the tool broke, or gave something that is no JSON object; the context's abort reason
 */
export async function executeTool(tool: Tool, raw: JsonObject, context: ToolContext): Promise<ToolOutcome> {
  const control = new AbortController();
  const { signal } = control;
  const timer = setTimeout(() => control.abort(new ToolError('tool_timeout', tooLong(tool))), tool.timeLimitMs);
  // By hand: AbortSignal.any and its clean-up cost more than the rest of a short step.
  const stop = (): void => control.abort(context.signal.reason);
  context.signal.addEventListener('abort', stop, { once: true });
  try {
    context.signal.throwIfAborted();
    const status = tool.status?.();
    if (status?.ready === false) throw new ToolError('tool_not_ready', status.reason);
    const args = readArguments(tool, raw);
    const limited: ToolContext = {
      ...context,
      signal,
      // A tool that does not hear of its signal goes on after its time; what it makes then is nobody's.
      async keepImage(bytes) {
        signal.throwIfAborted();
        return context.keepImage(bytes);
      },
      // Nor may a model go on with an answer that nobody reads.
      ask: (question, until = signal) => context.ask(question, until),
    };
    const result = await Promise.race([tool.run(args, limited), aborted(signal)]);
    if (isTooDeep(result)) throw new Error(`its result is nested more than ${MOST_DEPTH} deep`);
    const checked = jsonObject.safeParse(result);
    if (!checked.success) throw new Error(`its result is no JSON object (${checked.error.issues[0]?.message})`);
    return { ok: true, result: checked.data };
  } catch (error) {
    context.signal.throwIfAborted();
    const mine = signal.aborted ? signal.reason : error;
    if (mine instanceof ToolError) return { ok: false, error: { code: mine.code, message: mine.message } };
    throw new ToolFailed(tool.name, error);
  } finally {
    clearTimeout(timer);
    context.signal.removeEventListener('abort', stop);
  }
}

const tooLong = (tool: Tool) =>
  `${tool.name} took longer than ${tool.timeLimitMs / 1000} seconds and was stopped. Try something smaller, or do without it.`;

function aborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  return promise;
}
