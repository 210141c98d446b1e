/** From what a tool returned to what cota-nano gets to see of it, and back from a mark to the place that it stands for. */
import { z } from 'zod';
import type { NanoObservation, NanoTool } from './format.ts';

/** Left, top, right, bottom as fractions of the image. */
const bbox = z.tuple([z.number(), z.number(), z.number(), z.number()]);
export type Bbox = z.infer<typeof bbox>;

const read = z.object({ rows: z.array(z.object({ text: z.string(), bbox: bbox.optional() })) });
const readText = z.object({ text: z.string() });
const found = z.object({ regions: z.array(z.object({ label: z.string(), bbox, score: z.number().optional() })) });
const named = z.object({ objects: z.array(z.string()) });
const made = z.object({ image: z.string().regex(/^image-\d+$/) });
const computed = z.object({ result: z.json() });

/** What a row stands for. */
export interface RowPlace {
  /** As the tool wrote it, tabs between cells. */
  readonly text: string;
  readonly bbox?: Bbox | undefined;
}

export interface Observed {
  readonly observation: NanoObservation;
  /** One for each row, seen or not. */
  readonly places: readonly RowPlace[];
}

const percent = (share: number): string => String(Math.min(99, Math.max(0, Math.round(share * 100))));

/** `kite-2` is the second kite. */
export const kindOf = (label: string): string => label.replace(/-\d+$/, '');

/** A region as a row of cells: what it is, its centre from the left and from the top, how sure it is; in hundredths. */
function regionRow(region: {
  readonly label: string;
  readonly bbox: Bbox;
  readonly score?: number | undefined;
}): string {
  const [left, top, right, bottom] = region.bbox;
  const cells = [percent((left + right) / 2), percent((top + bottom) / 2), percent(region.score ?? 0.99)];
  return [kindOf(region.label), ...cells].join('\t');
}

/** @param result as the tool's schema gives it */
export function observe(tool: NanoTool | string, result: unknown): Observed {
  const rowsOf = (places: readonly RowPlace[]): Observed => ({
    observation: { rows: places.map(({ text }) => text) },
    places,
  });
  if (tool === 'OCR') {
    const rows = read.safeParse(result);
    if (rows.success) return rowsOf(rows.data.rows);
    const text = readText.safeParse(result);
    if (text.success) return rowsOf(text.data.text.split('\n').map((line) => ({ text: line })));
  }
  const regions = found.safeParse(result);
  if (regions.success)
    return {
      observation: { rows: regions.data.regions.map(regionRow), found: true },
      places: regions.data.regions.map((one) => ({ text: kindOf(one.label), bbox: one.bbox })),
    };
  const objects = named.safeParse(result);
  if (objects.success) return rowsOf(objects.data.objects.map((text) => ({ text })));
  const image = made.safeParse(result);
  if (image.success) return { observation: { result: image.data.image.slice('image-'.length) }, places: [] };
  const value = computed.safeParse(result);
  const said = value.success ? value.data.result : result;
  return { observation: { result: typeof said === 'string' ? said : (JSON.stringify(said) ?? '') }, places: [] };
}
