import { z } from 'zod';
import { imageArgument } from './arguments.ts';
import type { SessionSettings } from './engines/onnx-session.ts';
import { readText, UnreadablePicture, warmUpOcr } from './engines/ppocr/engine.ts';
import { weightsHash } from './engines/ppocr/weights.ts';
import { type Tool, ToolError } from './tool.ts';

const TIME_LIMIT_MS = 60_000;
const settings: SessionSettings = { device: 'auto', threads: 1 };

const ocrArguments = z.object({
  image: imageArgument('name of the image to read'),
});

/**
 * Reads text. TACO's own OCR tool asks a closed model, or returns the pieces without places; this one returns rows, so
 * that a name and its price, or a label and its amount, stay side by side.
 */
export const ocr: Tool<z.infer<typeof ocrArguments>> = {
  name: 'OCR',
  version: '1',
  engine: `ppocr-v4@${weightsHash()}`,
  description: 'Reads the text in an image, row by row from top to bottom.',
  arguments: ocrArguments,
  returns:
    'text: all rows, one a line, with a tab between separate pieces of a row; ' +
    'rows: [{text, bbox, cells: [{text, bbox, score}]}] with bbox = [left, top, right, bottom] as fractions of the image',
  example: { image: 'image-0' },
  pool: 'vision',
  timeLimitMs: TIME_LIMIT_MS,
  deterministic: true,
  cache: true,
  warmUp: () => warmUpOcr(settings),
  async run({ image }, context) {
    const { bytes } = await context.image(image);
    try {
      return {
        ...(await readText(bytes, { session: settings }, { timeLimitMs: TIME_LIMIT_MS, signal: context.signal })),
      };
    } catch (error) {
      if (error instanceof UnreadablePicture) throw new ToolError('unreadable_image', `${image}: ${error.message}`);
      throw error;
    }
  },
};
