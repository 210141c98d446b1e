/** Reads docker-compose.yml with its variables put in, as far as our file goes. `docker compose config` is the judge. */
import { parse } from 'yaml';
import { z } from 'zod';

const words = z.array(z.string());

const service = z.looseObject({
  image: z.string().optional(),
  profiles: words.default([]),
  build: z.looseObject({ context: z.string(), dockerfile: z.string(), target: z.string() }).optional(),
  command: words.optional(),
  environment: z.record(z.string(), z.string()).default({}),
  healthcheck: z.looseObject({ test: words.optional(), disable: z.boolean().optional() }).optional(),
  depends_on: z.record(z.string(), z.looseObject({ condition: z.string() })).default({}),
  ports: z.array(z.looseObject({ target: z.number() })).default([]),
  volumes: words.default([]),
  stop_grace_period: z.string().optional(),
  init: z.boolean().optional(),
  container_name: z.string().optional(),
});
export type ComposeService = z.infer<typeof service>;

const file = z.looseObject({ services: z.record(z.string(), service), volumes: z.record(z.string(), z.unknown()) });
export type Compose = z.infer<typeof file>;

export type Variables = Readonly<Record<string, string | undefined>>;

/** @throws UnsetVariable, or an Error that names what is wrong */
export function readCompose(text: string, variables: Variables): Compose {
  return file.parse(withVariables(parse(text, { merge: true }), variables));
}

export class UnsetVariable extends Error {
  override readonly name = 'UnsetVariable';
}

function withVariables(value: unknown, variables: Variables): unknown {
  if (typeof value === 'string') return interpolate(value, variables);
  if (Array.isArray(value)) return value.map((one) => withVariables(one, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withVariables(inner, variables)]));
}

/** `${NAME}`, `${NAME:-default}` and `${NAME:?what to do}`; a variable that is set to nothing counts as not set. */
function interpolate(text: string, variables: Variables): string {
  return text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, kind: string | undefined, words = '') => {
    const value = variables[name] || undefined;
    if (value !== undefined) return value;
    if (kind === '?') throw new UnsetVariable(`${name}: ${words}`);
    return kind === '-' ? words : '';
  });
}

/** Names of all variables that a compose file asks for. */
export const variablesIn = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(/\$\{(\w+)/g)].map((match) => match[1] ?? ''));

/** `45s`, `30m` -> milliseconds */
export function durationMs(text: string): number {
  const found = /^(\d+)(ms|s|m|h)$/.exec(text);
  const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[found?.[2] ?? ''];
  if (!found || unit === undefined) throw new Error(`${text} is no time such as 45s`);
  return Number(found[1]) * unit;
}

/** `NAME=value` lines of a .env file. */
export function readEnvFile(text: string): Record<string, string> {
  const lines = text.split('\n').flatMap((line) => {
    const found = /^(\w+)=(.*)$/.exec(line.trim());
    return found ? [[found[1] ?? '', found[2] ?? ''] as const] : [];
  });
  return Object.fromEntries(lines);
}
