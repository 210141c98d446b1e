/** A zod issue -> the error that a client sees: which field, what is wrong, what it may be. */
import type { z } from 'zod';
import { CotaError, type ErrorCode } from '../errors.ts';
import type { IssueParams } from './schema.ts';

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

/** What zod says of a field that is not there. */
const ABSENT: ReadonlySet<string> = new Set(['invalid_type', 'invalid_value', 'invalid_union']);

/** Stands where a schema has no words of its own; never shown. */
const UNSAID = '\u0000';

/**
 * Parses with a schema and throws the first thing that is wrong, in OpenAI's codes and with OpenAI's `param`.
 * @throws CotaError with `param` such as `input[0].content[1].image_url`
 */
export function parseStrictly<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body, { error: () => UNSAID });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (!issue) throw new CotaError('invalid_request', 'The request cannot be read.');
  const [inner, path, key] = innermost(issue, issue.path);
  throw errorOf(inner, path, key ?? valueAt(body, path));
}

/**
 * Follows unions into the branch that came furthest, and keys into what is wrong with them.
 * @returns the issue, where it is, and the key where that itself is wrong
 */
function innermost(issue: Issue, path: Path): readonly [Issue, Path, PropertyKey?] {
  if (issue.code === 'invalid_union' && issue.message === UNSAID) {
    const branches = issue.errors.map((branch) => branch[0]).filter((first) => first !== undefined);
    const wrongType = branches.every((first) => first.path.length === 0 && first.code === 'invalid_type');
    if (branches.length > 0 && !wrongType) {
      const furthest = branches.reduce((best, next) => (reach(next) > reach(best) ? next : best));
      return innermost(furthest, [...path, ...furthest.path]);
    }
  }
  if (issue.code === 'invalid_key' && issue.issues[0]) return [issue.issues[0], path, path.at(-1) ?? ''];
  return [issue, path];
}

/** A branch whose value had the right type went further than one that was refused at its door. */
const reach = (issue: Issue): number => issue.path.length * 2 + (issue.code === 'invalid_type' ? 0 : 1);

function errorOf(issue: Issue, path: Path, value: unknown): CotaError {
  const param = paramOf(path);
  const at = param === '' ? 'the body' : `'${param}'`;
  const fail = (code: ErrorCode, words: string, where = param) =>
    new CotaError(code, issue.message === UNSAID ? words : issue.message, where === '' ? {} : { param: where });
  if (value === undefined && param !== '' && ABSENT.has(issue.code)) {
    const hint = issue.message === UNSAID ? '' : ` ${issue.message}`;
    return new CotaError('missing_required_parameter', `Missing required parameter: '${param}'.${hint}`, { param });
  }
  if (value === undefined && param === '' && issue.code === 'invalid_type') {
    return new CotaError('missing_required_parameter', 'The request has no body: send JSON.');
  }
  switch (issue.code) {
    case 'unrecognized_keys': {
      const name = paramOf([...path, issue.keys[0] ?? '']);
      const hint =
        name === 'extra_body'
          ? ' The Python client merges extra_body into the body; in JSON, write its fields at the top.'
          : '';
      return fail('unknown_parameter', `Unknown parameter: '${name.slice(0, 200)}'.${hint}`, name);
    }
    case 'invalid_type': {
      if (typeof value === 'number' && !Number.isFinite(value))
        return fail('invalid_value', `Invalid value for ${at}: expected ${aName(issue.expected)}.`);
      if (issue.expected === 'null') return fail('unsupported_parameter', `${at} is not supported.`);
      return fail(
        'invalid_type',
        `Invalid type for ${at}: expected ${aName(issue.expected)}, got ${aName(typeOf(value))}.`,
      );
    }
    case 'too_big': {
      const most = Number(issue.maximum).toLocaleString('en');
      if (issue.origin === 'string') {
        const length = typeof value === 'string' ? `, got ${value.length.toLocaleString('en')}` : '';
        return fail('string_above_max_length', `${at} is too long: at most ${most} characters${length}.`);
      }
      const what = issue.origin === 'array' ? `at most ${most} items` : `at most ${most}, got ${String(value)}`;
      return fail('invalid_value', `${at} is too large: ${what}.`);
    }
    case 'too_small': {
      const least = `${issue.inclusive ? 'at least' : 'more than'} ${Number(issue.minimum).toLocaleString('en')}`;
      return fail(
        'invalid_value',
        `${at} is too small: ${least}, got ${typeof value === 'object' ? 'fewer' : String(value)}.`,
      );
    }
    case 'invalid_value': {
      return fail(
        'invalid_value',
        `Invalid value for ${at}: it may be ${issue.values.map((v) => JSON.stringify(v)).join(', ')}.`,
      );
    }
    case 'invalid_union':
      return fail(
        issue.discriminator === undefined ? 'invalid_type' : 'invalid_value',
        `Invalid type for ${at}: got ${aName(typeOf(value))}, expected ${expectedOf(issue)}.`,
      );
    case 'custom': {
      const params = issue.params as IssueParams | undefined;
      return fail(params?.code ?? 'invalid_value', `Invalid value for ${at}.`);
    }
    default:
      return fail('invalid_value', `Invalid value for ${at}.`);
  }
}

/** @returns OpenAI's way to write where: `input[0].content[1].image_url` */
export function paramOf(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

function valueAt(body: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    return (value as Record<PropertyKey, unknown>)[key];
  }, body);
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function expectedOf(issue: z.core.$ZodIssueInvalidUnion): string {
  const types = issue.errors.flatMap(([first]) => (first?.code === 'invalid_type' ? [aName(first.expected)] : []));
  return types.length > 0 ? types.join(' or ') : 'another value';
}

function aName(type: string): string {
  if (type === 'int') return 'a whole number';
  if (type === 'record') return 'an object';
  if (type === 'null' || type === 'undefined') return type;
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}
