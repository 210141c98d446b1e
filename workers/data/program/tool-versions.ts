/** Versions of the tools that chains call, as the registry of tools has them. */
import { TOOLS } from '../../tools/registry.ts';

const VERSIONS = new Map(TOOLS.map(({ name, version }) => [name, version]));

/** @param names of tools; Terminate has no version */
export function toolVersions(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (VERSIONS.has(name) ? [[name, VERSIONS.get(name) as string]] : [])),
  );
}
