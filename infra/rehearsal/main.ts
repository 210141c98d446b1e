/**
 * `npm run rehearse`: docker-compose.yml without docker. Makes each image's folder from the Dockerfile and .dockerignore,
 * with production dependencies alone, starts each service as its image and the compose file say, in the order of
 * depends_on, asks a question, has data made, and stops all with SIGTERM. redis-server and s3rver of this machine stand for the services
 * redis and s3. Left out: base images, networks, limits, and the services of profiles.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { anyFreePort } from '../stack/ports.ts';
import { type ComposeService, durationMs, readCompose, readEnvFile } from './compose.ts';
import { makeData } from './data-job.ts';
import { type ImageSettings, parseDockerfile, settingsOf } from './dockerfile.ts';
import { openFolders } from './folders.ts';
import { askAboutReceipt } from './question.ts';
import { type Started, startService, stopService, untilDone, untilHealthy } from './services.ts';

const TOP = resolve(import.meta.dirname, '../..');
const HOST = '127.0.0.1';
const SECRET = 'rehearsal-0123456789abcdef';
/** s3rver knows no other keys. */
const STAND_IN = { COTA_S3_ACCESS_KEY_ID: 'S3RVER', COTA_S3_SECRET_ACCESS_KEY: 'S3RVER', COTA_S3_BUCKET: 'rehearsal' };

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const variables = {
  ...readEnvFile(readFileSync(join(TOP, '.env.example'), 'utf8')),
  ...{ COTA_API_KEY: SECRET, COTA_SECRET_KEY: SECRET, REDIS_PASSWORD: SECRET, ...STAND_IN },
};
const compose = readCompose(readFileSync(join(TOP, 'docker-compose.yml'), 'utf8'), variables);
const stages = parseDockerfile(readFileSync(join(TOP, 'infra/docker/Dockerfile'), 'utf8'));
const services = Object.entries(compose.services).filter(([, service]) => service.profiles.length === 0);

const scratch = mkdtempSync(join(tmpdir(), 'cota-rehearsal-'));
chmodSync(scratch, 0o755);
const folders = openFolders(stages, TOP, join(scratch, 'images'));
const started: Started[] = [];
const ready = new Map<string, Promise<void>>();
let kept = false;

/** Once for each service, after what it depends on. */
function bringUp(name: string): Promise<void> {
  const known = ready.get(name);
  if (known) return known;
  const service = services.find(([one]) => one === name)?.[1];
  if (!service) throw new Error(`depends_on names "${name}", which is no service without a profile`);
  const coming = start(name, service);
  ready.set(name, coming);
  return coming;
}

async function start(name: string, service: ComposeService): Promise<void> {
  await Promise.all(Object.keys(service.depends_on).map(bringUp));
  const since = performance.now();
  const one = name === 's3' ? startS3(service) : startService(service, imageOf(service), await placeOf(name, service));
  started.push(one);
  if (service.healthcheck?.disable) await untilDone(one);
  else await untilHealthy(one);
  say(
    `${name.padEnd(10)} ${service.healthcheck?.disable ? 'done' : 'healthy'} after ${seconds(performance.now() - since)}`,
  );
}

const imageOf = ({ build }: ComposeService): ImageSettings =>
  build
    ? settingsOf(stages, build.target)
    : { env: {}, workdir: '/', user: undefined, command: [], healthcheck: undefined };

const ports = { redis: await anyFreePort(HOST), s3: await anyFreePort(HOST), api: await anyFreePort(HOST) };

async function placeOf(name: string, { build }: ComposeService) {
  const common = { name, scratch };
  if (!build) {
    // The service redis: its own arguments, with the port and folders of this machine.
    mkdirSync(join(scratch, 'redis'), { mode: 0o777 });
    chmodSync(join(scratch, 'redis'), 0o777);
    const here = ['/etc/cota/redis.conf', join(TOP, 'infra/redis.conf')] as const;
    return { ...common, root: join(scratch, 'redis'), stands: new Map([here, ['0.0.0.0', HOST]]) };
  }
  const root = folders.of(build.target);
  const health = await anyFreePort(HOST);
  const stands = new Map([
    ['redis:6379', `${HOST}:${ports.redis}`],
    ['s3:7070', `${HOST}:${ports.s3}`],
    [`${HOST}:8080`, `${HOST}:${ports.api}`],
    ['8080', String(ports.api)],
    ['9100', String(health)],
    ['0.0.0.0', HOST],
    ['/app', join(root, 'app')],
  ]);
  return { ...common, root, stands };
}

function startS3(service: ComposeService): Started {
  const args = [process.execPath, '--openssl-legacy-provider', join(TOP, 'infra/stack/s3rver.ts')];
  const command = [...args, join(scratch, 's3'), String(ports.s3)];
  mkdirSync(join(scratch, 's3'), { mode: 0o777 });
  chmodSync(join(scratch, 's3'), 0o777);
  const test = ['CMD', process.execPath, join(TOP, 'infra/docker/healthcheck.ts'), `http://${HOST}:${ports.s3}/cota`];
  const stand: ComposeService = { ...service, command, environment: {}, healthcheck: { test } };
  const image: ImageSettings = { env: {}, workdir: '/', user: undefined, command: [], healthcheck: undefined };
  return startService(stand, image, { name: 's3', root: scratch, scratch, stands: new Map() });
}

async function rehearse(): Promise<void> {
  const since = performance.now();
  for (const [, { build }] of services) if (build) folders.of(build.target);
  const size = execFileSync('du', ['-sm', join(folders.of('api'), 'app')], { encoding: 'utf8' }).split('\t')[0];
  say(`images      made in ${seconds(performance.now() - since)}: ${size} MB on top of the base`);
  const redis = compose.services.redis;
  if (redis) {
    redis.command = [...(redis.command ?? []), '--port', String(ports.redis)];
    const test = redis.healthcheck?.test ?? [];
    redis.healthcheck = { test: [...test.slice(0, 2), '-p', String(ports.redis), ...test.slice(2)] };
  }
  await Promise.all(services.map(([name]) => bringUp(name)));
  const asked = performance.now();
  const answer = await askAboutReceipt(`http://${HOST}:${ports.api}`, SECRET);
  say(`question    answered in ${seconds(performance.now() - asked)}: ${answer}`);
  const begun = performance.now();
  const made = await makeData(`http://${HOST}:${ports.api}`, SECRET);
  say(`data job    over in ${seconds(performance.now() - begun)}: ${made}`);
}

/** The command in the image finds all that docs/deploy.md says it looks at. */
async function examine(): Promise<void> {
  const api = started.find(({ name }) => name === 'api');
  const report = await api?.exec('node', 'infra/cli/cota.ts', 'doctor').catch((error: unknown) => {
    throw new Error(`cota doctor: ${(error as { stdout?: string }).stdout ?? String(error)}`);
  });
  say(`doctor      ${report?.trim().split('\n').at(-1)}`);
}

async function stopAll(): Promise<void> {
  const ours = started.filter(({ name }) => compose.services[name]?.build && name !== 'bucket');
  const rest = started.filter(({ name }) => name === 'redis' || name === 's3');
  for (const group of [ours, rest]) {
    await Promise.all(
      group.map(async (one) => {
        const within = durationMs(compose.services[one.name]?.stop_grace_period ?? '10s');
        say(
          `${one.name.padEnd(10)} ended with 0 after ${seconds(await stopService(one, within))} (of ${seconds(within)})`,
        );
      }),
    );
  }
}

try {
  await rehearse();
  await examine();
  await stopAll();
  say('all of it works');
} catch (error) {
  kept = true;
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
} finally {
  for (const { child } of started) child.kill('SIGKILL');
  if (!kept) rmSync(scratch, { recursive: true, force: true });
}
