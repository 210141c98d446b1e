/** docker-compose.yml, the Dockerfile and .dockerignore against what the code needs. `npm run rehearse` starts it all. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { DCLinter } from 'dclint';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  type ComposeService,
  durationMs,
  readCompose,
  readEnvFile,
  UnsetVariable,
  variablesIn,
} from '../../infra/rehearsal/compose.ts';
import { copyOf, parseDockerfile, settingsOf } from '../../infra/rehearsal/dockerfile.ts';
import { openDockerignore } from '../../infra/rehearsal/dockerignore.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { readEnv } from '../../shared/env.ts';
import { loadModels } from '../../shared/models.ts';

const TOP = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(TOP, path), 'utf8');
const COMPOSE = read('docker-compose.yml');
const EXTERNAL_S3 = 'infra/docker/compose.external-s3.yml';

const example = readEnvFile(read('.env.example'));
const SECRETS = Object.keys(example).filter((name) => example[name] === '');
const set = { ...example, ...Object.fromEntries(SECRETS.map((name) => [name, 'a-value-of-twenty-one'])) };
const compose = readCompose(COMPOSE, set);
const stages = parseDockerfile(read('infra/docker/Dockerfile'));
const lets = openDockerignore(read('.dockerignore'));

const built = Object.entries(compose.services).flatMap(([name, service]) =>
  service.build ? [{ name, service, image: settingsOf(stages, service.build.target) }] : [],
);
const commandOf = ({ service, image }: (typeof built)[number]): readonly string[] => service.command ?? image.command;
const settings = new Set([...read('shared/env.ts').matchAll(/^ {2}(COTA_\w+):/gm)].map((match) => match[1]));

/** With the rules of .dclintrc.yaml. @returns what it finds: `<rule>: <message>` */
function dclint(...files: string[]): string[] {
  const linter = new DCLinter({ quiet: false, debug: false, exclude: [], ...parse(read('.dclintrc.yaml')) });
  const results: readonly { messages: readonly { rule: string; message: string }[] }[] = linter.lintFiles(files, false);
  const found = results.flatMap(({ messages }) => messages);
  return found.map(({ rule, message }) => `${rule}: ${message}`);
}

test('dclint finds nothing, and would find something', async () => {
  expect(dclint(join(TOP, 'docker-compose.yml'), join(TOP, EXTERNAL_S3))).toEqual([]);
  const dir = await mkdtemp(join(tmpdir(), 'cota-dclint-'));
  const wrong = join(dir, 'docker-compose.yml');
  await writeFile(wrong, COMPOSE.replace('    restart: unless-stopped\n', '    restarts: always\n'));
  expect(dclint(wrong)).toContainEqual(expect.stringContaining('invalid-schema'));
  await rm(dir, { recursive: true });
});

test('every COTA_ setting that is named exists', () => {
  const named = [
    ...COMPOSE.matchAll(/\b(COTA_[A-Z0-9_]+)\b/g),
    ...read('.env.example').matchAll(/\b(COTA_[A-Z0-9_]+)/g),
  ];
  const inImages = built.flatMap(({ image }) => Object.keys(image.env)).filter((name) => name.startsWith('COTA_'));
  const names = new Set([...named.map((match) => match[1]), ...inImages]);
  expect(names.size).toBeGreaterThan(12);
  expect([...names].filter((name) => !settings.has(name))).toEqual([]);
});

test('without any one of the secrets, compose refuses to start', () => {
  expect(SECRETS.length).toBeGreaterThanOrEqual(5);
  for (const name of SECRETS) {
    expect(() => readCompose(COMPOSE, { ...set, [name]: '' }), name).toThrow(UnsetVariable);
  }
});

test('.env.example names what the compose file asks for, and nothing else', () => {
  const asked = variablesIn(COMPOSE);
  const named = [...read('.env.example').matchAll(/^#?(\w+)=/gm)].map((match) => match[1] ?? '');
  expect(named.filter((name) => !asked.has(name))).toEqual([]);
  const required = [...COMPOSE.matchAll(/\$\{(\w+):\?/g)].map((match) => match[1]);
  expect(new Set(required)).toEqual(new Set(SECRETS));
});

test('settings that compose gives a process are such as it takes', () => {
  for (const { service, image } of built) expect(() => readEnv({ ...image.env, ...service.environment })).not.toThrow();
});

test('a container is killed later than its process would end itself', () => {
  for (const { name, service } of built) {
    const env = readEnv({ ...service.environment });
    // shared/cluster.ts gives a stop this much more than the grace.
    const longestStopMs = env.COTA_GRACE_MS + 15_000;
    expect(durationMs(service.stop_grace_period ?? '10s'), name).toBeGreaterThan(longestStopMs);
    // Before its handlers are there, Node as process 1 would not hear SIGTERM.
    expect(service.init, name).toBe(true);
  }
});

test('scaled services have no name and no port of their own, and keys only where they are used', () => {
  for (const name of ['tools', 'model', 'webhooks', 'scheduler', 'data']) {
    const service = compose.services[name] as ComposeService;
    expect(service.container_name).toBeUndefined();
    expect(service.ports).toEqual([]);
    expect(service.environment.COTA_API_KEY).toBeUndefined();
  }
});

test('the tool workers of the profile pools serve each pool once, and take images in once', () => {
  const apart = Object.values(compose.services).filter((service) => service.profiles.includes('pools'));
  const all = readEnv({}).COTA_POOLS;
  expect(apart.map(({ environment }) => environment.COTA_POOLS).sort()).toEqual([...all].sort());
  expect(apart.filter(({ environment }) => environment.COTA_INTAKE !== 'false')).toHaveLength(1);
  const workers = Object.entries(compose.services).filter(([name]) => name.startsWith('tools'));
  expect(workers).toHaveLength(5);
  for (const [name, { volumes, build }] of workers) {
    const { env } = settingsOf(stages, build?.target ?? '');
    expect(volumes, name).toContain(`weights:${env.COTA_WEIGHTS}`);
    expect(volumes, name).toContain(`./tools.yaml:${env.COTA_TOOLS}:ro`);
  }
});

test('what is mounted from this folder exists', () => {
  const mounts = Object.values(compose.services).flatMap(({ volumes }) =>
    volumes.map((one) => one.split(':')[0] ?? ''),
  );
  const ofHere = mounts.filter((source) => source.startsWith('./'));
  expect(ofHere).toContain('./infra/redis.conf');
  for (const source of ofHere) expect(existsSync(join(TOP, source)), source).toBe(true);
  const named = mounts.filter((source) => !source.startsWith('./'));
  expect(new Set(named)).toEqual(new Set(Object.keys(compose.volumes)));
});

test('the models of the vllm profile: cota-nano as ever, and the name under which vllm serves', () => {
  const models = loadModels(join(TOP, 'infra/docker/models-vllm.yaml'));
  const served = models.get('qwen2.5-vl');
  const args = compose.services.vllm?.command ?? [];
  expect(served).toMatchObject({ backend: 'openai', base_url: 'http://vllm:8000/v1' });
  expect(served).toHaveProperty('model', args[args.indexOf('--served-model-name') + 1]);
  expect(models.get('cota-nano')).toEqual(loadModels(join(TOP, 'models.yaml')).get('cota-nano'));
});

/** Files of the context that a target's image holds. */
function heldBy(target: string): (path: string) => boolean {
  const sources = stages
    .filter((stage) => stage.name === 'source')
    .flatMap((stage) =>
      stage.instructions.filter((one) => one.name === 'COPY').flatMap((one) => copyOf(one.text).sources),
    );
  expect(settingsOf(stages, target).workdir).toBe('/app');
  return (path) => lets(path) && sources.some((source) => path === source || path.startsWith(`${source}/`));
}

test('every COPY finds its source', () => {
  const copies = stages.flatMap((stage) => stage.instructions.filter((one) => one.name === 'COPY'));
  for (const { from, sources } of copies.map((one) => copyOf(one.text))) {
    if (from !== undefined) expect(stages.some((stage) => stage.name === from)).toBe(true);
    else for (const source of sources) expect(existsSync(join(TOP, source)) && lets(source), source).toBe(true);
  }
});

test('secrets, data and history stay out of the images', () => {
  for (const path of [
    '.env',
    'cota.env',
    '.git/config',
    '.cota/key',
    'node_modules/zod/package.json',
    'test/harness.ts',
  ])
    expect(lets(path), path).toBe(false);
});

const programs = built.map((one) => ({
  name: one.name,
  entry: commandOf(one)[1] ?? '',
  check: one.image.healthcheck?.[1],
}));

test.each(programs)('the image of $name holds all that $entry imports', ({ name, entry, check }) => {
  const target = compose.services[name]?.build?.target ?? '';
  const held = heldBy(target);
  const { files, packages } = closureOf([entry, check ?? '']);
  expect(files.size).toBeGreaterThan(3);
  expect([...files].filter((file) => !held(file) || !existsSync(join(TOP, file)))).toEqual([]);
  const installed = { ...packageJson.dependencies, ...packageJson.optionalDependencies };
  expect([...packages].filter((one) => !(one in installed))).toEqual([]);
});

/** All files that these import or name beside themselves, and the packages they take; types aside. */
function closureOf(entries: readonly string[]): { files: ReadonlySet<string>; packages: ReadonlySet<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    if (!file.endsWith('.ts') || !existsSync(join(TOP, file))) return;
    for (const name of importsOf(read(file))) {
      if (name.startsWith('.')) visit(relative(TOP, resolve(TOP, dirname(file), name)));
      else if (!name.startsWith('node:')) packages.add(name.split('/', name.startsWith('@') ? 2 : 1).join('/'));
    }
  };
  for (const entry of entries) visit(entry);
  return { files, packages };
}

function importsOf(source: string): string[] {
  const code = source.replace(/^\s*(\/\/|\*|\/\*).*$/gm, '').replace(/^(import|export) type [^;]*;/gm, '');
  const patterns = [
    /\bfrom '([^']+)'/g,
    /^import '([^']+)'/gm,
    /\bimport\('([^']+)'\)/g,
    /new URL\('(\.[^']+)', import/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ''));
}
