/**
 * Cota's own JSONL, one question a line: `{id, question, truth, choices?, hint?, images?, skills?, split?, licence?}`.
 * Images are paths within the archive, URLs, data URLs, or `{path}`, `{url}`, `{base64}`.
 */
import { z } from 'zod';
import { truthLetter } from '../../verify/rules/letters.ts';
import { badRow, type RawRow } from '../raw.ts';
import { imagesOf } from './images.ts';

const line = z.strictObject({
  id: z.union([z.string().min(1).max(200), z.int()]),
  question: z.string().trim().min(1),
  /** `answer` is understood too. */
  truth: z.union([z.string(), z.number()]).optional(),
  answer: z.union([z.string(), z.number()]).optional(),
  choices: z.array(z.string().trim().min(1)).min(2).max(26).optional(),
  hint: z.string().optional(),
  images: z.array(z.unknown()).optional(),
  image: z.unknown().optional(),
  skills: z.array(z.string()).default([]),
  split: z.enum(['train', 'validation', 'holdout']).optional(),
  licence: z.string().optional(),
  source: z.string().optional(),
});

export function own(row: unknown, at: number): RawRow {
  const read = line.safeParse(row);
  if (!read.success) {
    const [issue] = read.error.issues;
    const where = issue?.path.length ? `${issue.path.join('.')}: ` : '';
    return badRow(at, `${where}${issue?.message ?? 'not a question'}`);
  }
  const { id, question, truth, answer, choices, hint, images, image, skills, split, licence } = read.data;
  const said = String(truth ?? answer ?? '').trim();
  if (said === '') return badRow(at, 'no truth');
  const pictures = imagesOf(images ?? image);
  if (typeof pictures === 'string') return badRow(at, pictures);
  const right = choices ? truthLetter(said, choices) : said;
  if (right === undefined) return badRow(at, `the truth ${JSON.stringify(said.slice(0, 40))} is none of the choices`);
  return {
    line: at,
    questions: [{ id: String(id), question, hint, choices, truth: right, images: pictures, skills, split, licence }],
    problems: [],
  };
}
