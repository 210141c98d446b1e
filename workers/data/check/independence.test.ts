import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';

const HERE = import.meta.dirname;
const DATA = dirname(HERE);
const GENERATORS = ['program', 'ask', 'scene', 'observe', 'words', 'render'];

const imports = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, path]) =>
    resolve(dirname(file), path!),
  );

/** All that a file brings in, directly or through others. */
function reached(from: string, seen = new Set<string>()): Set<string> {
  if (seen.has(from)) return seen;
  seen.add(from);
  for (const file of imports(from)) if (file.endsWith('.ts')) reached(file, seen);
  return seen;
}

it('shares no code with the generators, not even through others', () => {
  const files = readdirSync(HERE, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
  );
  expect(files.length).toBeGreaterThan(20);
  const guilty = files.flatMap((name) =>
    [...reached(join(HERE, name))]
      .map((file) => relative(DATA, file))
      .filter((file) => GENERATORS.some((folder) => file.startsWith(`${folder}/`))),
  );
  expect(guilty).toEqual([]);
});
