import { expect, test } from 'vitest';
import { durationMs, readCompose, readEnvFile, UnsetVariable } from './compose.ts';
import { copyOf, parseDockerfile, settingsOf } from './dockerfile.ts';
import { openDockerignore } from './dockerignore.ts';

const DOCKERFILE = `# syntax=docker/dockerfile:1
ARG BASE=node:24
FROM \${BASE} AS node
FROM node AS app
WORKDIR /app
ENV A=1 B=two
# a word on the next line
RUN one \\
    && two
USER 1000:1000
HEALTHCHECK --interval=30s CMD ["check", "me"]
FROM app AS api
ENV B=three
CMD ["node", "main.ts"]
`;

test('a stage has what the stages below it say, and its own word last', () => {
  const stages = parseDockerfile(DOCKERFILE);
  expect(stages.map(({ name, base }) => [name, base])).toEqual([
    ['node', 'node:24'],
    ['app', 'node'],
    ['api', 'app'],
  ]);
  expect(stages[1]?.instructions).toContainEqual({ name: 'RUN', text: 'one  && two' });
  expect(settingsOf(stages, 'api')).toEqual({
    env: { A: '1', B: 'three' },
    workdir: '/app',
    user: '1000:1000',
    command: ['node', 'main.ts'],
    healthcheck: ['check', 'me'],
  });
  expect(() => settingsOf(stages, 'cli')).toThrow('the Dockerfile has no stage "cli"');
});

test('a command in shell form is refused: its shell would not pass SIGTERM on', () => {
  expect(() => settingsOf(parseDockerfile('FROM x AS a\nCMD node main.ts\n'), 'a')).toThrow();
});

test('COPY', () => {
  expect(copyOf('--from=dependencies /app/node_modules ./node_modules')).toEqual({
    from: 'dependencies',
    sources: ['/app/node_modules'],
    target: './node_modules',
  });
  expect(copyOf('a b /app/')).toEqual({ from: undefined, sources: ['a', 'b'], target: '/app/' });
});

test.each([
  ['infra/cli/cota.ts', true],
  ['infra', true],
  ['infra/demo/menu.png', false],
  ['infra/cli/command.test.ts', false],
  ['shared/.env.local', false],
  ['.env', false],
  ['docs/api.md', false],
])('.dockerignore: %s', (path, expected) => {
  const lets = openDockerignore('# words\n*\n!infra\n!shared\n\ninfra/demo\n**/*.test.ts\n**/.env*\n');
  expect(lets(path)).toBe(expected);
});

test('variables of a compose file', () => {
  const text = (image: string): string => `services: { a: { image: "${image}" } }\nvolumes: {}`;
  const imageOf = (image: string, variables = {}) => readCompose(text(image), variables).services.a?.image;
  expect(imageOf('x:$' + '{TAG:-1}')).toBe('x:1');
  expect(imageOf('x:$' + '{TAG:-1}', { TAG: '' })).toBe('x:1');
  expect(imageOf('x:$' + '{TAG:?say which}', { TAG: '2' })).toBe('x:2');
  expect(() => imageOf('x:$' + '{TAG:?say which}', { TAG: '' })).toThrow(new UnsetVariable('TAG: say which'));
});

test('durations and .env files', () => {
  expect([durationMs('45s'), durationMs('30m')]).toEqual([45_000, 1_800_000]);
  expect(() => durationMs('soon')).toThrow('soon is no time');
  expect(readEnvFile('# A=1\nB=\nC=x=y\n')).toEqual({ B: '', C: 'x=y' });
});
