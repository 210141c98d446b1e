/** Tools as functions with a JSON Schema, for formats that hand them to a chat template. */
import { z } from 'zod';
import type { JsonObject } from '../../../shared/contract.ts';

export interface FunctionSpec {
  readonly type: 'function';
  readonly function: { readonly name: string; readonly description: string; readonly parameters: JsonObject };
}

/**
 * Functions for the tools of a chain. The built-in ones are described as models are told of them at inference; a tool
 * of the user's own, of which a chain has no more than the name, takes any arguments.
 */
export async function loadFunctionSpecs(): Promise<(tools: readonly string[]) => readonly FunctionSpec[]> {
  // Loaded only where a format asks: the tools bring their engines' code along, some 100 MB.
  const { TOOLS } = await import('../../tools/registry.ts');
  const { terminate } = await import('../../tools/terminate.ts');
  const known = new Map<string, FunctionSpec>();
  const add = (name: string, description: string, parameters: JsonObject): void => {
    known.set(name, { type: 'function', function: { name, description, parameters } });
  };
  for (const tool of TOOLS) {
    const { $schema: _, ...made } = z.toJSONSchema(tool.arguments, { io: 'output' });
    add(tool.name, tool.description, tool.parameters ?? (made as JsonObject));
  }
  add(terminate.name, terminate.description, terminate.parameters);
  const any = (name: string): FunctionSpec => ({
    type: 'function',
    function: { name, description: '', parameters: { type: 'object', properties: {} } },
  });
  return (tools) => offered(tools).map((name) => known.get(name) ?? any(name));
}

/** As the prompt lists them: Terminate last, once. */
export const offered = (tools: readonly string[]): string[] => [
  ...tools.filter((name) => name !== 'Terminate'),
  'Terminate',
];
