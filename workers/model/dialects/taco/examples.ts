/** Worked examples for the long prompt, of our own making. A run sees only those whose actions it can take. */
import type { Action, JsonObject, ToolSpec } from '../../../../shared/contract.ts';
import { TERMINATE } from './shapes.ts';
import { observationHead } from './turns.ts';

interface Reply {
  readonly thought: string;
  readonly actions: readonly Action[];
  /** What each action found, in their order. */
  readonly observations: readonly JsonObject[];
}

interface Example {
  readonly scene: string;
  readonly question: string;
  readonly replies: readonly Reply[];
}

/** Examples with actions that a prompt shows at most; the one without any comes on top. */
const MOST = 2;

const EXAMPLES: readonly Example[] = [
  {
    scene: 'image-0 is the price board of a ferry',
    question: 'What do two adults and a bicycle pay?',
    replies: [
      {
        thought: 'The prices stand on the board, so I have its text read.',
        actions: [{ name: 'OCR', arguments: { image: 'image-0' } }],
        observations: [{ text: 'LAKE FERRY\nAdult  4.20\nChild  2.10\nBicycle  3.50' }],
      },
      {
        thought: 'An adult pays 4.20 and a bicycle 3.50. Two adults and one bicycle are 2 * 4.20 + 3.50.',
        actions: [{ name: 'Calculate', arguments: { expression: '2 * 4.20 + 3.50' } }],
        observations: [{ result: 11.9 }],
      },
      {
        thought: 'The sum is 11.90. The board names no currency, so I add none.',
        actions: [{ name: TERMINATE, arguments: { answer: '11.90' } }],
        observations: [],
      },
    ],
  },
  {
    scene: 'image-0 shows a beach under a clear sky',
    question: 'How many kites are in the air?',
    replies: [
      {
        thought: 'The kites are small and far apart. Boxes around them make the count safe.',
        actions: [{ name: 'LocalizeObjects', arguments: { image: 'image-0', objects: ['kite'] } }],
        observations: [
          {
            image: 'image-1',
            regions: [
              { label: 'kite', bbox: [0.12, 0.08, 0.2, 0.17], score: 0.81 },
              { label: 'kite', bbox: [0.47, 0.21, 0.53, 0.27], score: 0.74 },
              { label: 'kite', bbox: [0.7, 0.88, 0.79, 0.95], score: 0.42 },
            ],
          },
        ],
      },
      {
        thought:
          'Three boxes, but the third lies at the bottom edge: in image-1 it is a kite lying on the sand. Two are flying.',
        actions: [{ name: TERMINATE, arguments: { answer: '2' } }],
        observations: [],
      },
    ],
  },
  {
    scene: 'image-0 is a photo of a square with a tram at its far side',
    question: 'Which line is the tram on?',
    replies: [
      {
        thought: 'The sign above the windscreen is too small to read. I enlarge that part.',
        actions: [{ name: 'ZoomIn', arguments: { image: 'image-0', bbox: [0.62, 0.3, 0.7, 0.36], zoom_factor: 4 } }],
        observations: [{ image: 'image-1' }],
      },
      {
        thought: 'In image-1 the sign shows a 7 and the word Harbour.',
        actions: [{ name: TERMINATE, arguments: { answer: '7' } }],
        observations: [],
      },
    ],
  },
  {
    scene: 'image-0 shows a desk with a lamp and a vase',
    question: 'Which stands nearer to the camera, the lamp or the vase?',
    replies: [
      {
        thought: 'Neither covers the other, so I compare their depths. The two estimates do not depend on each other.',
        actions: [
          { name: 'EstimateObjectDepth', arguments: { image: 'image-0', object: 'lamp' } },
          { name: 'EstimateObjectDepth', arguments: { image: 'image-0', object: 'vase' } },
        ],
        observations: [{ depth: 0.61 }, { depth: 0.34 }],
      },
      {
        thought: 'A smaller depth is nearer: 0.34 for the vase, 0.61 for the lamp.',
        actions: [{ name: TERMINATE, arguments: { answer: 'the vase' } }],
        observations: [],
      },
    ],
  },
  {
    scene: 'image-0 is a typed letter',
    question: 'On which day was it written?',
    replies: [
      {
        thought: 'The date stands in the head of the letter, in small type. I have the text read.',
        actions: [{ name: 'OCR', arguments: { image: 'image-0' } }],
        observations: [{ text: 'Quay Street 14\nMonday, 3 June\n\nDear Ms Okafor,' }],
      },
      {
        thought: 'The head says Monday, 3 June. The question asks for the day it was written, which is that date.',
        actions: [{ name: TERMINATE, arguments: { answer: 'Monday, 3 June' } }],
        observations: [],
      },
    ],
  },
];

const WITHOUT_ACTIONS: Example = {
  scene: 'image-0 shows a street with lit lamps under a dark sky',
  question: 'Was the picture taken by day or by night?',
  replies: [
    {
      thought: 'The sky is dark and the lamps are lit: it is night. I can see that without any action.',
      actions: [{ name: TERMINATE, arguments: { answer: 'by night' } }],
      observations: [],
    },
  ],
};

/**
 * Examples that fit the tools, in the form of the conversation itself: those that show an action which no earlier one
 * showed, and last the one that needs none.
 */
export function workedExamples(tools: readonly ToolSpec[]): readonly string[] {
  const chosen: Example[] = [];
  const shown = new Set<string>([TERMINATE]);
  for (const example of EXAMPLES) {
    if (chosen.length === MOST) break;
    const actions = example.replies.flatMap((reply) => reply.actions);
    if (!actions.every((action) => isOffered(action, tools))) continue;
    if (actions.every((action) => shown.has(action.name))) continue;
    for (const action of actions) shown.add(action.name);
    chosen.push(example);
  }
  return [...chosen, WITHOUT_ACTIONS].map(write);
}

/** A tool of the same name may be another one: an example fits only if the tool takes all of its arguments. */
function isOffered(action: Action, tools: readonly ToolSpec[]): boolean {
  const properties = tools.find((tool) => tool.name === action.name)?.parameters.properties;
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties)) return false;
  return Object.keys(action.arguments).every((name) => Object.hasOwn(properties, name));
}

function write(example: Example, index: number): string {
  const lines = [`### ${index + 1}: ${example.scene}`, `Question: ${example.question}`];
  for (const { thought, actions, observations } of example.replies) {
    lines.push(`Reply: ${JSON.stringify({ thought, actions })}`);
    for (const [at, found] of observations.entries()) {
      lines.push(`${observationHead(at, actions[at]?.name ?? '', actions.length)} ${JSON.stringify(found)}`);
    }
  }
  return lines.join('\n');
}
