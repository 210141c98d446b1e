/** Runs whose every action leaves a line in a file, so that a test can count what was really carried out. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfig } from '../../shared/contract.ts';
import type { Recording } from '../../shared/run/recording.ts';
import { replayModels, type TestCluster } from '../harness.ts';

export const MODEL = 'workers/model/main.ts';
export const TOOLS = 'test/promises/workers/witness-tools.ts';
export const SCHEDULER = 'services/scheduler/main.ts';
export const models = replayModels();

export const WITNESS_TOOL: RunConfig['tools'][number] = {
  name: 'Witness',
  version: '1',
  description: 'Writes down that it was carried out.',
  parameters: {},
  returns: '',
  example: {},
  pool: 'cpu',
};

export interface WitnessedRun {
  readonly label: string;
  readonly actions: number;
  /** How long an action takes, milliseconds. */
  readonly actionMs?: number;
  /** How long a model turn takes, milliseconds. */
  readonly turnMs?: number;
  readonly die?: boolean;
}

const fileOf = (cluster: TestCluster) => join(cluster.dir, 'witness.txt');

/** Writes down what the model will say: `actions` Witness calls, one a turn, and an answer. @returns the key */
export async function writeRecording(cluster: TestCluster, run: WitnessedRun): Promise<string> {
  const { label, actions, actionMs = 0, turnMs = 0, die = false } = run;
  const turns = Array.from({ length: actions }, (_, index) => ({
    thought: `Call ${index}.`,
    actions: [{ name: 'Witness', arguments: { file: fileOf(cluster), label: `${label}/${index}`, ms: actionMs, die } }],
  }));
  const last = { thought: 'Done.', actions: [{ name: 'Terminate', arguments: { answer: label } }] };
  const recording: Recording = {
    version: 1,
    question: label,
    turns: [...turns, last].map((turn) => ({ text: JSON.stringify(turn), delayMs: turnMs })),
    observations: [],
  };
  const key = `t/default/recordings/${label}.json`;
  await cluster.shared.objects.put(key, Buffer.from(JSON.stringify(recording)), { contentType: 'application/json' });
  return key;
}

/** Submits a run of `actions` Witness calls, one a turn, and an answer. */
export async function submitWitnessed(cluster: TestCluster, run: WitnessedRun): Promise<string> {
  const key = await writeRecording(cluster, run);
  return cluster.submit({
    question: run.label,
    tools: [WITNESS_TOOL],
    budgets: { replies: run.actions + 2, turnTokens: 500 },
    replay: { key, observations: 'live' },
  });
}

/** Label of an action -> how often it was carried out, and by which processes. */
export function witnessed(cluster: TestCluster): Map<string, string[]> {
  let text = '';
  try {
    text = readFileSync(fileOf(cluster), 'utf8');
  } catch {
    // Nothing was carried out yet.
  }
  const seen = new Map<string, string[]>();
  for (const line of text.split('\n').filter(Boolean)) {
    const [label = '', pid = ''] = line.split(' ');
    seen.set(label, [...(seen.get(label) ?? []), pid]);
  }
  return seen;
}

/** Each run must have ended with its own answer, its steps in order, and each action in its trace once. */
export async function checkTraces(
  cluster: TestCluster,
  runs: ReadonlyMap<string, { readonly id: string; readonly actions: number }>,
): Promise<void> {
  for (const [label, { id, actions }] of runs) {
    const trace = await cluster.trace(id);
    const calls = trace.steps.flatMap((step) => (step.kind === 'action' ? [String(step.action.arguments.label)] : []));
    const expected = Array.from({ length: actions }, (_, index) => `${label}/${index}`);
    if (trace.status !== 'completed' || trace.answer !== label || JSON.stringify(calls) !== JSON.stringify(expected)) {
      throw new Error(
        `run ${label} ended as ${trace.status} "${trace.answer}" ${JSON.stringify(trace.error)} with ${calls.join(' ')}`,
      );
    }
  }
}
