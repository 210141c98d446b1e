/**
 * Makes, as plain folders, what the stages of the Dockerfile would hold beside their base images: COPY copies what
 * .dockerignore lets through, RUN runs in its folder. So what an image lacks is missing here too. Stages `system-...`
 * install programs of the system: their RUN is left out, as the base images are.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { childEnv } from '../../shared/env.ts';
import { copyOf, type Stage } from './dockerfile.ts';
import { openDockerignore } from './dockerignore.ts';

export interface Folders {
  /** The folder that stands for `/` of an image of this stage. @throws Error that names what a COPY does not find */
  of(stage: string): string;
}

/** @param top the build context; @param target where the folders are made */
export function openFolders(stages: readonly Stage[], top: string, target: string): Folders {
  const made = new Map<string, string>();
  const lets = openDockerignore(readFileSync(join(top, '.dockerignore'), 'utf8'));

  function of(name: string): string {
    const known = made.get(name);
    if (known !== undefined) return known;
    const stage = stages.find((one) => one.name === name);
    const base = stage && stages.some((one) => one.name === stage.base) ? of(stage.base) : undefined;
    const changes = stage?.instructions.some((one) => one.name === 'COPY' || one.name === 'RUN') ?? false;
    // A stage that only says what to start holds what its base holds.
    const root = base !== undefined && !changes ? base : join(target, name);
    made.set(name, root);
    if (root === base) return root;
    mkdirSync(root, { recursive: true });
    if (base !== undefined) link(`${base}/.`, root);
    if (stage) carryOut(stage, root);
    return root;
  }

  function carryOut(stage: Stage, root: string): void {
    let workdir = '/';
    for (const { name, text } of stage.instructions) {
      if (name === 'WORKDIR') workdir = text;
      if (name === 'COPY') copy(text, root, workdir);
      if (name === 'RUN' && !stage.name.startsWith('system-')) {
        const cwd = join(root, workdir);
        mkdirSync(cwd, { recursive: true });
        const script = text.replace(/^(--\S+\s+)+/, '');
        execFileSync('sh', ['-ec', script], { cwd, env: childEnv({}), stdio: ['ignore', 'ignore', 'inherit'] });
      }
    }
  }

  function copy(text: string, root: string, workdir: string): void {
    const { from, sources, target: to } = copyOf(text);
    const into = join(root, resolve(workdir, to));
    const asFolder = to.endsWith('/') || sources.length > 1;
    for (const source of sources) {
      const place = from === undefined ? join(top, source) : join(of(from), source);
      if (!statSync(place, { throwIfNoEntry: false })) throw new Error(`COPY ${text}: ${source} is not there`);
      const folder = statSync(place).isDirectory();
      const end = folder || !asFolder ? into : join(into, source.split('/').at(-1) ?? '');
      if (from === undefined) copyFromContext(place, end);
      else {
        mkdirSync(folder ? end : dirname(end), { recursive: true });
        link(folder ? `${place}/.` : place, end);
      }
    }
  }

  function copyFromContext(place: string, end: string): void {
    const files = statSync(place).isDirectory()
      ? readdirSync(place, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
      : [place];
    const pairs = files.map((file) => [file, join(end, relative(place, file))] as const);
    const kept = pairs.filter(([file]) => lets(relative(top, file)));
    if (kept.length === 0) throw new Error(`COPY ${relative(top, place)}: .dockerignore lets none of it in`);
    for (const [file, copied] of kept) {
      mkdirSync(dirname(copied), { recursive: true });
      copyFileSync(file, copied);
    }
  }

  return { of };
}

/** Hard links: node_modules of 200 MB need not be there twice. */
function link(from: string, to: string): void {
  execFileSync('cp', ['-al', from, to]);
}
