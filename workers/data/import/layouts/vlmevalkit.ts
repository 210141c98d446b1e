/** VLMEvalKit's TSV: one question a row, pictures in base64 or by the index of the row that has them. */

import { truthLetter } from '../../verify/rules/letters.ts';
import { badRow, type RawImage, type RawRow } from '../raw.ts';

const LETTERS = Array.from({ length: 26 }, (_, at) => String.fromCharCode(65 + at));
/** Longer ones are pictures; as VLMEvalKit decides it. */
const LONGEST_INDEX = 64;

/** @returns names of the columns, or what is wrong with them */
export function headerOf(cells: readonly string[]): readonly string[] | string {
  const names = cells.map((cell) => cell.trim());
  for (const wanted of ['index', 'question', 'answer'])
    if (!names.includes(wanted))
      return `it has no column "${wanted}"; its columns are ${names.map((name) => name.slice(0, 40)).join(', ')}`;
  if (!names.includes('image') && !names.includes('image_path'))
    return 'it has neither a column "image" nor "image_path"';
  return names;
}

export function vlmevalkit(header: readonly string[], cells: readonly string[], line: number): RawRow {
  if (cells.length !== header.length) return badRow(line, `${cells.length} cells under ${header.length} columns`);
  const value = (name: string): string => {
    const at = header.indexOf(name);
    const text = at < 0 ? '' : (cells[at] ?? '').trim();
    // What pandas writes for a cell that is empty.
    return /^(?:nan|none|null)$/i.test(text) && name !== 'answer' && !LETTERS.includes(name) ? '' : text;
  };
  const index = value('index');
  if (index === '') return badRow(line, 'no index');
  const question = value('question');
  if (question === '') return badRow(line, 'no question');
  const answer = value('answer');
  if (answer === '') return badRow(line, 'no answer');
  const images = picturesOf(value('image'), value('image_path'), index);
  if (typeof images === 'string') return badRow(line, images);
  const options = LETTERS.map(value);
  while (options.at(-1) === '' || /^nan$/i.test(options.at(-1) ?? '')) options.pop();
  if (options.includes(''))
    return badRow(line, `option ${LETTERS[options.indexOf('')]} is empty and a later one is not`);
  const choices = options.length > 1 ? options : undefined;
  const truth = choices ? truthLetter(answer, choices) : answer;
  if (truth === undefined)
    return badRow(line, `the answer ${JSON.stringify(answer.slice(0, 40))} is none of the options`);
  const skills = [value('category'), value('l2-category'), ...listOf(value('capability'))].filter(
    (skill) => skill !== '',
  );
  const hint = value('hint');
  const asked = {
    ...{ id: index, index, question, truth, images, skills: [...new Set(skills)] },
    ...(hint === '' ? {} : { hint }),
    ...(choices ? { choices } : {}),
  };
  return { line, questions: [asked], problems: [] };
}

function picturesOf(image: string, path: string, index: string): RawImage[] | string {
  const images = listOf(image);
  if (images.length > 0) {
    return images.map((one): RawImage => {
      if (/^(?:https?|s3):\/\//i.test(one)) return { url: one };
      return one.length <= LONGEST_INDEX && !/^data:/i.test(one) ? { row: one } : { base64: one };
    });
  }
  const paths = listOf(path);
  return paths.length > 0 ? paths.map((one) => ({ path: one })) : `row ${index.slice(0, 40)} has no picture`;
}

/** A cell with one thing, or a list as Python or JSON writes it. */
function listOf(cell: string): string[] {
  if (cell === '') return [];
  if (!cell.startsWith('[')) return [cell];
  return [...cell.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)]
    .map((match) => (match[1] ?? match[2] ?? '').replace(/\\(.)/g, '$1'))
    .filter((one) => one !== '');
}
