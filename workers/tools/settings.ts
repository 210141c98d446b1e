/** What this process' environment and tools.yaml say about tools and engines: read once, when first asked for. */
import { type Env, readEnv } from '../../shared/env.ts';
import { loadToolsConfig, type ToolsConfig } from '../../shared/tools-config.ts';
import { catalogue } from '../../shared/weights/catalogue.ts';
import { openWeights, type Weights } from '../../shared/weights/weights.ts';
import type { SessionSettings } from './engines/onnx-session.ts';

export interface ToolSettings {
  readonly env: Env;
  readonly config: ToolsConfig;
  readonly weights: Weights;
  /** For networks that come with Cota and for pulled ones alike. */
  readonly session: SessionSettings;
}

let settings: ToolSettings | undefined;

/** @throws SettingsError */
export function toolSettings(): ToolSettings {
  if (!settings) {
    const env = readEnv();
    const config = loadToolsConfig(env.COTA_TOOLS);
    const session = { device: config.engines.device ?? env.COTA_ONNX_DEVICE, threads: env.COTA_ONNX_THREADS };
    settings = { env, config, weights: openWeights(env.COTA_WEIGHTS, catalogue(env.COTA_WEIGHTS_CATALOGUE)), session };
  }
  return settings;
}

/** For tests: other settings than the environment's. @param given undefined = read them anew */
export function setToolSettings(given: ToolSettings | undefined): void {
  settings = given;
}
