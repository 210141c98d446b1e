/** Defects of steps: calls, images, boxes, quotes, calculations. */
import type { Chain } from '../../../shared/data/chain.ts';
import { evaluate } from '../../../workers/data/calc.ts';
import { callsOf, type Defect, lastOf, renumbered, withArguments, withObservation, withTurn } from './defect.ts';

const MAKES_NONE = /^(?:OCR|GetObjects|Estimate.*|Get.*Similarity|Calculate|SolveMathEquation)$/;

/** A number of three digits or so that a chain can hardly have. */
const strange = (text: string): string => {
  const [digit = '5'] = text;
  return `${(Number(digit) % 9) + 1}${text.slice(1).replace(/\d/g, (d) => String((Number(d) * 7 + 3) % 10))}`;
};

const resultOf = (chain: Chain, turn: number, action: number) => {
  const seen = chain.turns[turn]?.observations[action];
  return seen?.ok ? seen.result : undefined;
};

export const STEPS: readonly Defect[] = [
  {
    name: 'misquoted evidence',
    right: ['quote-not-seen', 'number-not-seen'],
    sow(chain, rng) {
      const at = chain.turns.findIndex(({ thought }) => /"[^"]{4,}"/.test(thought));
      if (at < 1) return undefined;
      return withTurn(chain, at, (turn) => ({
        ...turn,
        thought: turn.thought.replace(/"([^"]{4,})"/, (_, quote: string) => {
          const place = rng.int(0, quote.length - 1);
          return `"${quote.slice(0, place)}${rng.pick(['zq', 'xk', 'vj'])}${quote.slice(place + 1)}"`;
        }),
      }));
    },
  },
  {
    name: 'a number that nobody saw',
    right: ['number-not-seen', 'quote-not-seen'],
    sow(chain) {
      const fraction = /(?<![\d.,])0\.\d\d(?!\d)|(?<![\d.,])\d{2,4}\.\d\d(?!\d)/;
      const at = chain.turns.findLastIndex(({ thought }) => fraction.test(thought));
      if (at < 1) return undefined;
      return withTurn(chain, at, (turn) => ({
        ...turn,
        thought: turn.thought.replace(
          fraction,
          (number) => `${strange(number.split('.')[0]!)}47.${number.split('.')[1]}`,
        ),
      }));
    },
  },
  {
    name: 'an image that is not there',
    right: ['no-such-image'],
    sow(chain, rng) {
      const calls = callsOf(chain, (name) => name !== 'Terminate').filter(
        ({ turn, action }) => typeof chain.turns[turn]!.actions[action]!.arguments.image === 'string',
      );
      return calls.length === 0
        ? undefined
        : withArguments(chain, rng.pick(calls), (given) => ({ ...given, image: 'image-41' }));
    },
  },
  {
    name: 'the wrong image named',
    // The other picture shows nothing of this one: what was needed is missing, or was asked there already.
    right: [
      'image-contradicted',
      'not-looked',
      'repeated-call',
      'wrong-answer',
      'not-told',
      'can-be-told',
      'box-from-nowhere',
    ],
    sow(chain, rng) {
      // What cannot be told for what one picture lacks stays so, whatever the others show.
      if (chain.images.length < 2 || chain.facts?.unanswerable) return undefined;
      const names = chain.images.map(({ name }) => name);
      const calls = callsOf(
        chain,
        (name) => name === 'LocalizeObjects' || name === 'GetObjects' || name === 'OCR',
      ).filter(
        ({ turn, action }) =>
          chain.turns[turn]!.observations[action]?.ok === true &&
          names.includes(String(chain.turns[turn]!.actions[action]!.arguments.image)),
      );
      if (calls.length < 2) return undefined;
      const call = rng.pick(calls);
      const other = rng.pick(
        names.filter((name) => name !== chain.turns[call.turn]!.actions[call.action]!.arguments.image),
      );
      const moved = withArguments(chain, call, (given) => ({ ...given, image: other }));
      // A tool that finds nothing names the picture that it was given.
      return withObservation(moved, call, (seen) =>
        seen.ok && !seen.images && 'image' in seen.result
          ? { ...seen, result: { ...seen.result, image: other } }
          : seen,
      );
    },
  },
  {
    name: 'broken numbering of images',
    right: ['image-numbering'],
    sow(chain, rng) {
      const calls = callsOf(chain, (name) => name !== 'Terminate').filter(({ turn, action }) => {
        const seen = chain.turns[turn]!.observations[action];
        return seen?.ok === true && (seen.images?.length ?? 0) > 0;
      });
      if (calls.length === 0) return undefined;
      return withObservation(chain, rng.pick(calls), (seen) => {
        if (!seen.ok || !seen.images?.[0]) return seen;
        const name = `image-${Number(seen.images[0].name.slice(6)) + rng.pick([1, 2, -1])}`;
        const renamed = { ...seen.result, image: name };
        // Only the result, or both: either way it is not the next number.
        return rng.chance(0.5)
          ? { ...seen, result: renamed }
          : { ...seen, result: renamed, images: [{ ...seen.images[0], name }] };
      });
    },
  },
  {
    name: 'a tool that was not offered',
    right: ['tool-not-offered'],
    sow(chain, rng) {
      const called = callsOf(chain, (name) => name !== 'Terminate').map(
        ({ turn, action }) => chain.turns[turn]!.actions[action]!.name,
      );
      if (called.length === 0) return undefined;
      const away = rng.pick(called);
      return { ...chain, tools: chain.tools.filter((name) => name !== away) };
    },
  },
  {
    name: 'a step that nothing uses',
    right: ['useless-step'],
    sow(chain, rng) {
      if (chain.turns.length < 2 || chain.images.length === 0) return undefined;
      const objects = callsOf(chain, (name) => /Objects|^Estimate|Similarity$/.test(name)).length > 0;
      const turn = objects
        ? {
            thought: 'Let me also read what is written in image-0.',
            actions: [{ name: 'OCR', arguments: { image: 'image-0' } }],
            observations: [{ ok: true as const, result: { text: '', rows: [] } }],
          }
        : {
            thought: 'Let me also see which things are in image-0.',
            actions: [{ name: 'GetObjects', arguments: { image: 'image-0' } }],
            observations: [{ ok: true as const, result: { objects: [rng.pick(['zebra', 'harp', 'yurt'])] } }],
          };
      if (callsOf(chain, (name) => name === turn.actions[0]!.name).length > 0 && objects) return undefined;
      const tools = [...new Set([...chain.tools, turn.actions[0]!.name])];
      return { ...chain, tools, turns: [...chain.turns.slice(0, -1), turn, ...chain.turns.slice(-1)] };
    },
  },
  {
    name: 'the same call again',
    right: ['repeated-call'],
    sow(chain, rng) {
      const turns = chain.turns.flatMap(({ actions, observations }, i) =>
        actions.length === 1 && MAKES_NONE.test(actions[0]!.name) && observations[0]?.ok ? [i] : [],
      );
      if (turns.length === 0) return undefined;
      const at = rng.pick(turns);
      return { ...chain, turns: [...chain.turns.slice(0, at + 1), ...chain.turns.slice(at)] };
    },
  },
  {
    name: 'a failed step left as it is',
    right: ['failed-step', 'not-looked', 'number-not-seen', 'quote-not-seen', 'operand-not-seen'],
    sow(chain, rng) {
      const calls = callsOf(chain, (name) => MAKES_NONE.test(name) && name !== 'Calculate').filter(
        ({ turn, action }) => resultOf(chain, turn, action) !== undefined,
      );
      if (calls.length === 0 || chain.facts?.unanswerable) return undefined;
      return withObservation(chain, rng.pick(calls), () => ({
        ok: false,
        error: { code: 'tool_timeout', message: 'It took too long and was stopped.' },
      }));
    },
  },
  {
    name: 'a box of another thing',
    right: ['not-looked', 'wrong-answer', 'not-told', 'repeated-call', 'can-be-told'],
    sow(chain, rng) {
      const regions = chain.turns.flatMap(({ actions, observations }) =>
        observations.flatMap((seen, i) =>
          seen.ok && Array.isArray(seen.result.regions) && actions[i]?.arguments.image === 'image-0'
            ? (seen.result.regions as unknown as { label: string; bbox: number[] }[])
            : [],
        ),
      );
      const calls = callsOf(chain, (name) => name === 'EstimateRegionDepth' || name === 'Crop').filter(
        ({ turn, action }) =>
          regions.some(
            ({ bbox }) => JSON.stringify(bbox) === JSON.stringify(chain.turns[turn]!.actions[action]!.arguments.bbox),
          ),
      );
      if (calls.length === 0 || chain.images.length > 1) return undefined;
      const call = rng.pick(calls);
      const own = JSON.stringify(chain.turns[call.turn]!.actions[call.action]!.arguments.bbox);
      const mine = regions.find(({ bbox }) => JSON.stringify(bbox) === own)!.label.replace(/-\d+$/, '');
      const others = regions.filter(({ label }) => label.replace(/-\d+$/, '') !== mine);
      return others.length === 0
        ? undefined
        : withArguments(chain, call, (given) => ({ ...given, bbox: rng.pick(others).bbox }));
    },
  },
  {
    name: 'a box from nowhere',
    right: ['box-from-nowhere'],
    sow(chain, rng) {
      const calls = callsOf(chain, (name) => name === 'EstimateRegionDepth' || name === 'Crop' || name === 'ZoomIn');
      if (calls.length === 0) return undefined;
      const call = rng.pick(calls);
      const [left, top, right, bottom] = chain.turns[call.turn]!.actions[call.action]!.arguments.bbox as [
        number,
        number,
        number,
        number,
      ];
      const [w, h] = [(right - left) / 2, (bottom - top) / 2];
      // Half as large, and only partly where it was: it holds no box that was seen, and is none.
      const dx = left > 0.5 ? -0.8 * w : 1.3 * w;
      const dy = top > 0.5 ? -0.8 * h : 1.3 * h;
      const bbox = [left + dx, top + dy, left + dx + w, top + dy + h].map((side) =>
        Number(Math.min(1, Math.max(0, side)).toFixed(3)),
      );
      return bbox[0]! < bbox[2]! && bbox[1]! < bbox[3]!
        ? withArguments(chain, call, (given) => ({ ...given, bbox }))
        : undefined;
    },
  },
  {
    name: 'a wrong result of Calculate',
    right: ['wrong-result'],
    sow(chain, rng) {
      const calls = callsOf(chain, (name) => name === 'Calculate').filter(
        ({ turn, action }) => typeof resultOf(chain, turn, action)?.result === 'number',
      );
      if (calls.length === 0) return undefined;
      return withObservation(chain, rng.pick(calls), (seen) =>
        seen.ok
          ? { ...seen, result: { ...seen.result, result: Number(seen.result.result) + rng.pick([1, 0.5, 10, -1]) } }
          : seen,
      );
    },
  },
  {
    name: 'a wrong operand',
    right: ['operand-not-seen'],
    sow(chain, rng) {
      const calls = callsOf(chain, (name) => name === 'Calculate');
      if (calls.length === 0) return undefined;
      const call = rng.pick(calls);
      const expression = String(chain.turns[call.turn]!.actions[call.action]!.arguments.expression);
      const operand = /\d+(?:\.\d+)?/.exec(expression)?.[0];
      if (operand === undefined) return undefined;
      const other = `${strange(operand)}${rng.int(100, 999)}`;
      const spoilt = withArguments(chain, call, () => ({ expression: expression.replace(operand, other) }));
      if (/[a-z^%]/i.test(expression)) return undefined;
      const result = evaluate(expression.replace(operand, other));
      return Number.isFinite(result)
        ? withObservation(spoilt, call, (seen) => (seen.ok ? { ...seen, result: { ...seen.result, result } } : seen))
        : undefined;
    },
  },
  {
    name: 'a missing second look',
    right: ['not-looked'],
    sow(chain) {
      // ZoomIn on a doubtful region, and the same search there. Of two pictures the other may leave no answer anyway.
      const looks = callsOf(chain, (name) => name === 'ZoomIn').length;
      if (
        chain.facts?.unanswerable &&
        (looks > 1 || chain.images.length > 1 || /anchor|closer|farther/.test(chain.facts.family))
      )
        return undefined;
      // The last one: those before it may not matter any more once it is made.
      const at = chain.turns.findLastIndex(
        ({ actions }, i) =>
          actions.length === 1 &&
          actions[0]!.name === 'ZoomIn' &&
          chain.turns[i + 1]?.actions[0]?.name === 'LocalizeObjects',
      );
      if (at < 0 || at + 2 > lastOf(chain)) return undefined;
      const gone = chain.turns
        .slice(at, at + 2)
        .flatMap(({ observations }) => observations.flatMap((seen) => (seen.ok ? (seen.images ?? []) : [])));
      const [first] = gone;
      if (!first) return undefined;
      const rest = [...chain.turns.slice(0, at), ...chain.turns.slice(at + 2)];
      return { ...chain, turns: renumbered(rest, at, Number(first.name.slice(6)), -gone.length) };
    },
  },
  {
    name: 'no end',
    right: ['shape'],
    sow: (chain) => (chain.turns.length > 1 ? { ...chain, turns: chain.turns.slice(0, -1) } : undefined),
  },
];
