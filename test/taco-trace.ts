/**
 * Recorded conversations of a TACO model (JSON with `id` and `messages`, `<IMG>` where a picture stood): read as what the
 * model said, which calls that was, and what it was shown. The files are development data and lie outside this
 * repository; tests that read them are skipped where the folder is missing.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Action, action, type ImageRef, type JsonObject } from '../shared/contract.ts';
import type { Recording } from '../shared/run/recording.ts';
import { toJson } from '../workers/model/dialects/taco/json-node.ts';
import { readValue } from '../workers/model/dialects/taco/tolerant-json.ts';

const FOLDER = new URL('../../shared/data/taco-traces-open/', import.meta.url).pathname;

const file = z.object({
  id: z.string(),
  messages: z.array(z.object({ role: z.enum(['user', 'assistant']), content: z.string() })),
});
const reply = z.object({ thought: z.string(), actions: z.array(action) });

export interface TacoTrace {
  readonly id: string;
  readonly question: string;
  /** Names of the input images. */
  readonly inputs: readonly string[];
  /** What the model said, byte for byte. */
  readonly turns: readonly string[];
  /** The calls of each turn, as strict JSON gives them. */
  readonly calls: readonly (readonly Action[])[];
  /** What each carried-out call gave back, in order, with the names of the images it made. */
  readonly observations: readonly { readonly result: JsonObject; readonly images: readonly string[] }[];
  /** Role of each message, and the names of the images in it. */
  readonly shown: readonly { readonly role: 'user' | 'assistant'; readonly images: readonly string[] }[];
  readonly answer: string;
}

/** @returns the recorded traces by file name; undefined, with a message, where there is no such folder */
export function tacoTraces(): readonly (readonly [string, TacoTrace])[] | undefined {
  if (!existsSync(FOLDER)) {
    console.warn(`skipped: ${FOLDER} with recorded TACO traces is not here`);
    return undefined;
  }
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => [name, readTacoTrace(readFileSync(join(FOLDER, name), 'utf8'))]);
}

function readTacoTrace(text: string): TacoTrace {
  const { id, messages } = file.parse(JSON.parse(text));
  const turns = messages.filter((message) => message.role === 'assistant').map((message) => message.content);
  const calls = turns.map((turn) => reply.parse(JSON.parse(turn)).actions);
  const users = messages.filter((message) => message.role === 'user').map((message) => message.content);
  const [request = '', ...later] = users;
  const last = calls.at(-1)?.[0];
  if (last?.name !== 'Terminate' || typeof last.arguments.answer !== 'string') throw new Error(`${id} has no answer`);
  return {
    id,
    question: readQuestion(request, id),
    inputs: slots(request),
    turns,
    calls,
    // After a turn without calls the conversation says so in place of an observation.
    observations: later.flatMap((content, turn) => (calls[turn]?.length === 0 ? [] : [readObservation(content, id)])),
    shown: messages.map(({ role, content }) => ({ role, images: slots(content) })),
    answer: last.arguments.answer,
  };
}

/** @param image the stored picture under a name, of the inputs and of those that tools made */
export function toRecording(trace: TacoTrace, image: (name: string) => ImageRef): Recording {
  return {
    version: 1,
    question: trace.question,
    turns: trace.turns.map((text) => ({ text })),
    observations: trace.observations.map(({ result, images }) => ({ ok: true, result, images: images.map(image) })),
  };
}

const SLOT = /(image-\d+):\s+<IMG>/g;
const slots = (content: string): string[] => [...content.matchAll(SLOT)].map(([, name = '']) => name);

function readQuestion(content: string, id: string): string {
  const match = /^\n# USER REQUEST #:\n(?:image-\d+: {2}<IMG> \n)*([\s\S]*)\n\n[^\n]*generate your response:\n$/.exec(
    content,
  );
  if (match?.[1] === undefined) throw new Error(`${id} has a first turn of another form`);
  return match[1];
}

/** A result was shown as Python writes it, with the picture in place of an image's path. */
function readObservation(content: string, id: string) {
  const written = /^OBSERVATION:\n([\s\S]*)\nThe OBSERVATION can be/.exec(content)?.[1];
  const node = readValue(written ?? '');
  if (node?.kind !== 'object') throw new Error(`${id} has an observation of another form`);
  const result = Object.fromEntries(
    Object.entries(toJson(node) as JsonObject).map(([key, value]) => {
      return [
        key,
        typeof value === 'string' && /^image-\d+:\s+<IMG>\s*$/.test(value) ? (slots(value)[0] ?? '') : value,
      ];
    }),
  );
  return { result, images: slots(content) };
}
