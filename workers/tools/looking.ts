/** What tools that look at pictures have in common. */
import { type EnginePicture, UnreadablePicture } from './engines/vision.ts';
import { EngineEnded } from './engines/warm-engine.ts';
import { type ToolContext, ToolError } from './tool.ts';

/** An image of the run, as engines take it. */
export async function pictureOf({ image }: Pick<ToolContext, 'image'>, name: string): Promise<EnginePicture> {
  const { ref, bytes } = await image(name);
  return { sha256: ref.sha256, bytes };
}

/**
 * Makes what ends an engine's work into words for the model.
 * @param image its name
 * @throws ToolError `unreadable_image` or `tool_timeout`; whatever else `look` throws
 */
export async function looking<Result>(image: string, look: () => Promise<Result>): Promise<Result> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof UnreadablePicture) throw new ToolError('unreadable_image', `${image}: ${error.message}`);
    if (error instanceof EngineEnded && error.reason === 'time')
      throw new ToolError('tool_timeout', `Looking at ${image} takes too long here: do without it.`);
    throw error;
  }
}
