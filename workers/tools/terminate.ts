import { z } from 'zod';
import type { ToolSpec } from '../../shared/contract.ts';

const { $schema: _, ...parameters } = z.toJSONSchema(
  z.object({ answer: z.string().describe('the final answer, as short as the question allows') }),
);

/**
 * The action that ends a run with its answer. It has a spec, so that models are told of it like of any tool, but no
 * worker carries it out: the run machine does.
 */
export const terminate: ToolSpec = {
  name: 'Terminate',
  version: '1',
  description: 'Ends the task with the final answer to the user.',
  parameters: parameters as ToolSpec['parameters'],
  returns: 'nothing: the task is over',
  example: { answer: 'yes' },
  pool: 'none',
};
