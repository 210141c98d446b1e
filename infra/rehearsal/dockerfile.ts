/** Reads a Dockerfile as far as ours goes: stages, and what an image made from one holds and starts. */

export interface Instruction {
  readonly name: string;
  /** What follows the name, continued lines joined. */
  readonly text: string;
}

export interface Stage {
  readonly name: string;
  /** A stage above, or an image of a registry. */
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

export interface Copy {
  /** Undefined: out of the build context. */
  readonly from: string | undefined;
  readonly sources: readonly string[];
  readonly target: string;
}

/** What a container of a stage is started with. */
export interface ImageSettings {
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly user: string | undefined;
  readonly command: readonly string[];
  readonly healthcheck: readonly string[] | undefined;
}

/** @throws Error for what this reader does not know */
export function parseDockerfile(text: string): readonly Stage[] {
  const defaults = new Map<string, string>();
  const stages: { name: string; base: string; instructions: Instruction[] }[] = [];
  for (const { name, text: words } of instructionsOf(text)) {
    if (name === 'FROM') {
      const found = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(words);
      if (!found) throw new Error(`FROM ${words}: not understood`);
      const base = (found[1] ?? '').replace(/\$\{(\w+)\}/g, (_, variable: string) => defaults.get(variable) ?? '');
      stages.push({ name: found[2] ?? String(stages.length), base, instructions: [] });
    } else if (stages.length > 0) {
      stages.at(-1)?.instructions.push({ name, text: words });
    } else if (name === 'ARG') {
      const [variable = '', value = ''] = words.split('=', 2);
      defaults.set(variable, value);
    }
  }
  return stages;
}

function instructionsOf(text: string): Instruction[] {
  const joined = text.replace(/^\s*#.*\n/gm, '').replace(/\\\n\s*/g, ' ');
  return joined.split('\n').flatMap((line) => {
    const found = /^([A-Z]+)\s+(.*)$/.exec(line.trim());
    return found ? [{ name: found[1] ?? '', text: (found[2] ?? '').trim() }] : [];
  });
}

export function stageOf(stages: readonly Stage[], name: string): Stage {
  const stage = stages.find((one) => one.name === name);
  if (!stage) throw new Error(`the Dockerfile has no stage "${name}"`);
  return stage;
}

/** The stage itself, after the stages that it stands on. */
export function lineageOf(stages: readonly Stage[], name: string): readonly Stage[] {
  const stage = stageOf(stages, name);
  const base = stages.some((one) => one.name === stage.base) ? lineageOf(stages, stage.base) : [];
  return [...base, stage];
}

export function copyOf(text: string): Copy {
  const words = text.split(/\s+/);
  const flags = words.filter((word) => word.startsWith('--'));
  const paths = words.filter((word) => !word.startsWith('--'));
  const from = flags.find((flag) => flag.startsWith('--from='))?.slice('--from='.length);
  return { from, sources: paths.slice(0, -1), target: paths.at(-1) ?? '' };
}

/** What the stage and those that it stands on say; the last word counts. */
export function settingsOf(stages: readonly Stage[], name: string): ImageSettings {
  let settings: ImageSettings = { env: {}, workdir: '/', user: undefined, command: [], healthcheck: undefined };
  for (const instruction of lineageOf(stages, name).flatMap((stage) => stage.instructions)) {
    settings = { ...settings, ...settingOf(instruction, settings) };
  }
  return settings;
}

function settingOf({ name, text }: Instruction, before: ImageSettings): Partial<ImageSettings> {
  if (name === 'ENV') {
    const pairs = text.split(/\s+/).map((pair) => pair.split('=', 2) as [string, string]);
    return { env: { ...before.env, ...Object.fromEntries(pairs) } };
  }
  if (name === 'WORKDIR') return { workdir: text };
  if (name === 'USER') return { user: text };
  if (name === 'CMD') return { command: listOf(text) };
  if (name === 'HEALTHCHECK') return { healthcheck: listOf(text.slice(text.indexOf('CMD') + 3)) };
  return {};
}

/** The exec form, `["a", "b"]`: a shell between the container and the process would swallow SIGTERM. */
function listOf(text: string): readonly string[] {
  const list: unknown = JSON.parse(text.trim());
  if (!Array.isArray(list) || !list.every((word) => typeof word === 'string')) throw new Error(`${text}: not a list`);
  return list;
}
