/** Holds what was read back from an export against the chain that it is of. */
import type { Chain, ChainImage } from '../../../../shared/data/chain.ts';
import { jsonLine } from '../write-file.ts';
import type { ReadChain, ReadImage } from './read-chain.ts';

/**
 * @param shown how many of the chain's pictures are there, the first ones; the others are only named
 * @returns what differs, in words; undefined where nothing is lost or added
 */
export function difference(chain: Chain, read: ReadChain, shown: number): string | undefined {
  let left = shown;
  const image = ({ name, sha256, width, height }: ChainImage): ReadImage =>
    left-- > 0 ? { name, sha256: sha256 ?? '' } : { name, size: [width, height] };
  const images = chain.images.map(image);
  const say = (what: string, wanted: unknown, got: unknown): string | undefined => {
    const [one, other] = [jsonLine(wanted ?? null), jsonLine(got ?? null)];
    return one === other ? undefined : `${what} is ${excerpt(other, one)}, not ${excerpt(one, other)}`;
  };
  const tools = [...chain.tools.filter((name) => name !== 'Terminate'), 'Terminate'];
  let wrong =
    (read.id === undefined ? undefined : say('its id', chain.id, read.id)) ??
    say('the question', chain.question, read.question) ??
    say('the list of tools', tools, read.tools) ??
    say('the number of turns', chain.turns.length, read.turns.length);
  for (const [t, turn] of chain.turns.entries()) {
    const got = read.turns[t];
    const last = t === chain.turns.length - 1;
    // What was found for the last reply is shown to nobody.
    const observations = last ? [] : turn.observations;
    const made = observations.map((one) => (one.ok ? (one.images ?? []).map(image) : []));
    images.push(...made.flat());
    const found = observations.map((one) => (one.ok ? one.result : { error: one.error }));
    wrong ??=
      say(`the thought of turn ${t + 1}`, turn.thought, got?.thought) ??
      say(`the actions of turn ${t + 1}`, turn.actions, got?.actions) ??
      say(
        `what was found in turn ${t + 1}`,
        found,
        got?.observations.map((one) => one.found),
      ) ??
      say(
        `the images of turn ${t + 1}`,
        made,
        got?.observations.map((one) => one.images),
      ) ??
      (last ? undefined : say(`the fault of turn ${t + 1}`, turn.problem, got?.problem));
  }
  return wrong ?? say('the list of images', images, read.images);
}

/** Where two texts first differ, and a little of what is around it. */
function excerpt(text: string, other: string): string {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at++;
  const from = Math.max(0, at - 20);
  return `${from > 0 ? '...' : ''}${text.slice(from, at + 40)}${text.length > at + 40 ? '...' : ''}`;
}
