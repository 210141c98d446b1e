/** The trainer, started as often as it takes: what it tells is kept, what it saves goes to the store. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandOf, type Places, trainerEnvOf } from './command.ts';
import { type Attempt, TrainingFailed } from './desk.ts';
import { restoreCheckpoint, stepOf } from './kept-checkpoints.ts';
import { openTold } from './told.ts';
import { runTrainer, type TrainerEnd } from './trainer.ts';

const TRAINER = join(import.meta.dirname, 'python/train.py');
/** Deaths of a trainer without progress that are no accident. */
const POISON = 3;
/** Between two looks for checkpoints of a trainer that does not tell of them. */
const LOOK_MS = 2_000;
/** As Python ends with it; libraries that only look for another one say less. */
const MISSING = /^(?:\[rank\d+\]:\s*)?(?:ModuleNotFoundError|\S*python\S*): No module named '?([\w.]+)/m;
/** Lines of stderr that are kept for the last words. */
const LAST_LINES = 12;

/** @returns the path of the last checkpoint below {out}; undefined where it was stopped */
export async function trainUntilDone(
  attempt: Attempt,
  places: Places,
): Promise<{ readonly path?: string } | undefined> {
  const { parts, job, desk, ask, kill } = attempt;
  const passed: string[] = [];
  const restored = await restoreCheckpoint(parts.objects, job, places.out, (words) => passed.push(words));
  for (const message of passed) await desk.say({ level: 'warn', type: 'message', message });
  if (restored) {
    const message = `Going on from the checkpoint of step ${restored.step}.`;
    await desk.say({ level: 'info', type: 'message', message, data: { step: restored.step, checkpoint: restored.id } });
  }
  const told = openTold(attempt, places, restored);
  for (;;) {
    const last: string[] = [];
    told.begin();
    await removeTorn(attempt, places);
    const look = setInterval(() => void told.look().catch(() => undefined), LOOK_MS);
    const end = await runTrainer({
      command: commandFor(attempt, places, told.checkpoint()),
      env: trainerEnvOf(job.recipe, places),
      cwd: places.out,
      stopSignal: job.recipe.trainer.kind === 'command' ? job.recipe.trainer.stop_signal : 'SIGTERM',
      onLine(text, { error, bar }) {
        const isOurs = told.line(text);
        if (bar || isOurs) return;
        desk.log(text);
        if (error) last.push(text.slice(0, 500));
        if (last.length > LAST_LINES) last.shift();
      },
      ...{ ask, kill },
    }).finally(() => clearInterval(look));
    if (kill.aborted) return undefined;
    await told.look();
    await told.settled();
    if (ask.aborted) return undefined;
    // One that stopped although nobody here asked it to has not done its work.
    const stopped = told.stopped();
    if (end.code === 0 && !stopped) return { ...told.done() };
    if (stopped) last.push('it was asked to stop, by somebody else than the train worker');
    await afterDeath(attempt, end, last, told.step());
    await sleep(parts.retryMs, undefined, { signal: AbortSignal.any([ask, kill]) }).catch(() => undefined);
    if (ask.aborted || kill.aborted) return undefined;
  }
}

function commandFor(
  { parts, job, folder }: Attempt,
  places: Places,
  checkpoint: string | undefined,
): readonly string[] {
  if (job.recipe.trainer.kind === 'command') {
    return commandOf(job.recipe, places, checkpoint === undefined ? undefined : join(places.out, checkpoint));
  }
  const given = ['--recipe', join(folder, 'recipe.json'), '--data', places.data, '--out', places.out];
  return [parts.python, TRAINER, ...given, '--resume'];
}

/** A folder that its trainer had begun to write when it died would be taken for the newest checkpoint. */
async function removeTorn({ job: { recipe } }: Attempt, { out }: Places): Promise<void> {
  if (recipe.trainer.kind !== 'command') return;
  const { name, last_file: lastFile } = recipe.trainer.checkpoints;
  for (const one of await readdir(out).catch(() => [])) {
    if (stepOf(name, one) === undefined || !(await stat(join(out, one))).isDirectory()) continue;
    if (!(await stat(join(out, one, lastFile)).catch(() => undefined))) await rm(join(out, one), { recursive: true });
  }
}

/** @throws TrainingFailed where it would only happen again */
async function afterDeath(attempt: Attempt, end: TrainerEnd, last: readonly string[], step: number): Promise<void> {
  const { desk, job, parts } = attempt;
  const words = (last.findLast((line) => line.trim() !== '') ?? 'it said nothing').trim();
  if (end.fault !== undefined) {
    const program = job.recipe.trainer.kind === 'nano' ? parts.python : (job.recipe.trainer.command[0] ?? '');
    throw new TrainingFailed('trainer_missing', notStarted(program, end.fault));
  }
  const [, missing] = MISSING.exec(last.join('\n')) ?? [];
  if (missing !== undefined && end.signal === null)
    throw new TrainingFailed('trainer_missing', noModule(attempt, missing));
  // Ours says in its last line what is wrong and what to do, and would say it again.
  if (job.recipe.trainer.kind === 'nano' && end.code === 1) throw new TrainingFailed('trainer_failed', words);
  const how = end.signal === null ? `exit code ${end.code}` : end.signal;
  const memory = end.signal === 'SIGKILL' ? ' Where nobody killed it, the machine had too little memory.' : '';
  const times = await desk.death(step);
  const message = `The trainer died at step ${step} (${how}): ${words}`;
  if (times >= POISON) {
    const count = `The trainer died ${times} times without getting beyond step ${step}, the last time by ${how}.`;
    throw new TrainingFailed('trainer_failed', `${count}${memory} Its last words: ${words}`);
  }
  await desk.say({
    level: 'warn',
    type: 'message',
    message: `${message}. It is started again from its last checkpoint.`,
  });
}

const notStarted = (program: string, fault: string): string =>
  `The trainer could not be started (${fault}): install ${program} on the train worker's machine, or name another Python with COTA_TRAIN_PYTHON.`;

function noModule({ parts, job: { recipe } }: Attempt, module: string): string {
  const how =
    recipe.trainer.kind === 'nano'
      ? `${parts.python} -m pip install -r workers/train/python/requirements.txt`
      : `install what the recipe "${recipe.name}" needs (docs/training.md)`;
  return `The trainer's Python has no module ${module}: ${how}; or set COTA_TRAIN_PYTHON to a Python that has it.`;
}
