/**
 * The system message of the TACO dialect, in a long form that explains everything and a short one for tuned models.
 * Any change of the words in this folder raises the dialect's version in shared/prompt-versions.ts; a test holds to it.
 */
import type { JsonObject, RunConfig, ToolSpec } from '../../../../shared/contract.ts';
import { workedExamples } from './examples.ts';
import { TERMINATE } from './shapes.ts';

const TERMINATE_SPEC: ToolSpec = {
  name: TERMINATE,
  version: '1',
  description: 'Ends the work and gives the answer to the person who asked. Nothing comes after it.',
  parameters: {
    type: 'object',
    properties: {
      answer: { type: 'string', description: 'the answer, short and in the form that the question asks for' },
    },
    required: ['answer'],
  },
  returns: 'nothing: the answer is handed over',
  example: { answer: 'two' },
  pool: 'cpu',
};

/** The actions that a run's model is told of: its tools, and Terminate as the last. */
function offered(tools: readonly ToolSpec[]): readonly ToolSpec[] {
  return [...tools.filter((tool) => tool.name !== TERMINATE), TERMINATE_SPEC];
}

/**
 * The system message of a run. It is a function of what the run pinned, so every turn of it sees the same bytes, and
 * all runs with the same model, tools and budget share them.
 */
export function systemText(config: RunConfig): string {
  const tools = offered(config.tools);
  return config.prompt === 'short' ? shortText(tools) : longText(tools, config.budgets.replies);
}

function shortText(tools: readonly ToolSpec[]): string {
  return [
    'Answer the question about the images step by step: each reply is one JSON object with your thought and the actions you need, until Terminate gives the answer.',
    `Actions: ${tools.map((tool) => tool.name).join(', ')}`,
  ].join('\n');
}

function longText(tools: readonly ToolSpec[], replies: number): string {
  const boxes = tools.some((tool) => JSON.stringify(tool.parameters).includes('"bbox"'));
  return [
    'You answer questions about images, and you can have actions carried out that look closer, measure or calculate for you. You work in steps: write down what you think and name the actions you need; you are shown what they found; go on until you can answer.',
    '## Actions',
    ...tools.map(describeTool),
    '## Rules',
    [
      '- Only the actions above exist, with only the arguments they list.',
      '- Images are named image-0, image-1 and so on. A picture that an action makes gets the next number and can be used like the others. Always write the name, never a path or a description.',
      boxes &&
        '- A box is [left, top, right, bottom], each a fraction of the width or height between 0 and 1, with left < right and top < bottom.',
      '- Several actions in one reply are carried out in their order, and you see all their results together. When one needs the result of another, ask for it in a later reply.',
      '- When you need no action yet, give an empty list and think on in the next reply.',
      '- Results can be wrong or incomplete. Compare them with what you see and with the question before you rely on them.',
      `- ${TERMINATE} ends the work. Its answer is all that the person sees: give it in the form they asked for, with its unit where there is one, without retelling how you found it.`,
      `- You have ${replies === 1 ? 'one reply' : `${replies} replies`} at most. Use as few as the question needs; the last must be ${TERMINATE}.`,
    ]
      .filter((rule) => rule !== false)
      .join('\n'),
    '## Form of a reply',
    [
      'Every reply is one JSON object and nothing around it:',
      '{"thought": "<what you know and what you do next>", "actions": [{"name": "<action>", "arguments": {"<argument>": <value>}}]}',
      'Within strings write a line break as \\n, a quotation mark as \\" and a backslash as \\\\.',
    ].join('\n'),
    '## Examples',
    ...workedExamples(tools),
  ].join('\n\n');
}

function describeTool(tool: ToolSpec): string {
  const properties = isObject(tool.parameters.properties) ? Object.entries(tool.parameters.properties) : [];
  const required = Array.isArray(tool.parameters.required) ? tool.parameters.required : [];
  const lines = properties.map(([name, schema]) => {
    const facts = [describeSchema(schema)];
    if (!required.includes(name)) facts.push('optional');
    if (isObject(schema) && schema.default !== undefined) facts.push(`default ${JSON.stringify(schema.default)}`);
    const words = isObject(schema) && typeof schema.description === 'string' ? `: ${schema.description}` : '';
    return `  - ${name} (${facts.join(', ')})${words}`;
  });
  return [
    `### ${tool.name}`,
    tool.description,
    lines.length > 0 ? `Arguments:\n${lines.join('\n')}` : 'Arguments: none',
    `Returns: ${tool.returns}`,
    `Example: ${JSON.stringify({ name: tool.name, arguments: tool.example })}`,
  ].join('\n');
}

/** A JSON Schema in a few words; what has none is shown as it is. */
function describeSchema(schema: JsonObject[string] | undefined): string {
  if (!isObject(schema)) return 'any value';
  if (Array.isArray(schema.enum)) return `one of ${schema.enum.map((value) => JSON.stringify(value)).join(', ')}`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const choices = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(choices)) return choices.map(describeSchema).join(' or ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => describeSchema({ ...schema, type })).join(' or ');
  switch (schema.type) {
    case 'array':
      return describeList(schema);
    case 'number':
    case 'integer':
      return `${schema.type}${describeRange(schema)}`;
    case 'object': {
      const inner = isObject(schema.properties) ? Object.entries(schema.properties) : [];
      return inner.length === 0
        ? 'object'
        : `object {${inner.map(([name, value]) => `${name}: ${describeSchema(value)}`).join(', ')}}`;
    }
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    default:
      return JSON.stringify(schema);
  }
}

function describeList(schema: JsonObject): string {
  if (Array.isArray(schema.prefixItems)) return `list [${schema.prefixItems.map(describeSchema).join(', ')}]`;
  const exact = schema.minItems !== undefined && schema.minItems === schema.maxItems;
  return `list of ${exact ? `exactly ${schema.minItems}: ` : ''}${describeSchema(schema.items)}`;
}

function describeRange(schema: JsonObject): string {
  // Bounds at the edge of what an integer can be are a schema library's way to say "an integer", and tell a model nothing.
  const bound = (value: unknown): value is number =>
    typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const low = bound(minimum) ? ` from ${minimum}` : bound(exclusiveMinimum) ? ` above ${exclusiveMinimum}` : '';
  const high = bound(maximum) ? ` to ${maximum}` : bound(exclusiveMaximum) ? ` below ${exclusiveMaximum}` : '';
  return low + high;
}

const isObject = (value: JsonObject[string] | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
