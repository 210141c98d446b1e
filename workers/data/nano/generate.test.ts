import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeChain } from '../../../shared/nano/format.ts';
import { calculateExpression } from '../../tools/calculate/calculate-expression.ts';
import { skeletonSplit } from '../ask/phrase.ts';
import { stepFaults } from '../check/nano/steps.ts';
import { generateScene, type MadeChain } from './generate.ts';
import { writeShard } from './shards.ts';

function made(split: 'train' | 'validation', seed: number, wanted: number): MadeChain[] {
  const chains: MadeChain[] = [];
  for (let index = 0; chains.length < wanted; index++) chains.push(...generateScene(seed, index, split));
  return chains;
}

const train = made('train', 1, 1500);
const validation = made('validation', 1, 500);

describe('chains from the program', () => {
  it('are the same bytes for the same seed and others for another', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cota-chains-'));
    const bytes = (name: string, seed: number): Buffer => {
      writeShard(
        join(folder, name),
        made('train', seed, 300).map((m) => encodeChain(m.chain)),
      );
      return readFileSync(join(folder, `${name}.ids`));
    };
    expect(bytes('a', 5).equals(bytes('b', 5))).toBe(true);
    expect(bytes('c', 6).equals(bytes('a', 5))).toBe(false);
    rmSync(folder, { recursive: true });
  });

  it('quote only what was read, and use only what was quoted or asked', () => {
    const faulty = [...train, ...validation].filter((m) => stepFaults(m.chain).length > 0);
    expect(faulty.map((m) => `${m.ask.kind}: ${m.ask.text} ${stepFaults(m.chain)}`)).toEqual([]);
  });

  it('give for every Calculate call what the tool gives', () => {
    for (const { chain } of train) {
      chain.turns.forEach((turn, k) => {
        if (turn.action === 'unknown' || turn.action.name !== 'Calculate') return;
        const seen = chain.observations[k];
        expect(`${turn.action.argument} = ${calculateExpression(turn.action.argument)}`).toBe(
          `${turn.action.argument} = ${seen && 'result' in seen ? seen.result : ''}`,
        );
      });
    }
  });

  it('fit into what training takes, nearly all', () => {
    const lengths = train.map((m) => encodeChain(m.chain).ids.length);
    expect(lengths.filter((n) => n > 1280).length).toBeLessThan(lengths.length * 0.01);
    expect(lengths.reduce((a, b) => a + b, 0) / lengths.length).toBeLessThan(700);
  });

  it('hold 8 to 18 % that cannot be answered', () => {
    const share = train.filter((m) => m.answer === '<unknown>').length / train.length;
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.18);
  });

  it('are worded in many ways, each rare, and in other ways for validation', () => {
    const words = new Map<string, Set<string>>();
    const counts = new Map<string, number>();
    for (const { ask } of train) {
      words.set(ask.family, (words.get(ask.family) ?? new Set()).add(ask.skeleton));
      counts.set(ask.skeleton, (counts.get(ask.skeleton) ?? 0) + 1);
    }
    // Families that come often enough to show their words.
    const common = [...words].filter(([family]) => train.filter((m) => m.ask.family === family).length > 80);
    expect(common.length).toBeGreaterThan(5);
    for (const [family, skeletons] of common) expect([family, skeletons.size >= 40]).toEqual([family, true]);
    expect(Math.max(...counts.values()) / train.length).toBeLessThan(0.01);
    const off = validation.filter((m) => skeletonSplit(m.ask.skeleton) !== 'validation');
    expect(off.length / validation.length).toBeLessThan(0.02);
  });

  it('ask different things about one picture', () => {
    const scenes = Map.groupBy(train, (m) => m.scene);
    const several = [...scenes.values()].filter((list) => list.length > 1);
    expect(several.length).toBeGreaterThan(250);
    expect(
      several.filter((list) => new Set(list.map((m) => m.answer)).size > 1).length / several.length,
    ).toBeGreaterThan(0.9);
  });
});
