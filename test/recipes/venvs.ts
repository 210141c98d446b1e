/**
 * Pythons with the trainers, made once under .cota/recipes: torch lies in one of them and the others look there, since
 * each trainer bounds transformers, datasets and TRL in its own way.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type LineReader, run } from './run.ts';

export type Trainer = 'trl' | 'ms-swift' | 'llamafactory';

const ROOT = resolve('.cota/recipes');
/** `===` is the very build that torchvision's wheel was made for, where pip knows other builds of that version. */
const TORCH = ['torch===2.13.0', 'torchvision==0.28.0', 'deepspeed==0.19.8', 'setuptools'];
const PACKAGES: Readonly<Record<Trainer, readonly string[]>> = {
  trl: ['trl==1.16.0', 'transformers==5.24.0', 'accelerate==1.15.0', 'pillow'],
  'ms-swift': ['ms-swift==4.6.0', 'transformers==5.19.0', 'qwen-vl-utils==0.0.14'],
  llamafactory: ['llamafactory==0.9.5', 'transformers==5.6.0'],
};
export const VERSIONS: Readonly<Record<Trainer, string>> = {
  trl: 'TRL 1.16.0',
  'ms-swift': 'ms-swift 4.6.0',
  llamafactory: 'LLaMA-Factory 0.9.5',
};

const pythonOf = (name: string): string => join(ROOT, name, 'bin/python');

/** @returns its python, or in words why there is none */
export async function pythonFor(trainer: Trainer, say: LineReader): Promise<{ python: string } | { missing: string }> {
  const torch = await venv('torch', TORCH, undefined, say);
  if (torch !== undefined) return { missing: torch };
  const fault = await venv(trainer, PACKAGES[trainer], await sitePackages(pythonOf('torch')), say);
  return fault === undefined ? { python: pythonOf(trainer) } : { missing: fault };
}

/** @param beside a folder of packages that this one sees too */
async function venv(
  name: string,
  packages: readonly string[],
  beside: string | undefined,
  say: LineReader,
): Promise<string | undefined> {
  const folder = join(ROOT, name);
  const done = join(folder, 'done');
  if (existsSync(done)) return undefined;
  const made = await run(['python3', '-m', 'venv', '--clear', folder], { onLine: say });
  if (made !== 0) return 'there is no python3 that can make a venv';
  if (beside !== undefined) await writeFile(join(await sitePackages(pythonOf(name)), 'torch.pth'), `${beside}\n`);
  say(`Installing ${packages.join(', ')} into ${folder}, once. torch and what it brings are some gigabytes.`);
  const pip = [pythonOf(name), '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages];
  if ((await run(pip, { onLine: say })) !== 0) return `pip could not install ${packages[0]}`;
  await writeFile(done, `${packages.join('\n')}\n`);
  return undefined;
}

const sitePackages = (python: string): Promise<string> =>
  new Promise((found, failed) => {
    const child = spawn(python, ['-c', "import sysconfig; print(sysconfig.get_paths()['purelib'])"]);
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    child.on('error', failed);
    child.on('exit', (code) => (code === 0 ? found(text.trim()) : failed(new Error(`${python} cannot be run`))));
  });
