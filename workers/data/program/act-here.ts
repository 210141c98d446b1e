/** Runs tools in this process, without queue or cluster: for tests and benchmarks of chains that are really read. */
import { createHash } from 'node:crypto';
import sharp from 'sharp';
import type { JsonObject } from '../../../shared/contract.ts';
import type { ChainImage } from '../../../shared/data/chain.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';
import { executeTool, findTool } from '../../tools/registry.ts';
import { ToolError } from '../../tools/tool.ts';
import { pictureKey } from '../factory/pictures.ts';
import type { Services } from '../factory/services.ts';

/**
 * @param folder where images that tools make are kept, ending with `/`
 * @throws ToolFailed where a tool breaks; ToolError for a tool that there is none of
 */
export function actHere(objects: ObjectStore, folder: string): Services['act'] {
  return async ({ action, images }, signal) => {
    const tool = findTool(action.name);
    const made: ChainImage[] = [];
    const outcome = await executeTool(tool, action.arguments as JsonObject, {
      signal,
      async image(name) {
        const image = [...images, ...made].find((one) => one.name === name);
        if (!image?.key) throw new ToolError('unknown_image', `There is no ${name}.`);
        const { bytes } = await objects.get(`${folder}${image.sha256}`);
        const { key, sha256 = '', contentType = 'image/png', width, height } = image;
        return { ref: { name, key, sha256, contentType, width, height, bytes: bytes.length }, bytes };
      },
      async keepImage(bytes) {
        const name = `image-${images.length + made.length}`;
        const { width, height, format } = await sharp(bytes).metadata();
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        const key = pictureKey(sha256);
        const contentType = `image/${format}`;
        await objects.put(`${folder}${sha256}`, bytes, { contentType });
        made.push({ name, width, height, key, sha256, contentType });
        return name;
      },
      ask: () => Promise.reject(new ToolError('unavailable', 'No model can be asked here.')),
    });
    const observation = outcome.ok ? { ...outcome, ...(made.length > 0 ? { images: made } : {}) } : outcome;
    return { observation, toolVersion: tool.version };
  };
}
