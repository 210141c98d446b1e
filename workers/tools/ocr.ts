import { z } from 'zod';
import type { ToolsConfig } from '../../shared/tools-config.ts';
import { imageArgument } from './arguments.ts';
import { statusOfAsking } from './asked-model.ts';
import type { Page } from './engines/ocr-page/page.ts';
import { readText, warmUpOcr } from './engines/ppocr/engine.ts';
import { weightsHash } from './engines/ppocr/weights.ts';
import { tesseractEngine } from './engines/tesseract/data.ts';
import { readWithTesseract, warmUpTesseract } from './engines/tesseract/engine.ts';
import { UnreadablePicture } from './engines/vision.ts';
import { type Transcript, transcribe } from './engines/vlm-ocr.ts';
import { EngineEnded } from './engines/warm-engine.ts';
import { toolSettings } from './settings.ts';
import { type Tool, type ToolContext, ToolError, type ToolStatus } from './tool.ts';

/** For one picture. About one CPU second is usual; a machine with other work on it may take ten times that. */
const READ_LIMIT_MS = 90_000;
/** For the call, which may first wait behind the pictures of other runs. */
const CALL_LIMIT_MS = 300_000;

const sessionSettings = () => toolSettings().session;

type Limits = { readonly timeLimitMs: number; readonly signal: AbortSignal };

/** What reads: a value of `engines.ocr` in tools.yaml. */
interface Reader {
  /** Itself and its weights, for cache keys. */
  engine(): string;
  readonly deterministic: boolean;
  /** Its rows, in words for the prompt. */
  readonly rows: string;
  status(): ToolStatus;
  warmUp(): Promise<void>;
  /** @throws UnreadablePicture; EngineEnded; what `ask` throws; the signal's reason */
  read(picture: Picture, limits: Limits, ask: ToolContext['ask']): Promise<Page | Transcript>;
}

type Picture = Awaited<ReturnType<ToolContext['image']>>;

const PLACED_ROWS =
  'rows: [{text, bbox, cells: [{text, bbox, score}]}] with bbox = [left, top, right, bottom] as fractions of the image';
const onThisMachine = {
  deterministic: true,
  rows: PLACED_ROWS,
  status: (): ToolStatus => ({ ready: true }),
};

/** Megabytes of weights are read for their hash, once it is asked for. */
function once(name: () => string): () => string {
  let known: string | undefined;
  return () => {
    known ??= name();
    return known;
  };
}

const READERS: Readonly<Record<ToolsConfig['engines']['ocr'], Reader>> = {
  ppocr: {
    ...onThisMachine,
    engine: once(() => `ppocr-v4@${weightsHash()}`),
    warmUp: () => warmUpOcr(sessionSettings()),
    read: ({ bytes }, limits) => readText(bytes, { session: sessionSettings() }, limits),
  },
  tesseract: {
    ...onThisMachine,
    engine: once(tesseractEngine),
    warmUp: warmUpTesseract,
    read: ({ bytes }, limits) => readWithTesseract(bytes, limits),
  },
  // A vision model, which may say otherwise tomorrow and knows no places.
  vlm: {
    engine: () => `vlm:${toolSettings().config.vision_model ?? "the run's own"}`,
    deterministic: false,
    rows: 'rows: [{text, cells: [{text}]}]',
    status: () => statusOfAsking('vision', toolSettings()),
    warmUp: async () => undefined,
    read: (picture, _limits, ask) => transcribe(picture, ask),
  },
};

const reader = (): Reader => READERS[toolSettings().config.engines.ocr];

const ocrArguments = z.object({
  image: imageArgument('name of the image to read'),
});

/**
 * Reads text. TACO's own OCR tool asks a closed model, or returns the pieces without places; this one returns rows, so
 * that a name and its price, or a label and its amount, stay side by side. Boxes have four decimals, where TACO rounds
 * to two: the rows of a receipt are closer to each other than that.
 */
export const ocr: Tool<z.infer<typeof ocrArguments>> = {
  name: 'OCR',
  version: '1',
  get engine() {
    return reader().engine();
  },
  description: 'Reads the text in an image, row by row from top to bottom.',
  arguments: ocrArguments,
  get returns() {
    return `text: all rows, one a line, with a tab between separate pieces of a row; ${reader().rows}`;
  },
  example: { image: 'image-0' },
  pool: 'vision',
  timeLimitMs: CALL_LIMIT_MS,
  get deterministic() {
    return reader().deterministic;
  },
  cache: true,
  status: () => reader().status(),
  warmUp: () => reader().warmUp(),
  async run({ image }, { image: load, ask, signal }) {
    const picture = await load(image);
    try {
      return await reader().read(picture, { timeLimitMs: READ_LIMIT_MS, signal }, ask);
    } catch (error) {
      if (error instanceof UnreadablePicture) throw new ToolError('unreadable_image', `${image}: ${error.message}`);
      if (error instanceof EngineEnded && error.reason === 'time')
        throw new ToolError('tool_timeout', `Reading ${image} takes too long: cut out the part with the text first.`);
      throw error;
    }
  },
};
