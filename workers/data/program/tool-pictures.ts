/**
 * The pictures that tools would have made of a drawn scene whose observations were not really observed: boxes drawn
 * where the observation has them, cut-outs cut where the action says. The tools' own code draws and cuts.
 */
import sharp from 'sharp';
import type { Action, JsonObject } from '../../../shared/contract.ts';
import type { ChainImage, ChainObservation } from '../../../shared/data/chain.ts';
import { drawRegions } from '../../tools/draw/regions.ts';
import { executeTool, findTool } from '../../tools/registry.ts';
import { ToolError } from '../../tools/tool.ts';
import type { SceneRequest, WorldChain } from './world.ts';

type Keep = NonNullable<SceneRequest['keep']>;
type Pictures = ReadonlyMap<string, Buffer>;
interface Region {
  readonly label: string;
  readonly bbox: readonly number[];
}

/** Tools that cut: they look at nothing but the picture, so they are simply run. */
const CUTTERS: readonly string[] = ['Crop', 'ZoomIn'];

/**
 * @param bytesOf reads a picture by its key as chains have it
 * @returns the chain with bytes for each picture that a tool made. @throws Error where a tool's picture cannot be drawn
 */
export async function withToolPictures(
  chain: WorldChain,
  bytesOf: (key: string) => Promise<Buffer>,
  keep: Keep,
  signal: AbortSignal,
): Promise<WorldChain> {
  const made = chain.turns.flatMap(({ observations }) =>
    observations.flatMap((one) => (one.ok ? (one.images ?? []) : [])),
  );
  if (made.every(({ key }) => key !== undefined)) return chain;
  const pictures = new Map<string, Buffer>();
  for (const { name, key } of chain.images) if (key !== undefined) pictures.set(name, await bytesOf(key));
  const turns: WorldChain['turns'] = [];
  for (const turn of chain.turns) {
    const observations: ChainObservation[] = [];
    const acted = turn.actions.filter(({ name }) => name !== 'Terminate');
    for (const [k, observation] of turn.observations.entries()) {
      const image = observation.ok ? observation.images?.[0] : undefined;
      const action = acted[k];
      if (!observation.ok || !image || !action || image.key !== undefined) {
        observations.push(observation);
        continue;
      }
      const bytes = await pictureOf(action, observation.result, pictures, signal);
      pictures.set(image.name, bytes);
      const { width, height } = await sharp(bytes).metadata();
      const drawn: ChainImage = { name: image.name, width, height, ...(await keep(bytes)) };
      observations.push({ ...observation, images: [drawn] });
    }
    turns.push({ ...turn, observations });
  }
  return { ...chain, turns };
}

async function pictureOf(action: Action, result: JsonObject, pictures: Pictures, signal: AbortSignal): Promise<Buffer> {
  const of = pictures.get(String(action.arguments.image));
  if (!of) throw new Error(`${action.name} made a picture of ${action.arguments.image}, which was not drawn`);
  if (CUTTERS.includes(action.name)) return cutBy(action, of, signal);
  // LocalizeObjects: a box a region, a colour a label.
  const regions = result.regions as unknown as readonly Region[];
  return drawRegions(
    of,
    regions.map(({ label, bbox }) => ({ label, bbox, group: label.replace(/-\d+$/, '') })),
    { signal },
  );
}

async function cutBy({ name, arguments: given }: Action, of: Buffer, signal: AbortSignal): Promise<Buffer> {
  let cut: Buffer | undefined;
  const { width, height } = await sharp(of).metadata();
  const ref = { name: 'image-0', key: '', sha256: '', contentType: 'image/png', width, height, bytes: of.length };
  const outcome = await executeTool(findTool(name), given, {
    signal,
    image: async () => ({ ref, bytes: of }),
    async keepImage(bytes) {
      cut = bytes;
      return 'image-1';
    },
    ask: () => Promise.reject(new ToolError('unavailable', 'No model can be asked here.')),
  });
  if (outcome.ok && cut) return cut;
  throw new Error(
    `${name} ${JSON.stringify(given)} cannot be drawn: ${outcome.ok ? 'it made none' : outcome.error.message}`,
  );
}
