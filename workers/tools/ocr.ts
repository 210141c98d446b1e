import { z } from 'zod';
import { imageArgument } from './arguments.ts';
import { statusOfAsking } from './asked-model.ts';
import { readText, warmUpOcr } from './engines/ppocr/engine.ts';
import { weightsHash } from './engines/ppocr/weights.ts';
import { UnreadablePicture } from './engines/vision.ts';
import { transcribe } from './engines/vlm-ocr.ts';
import { EngineEnded } from './engines/warm-engine.ts';
import { toolSettings } from './settings.ts';
import { type Tool, ToolError } from './tool.ts';

/** For one picture. About one CPU second is usual; a machine with other work on it may take ten times that. */
const READ_LIMIT_MS = 90_000;
/** For the call, which may first wait behind the pictures of other runs. */
const CALL_LIMIT_MS = 300_000;

const sessionSettings = () => toolSettings().session;

/** With `engines: {ocr: vlm}` a vision model reads, which may say otherwise tomorrow and knows no places. */
const asksModel = (): boolean => toolSettings().config.engines.ocr === 'vlm';

/** Its weights are read for this once. */
const PPOCR = `ppocr-v4@${weightsHash()}`;
const PLACED_ROWS =
  'rows: [{text, bbox, cells: [{text, bbox, score}]}] with bbox = [left, top, right, bottom] as fractions of the image';
const ROWS = 'rows: [{text, cells: [{text}]}]';

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
    return asksModel() ? `vlm:${toolSettings().config.vision_model ?? "the run's own"}` : PPOCR;
  },
  description: 'Reads the text in an image, row by row from top to bottom.',
  arguments: ocrArguments,
  get returns() {
    return `text: all rows, one a line, with a tab between separate pieces of a row; ${asksModel() ? ROWS : PLACED_ROWS}`;
  },
  example: { image: 'image-0' },
  pool: 'vision',
  timeLimitMs: CALL_LIMIT_MS,
  get deterministic() {
    return !asksModel();
  },
  cache: true,
  status: () => (asksModel() ? statusOfAsking('vision', toolSettings()) : { ready: true }),
  async warmUp() {
    if (!asksModel()) await warmUpOcr(sessionSettings());
  },
  async run({ image }, { image: load, ask, signal }) {
    const { ref, bytes } = await load(image);
    if (asksModel()) return transcribe({ ref, bytes }, ask);
    try {
      return await readText(bytes, { session: sessionSettings() }, { timeLimitMs: READ_LIMIT_MS, signal });
    } catch (error) {
      if (error instanceof UnreadablePicture) throw new ToolError('unreadable_image', `${image}: ${error.message}`);
      if (error instanceof EngineEnded && error.reason === 'time')
        throw new ToolError('tool_timeout', `Reading ${image} takes too long: cut out the part with the text first.`);
      throw error;
    }
  },
};
