import { createHash } from 'node:crypto';
import type { ImageRef, JsonObject } from '../../shared/contract.ts';
import { readArguments } from './arguments.ts';
import { type Tool, ToolError } from './tool.ts';

/**
 * The name under which a tool's result is kept: same tenant, tool, version, engine and arguments, same key. Images
 * count by their bytes, not by their name in the run; arguments as the tool reads them, so that `image-0.png` and
 * `image-0` meet.
 * @param images of the run; a name that is not among them stays as it is (and the tool will refuse it)
 * @returns SHA-256 in hex
 */
export function cacheKey(
  tenant: string,
  tool: Pick<Tool, 'name' | 'version' | 'engine' | 'arguments' | 'example'>,
  args: JsonObject,
  images: readonly Pick<ImageRef, 'name' | 'sha256'>[],
): string {
  const hashes = new Map(images.map((image) => [image.name, image.sha256]));
  const { name, version, engine } = tool;
  const text = canonicalJson({ tenant, tool: name, version, engine, arguments: asRead(tool, args) }, hashes);
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Names of images in the arguments, in the order in which the key counts them: of two calls with one key, those at one
 * place have the same bytes.
 */
export function imagesNamed(
  tool: Pick<Tool, 'name' | 'arguments' | 'example'>,
  args: JsonObject,
  images: readonly Pick<ImageRef, 'name'>[],
): readonly string[] {
  const known = new Set(images.map(({ name }) => name));
  const named: string[] = [];
  const gather = (value: unknown): void => {
    if (typeof value === 'string' && known.has(value)) named.push(value);
    if (typeof value !== 'object' || value === null) return;
    for (const item of Array.isArray(value) ? value : sortedEntries(value).map(([, one]) => one)) gather(item);
  };
  gather(asRead(tool, args));
  return named;
}

/** Arguments that the tool refuses have a key too: the caller need not ask first. */
function asRead(tool: Pick<Tool, 'name' | 'arguments' | 'example'>, args: JsonObject): JsonObject {
  try {
    return readArguments(tool, args);
  } catch (error) {
    if (error instanceof ToolError) return args;
    throw error;
  }
}

const sortedEntries = (value: object): [string, unknown][] =>
  Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));

/** JSON with sorted keys and no spaces, but for images: their hash stands without quotes, so no text can look like one. */
function canonicalJson(value: unknown, hashes: ReadonlyMap<string, string>): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, hashes)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${sortedEntries(value)
      .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item, hashes)}`)
      .join(',')}}`;
  }
  const hash = typeof value === 'string' ? hashes.get(value) : undefined;
  return hash ?? JSON.stringify(value) ?? 'null';
}
