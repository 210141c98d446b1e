/** Prints what the parser makes of each malformed reply of the fixtures: `node test/bench/parser-table.ts`. */
import { parseReply } from '../../workers/model/dialects/taco/parse.ts';
import { malformedReplies } from '../fixtures/malformed-replies.ts';
import { sampleRun } from '../sample-run.ts';

const oneLine = (text: string, most: number): string => {
  const visible = text.replace(/\p{Cc}/gu, (char) => JSON.stringify(char).slice(1, -1));
  return visible.length > most ? `${visible.slice(0, most - 1)}…` : visible;
};

const rows = malformedReplies.map(({ name, reply, answerNow }, index) => {
  const { thought, actions, problem } = parseReply(reply, sampleRun(answerNow === undefined ? {} : { answerNow }));
  const calls = actions.map((action) => `${action.name} ${JSON.stringify(action.arguments)}`).join(' + ');
  return [
    String(index + 1).padStart(3),
    name.slice(0, 44).padEnd(44),
    oneLine(reply, 60).padEnd(60),
    oneLine(thought, 28).padEnd(28),
    problem === undefined ? oneLine(calls || '(no action)', 90) : `problem: ${problem}`,
  ].join(' | ');
});
const unreadable = malformedReplies.filter((row) => row.problem !== undefined).length;

console.log(['  #', 'kind'.padEnd(44), 'reply'.padEnd(60), 'thought'.padEnd(28), 'actions, or feedback'].join(' | '));
console.log(rows.join('\n'));
console.log(
  `\n${rows.length} replies: ${rows.length - unreadable} read, ${unreadable} answered with words for the model`,
);
