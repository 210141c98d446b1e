/** What carries a chain's actions out: a program that knows the scene, or the tools themselves on its pictures. */
import type { Action } from '../../../../shared/contract.ts';
import type { ChainImage, ChainObservation } from '../../../../shared/data/chain.ts';
import type { SceneRequest } from '../world.ts';

export interface Eyes {
  /** Input images. */
  readonly images: readonly ChainImage[];
  see(action: Action): Promise<ChainObservation>;
  /** Versions of the tools that were really run. */
  readonly toolVersions: Readonly<Record<string, string>>;
}

/** The real tools, on pictures that lie in the store. */
export function toolEyes(images: readonly ChainImage[], act: NonNullable<SceneRequest['act']>): Eyes {
  const known = [...images];
  const toolVersions: Record<string, string> = {};
  return {
    images,
    toolVersions,
    async see(action) {
      const { observation, toolVersion } = await act({ action, images: known });
      toolVersions[action.name] = toolVersion;
      if (observation.ok) known.push(...(observation.images ?? []));
      return observation;
    },
  };
}
