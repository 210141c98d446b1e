/** A line of a batch's output or error file -> a row of its table. */
import { z } from 'zod';

export interface ResultRow {
  readonly custom_id: string | null;
  readonly status: 'completed' | 'incomplete' | 'failed' | 'expired' | 'cancelled' | 'refused';
  readonly answer: string | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly model: string | null;
  readonly run_id: string | null;
  readonly stop_reason: string | null;
  readonly replies: number | null;
  readonly tool_calls: number | null;
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly total_tokens: number | null;
}

const text = z.string().nullish();
const number = z.number().nullish();
const fault = z.object({ code: text, message: text }).nullish();
const facts = z
  .object({
    run_id: text,
    stop_reason: text,
    usage: z.object({ replies: number, tool_calls: number }).nullish(),
  })
  .nullish();

/** What a Response, a chat completion and an error body have that a table shows. */
const answerBody = z
  .object({
    model: text,
    status: text,
    error: fault,
    cota: facts,
    output: z
      .array(z.object({ type: z.string(), content: z.array(z.object({ type: z.string(), text })).nullish() }))
      .nullish(),
    choices: z.array(z.object({ finish_reason: text, message: z.object({ content: text }).nullish() })).nullish(),
    usage: z
      .object({
        input_tokens: number,
        output_tokens: number,
        prompt_tokens: number,
        completion_tokens: number,
        total_tokens: number,
      })
      .nullish(),
  })
  .nullish();
type AnswerBody = NonNullable<z.infer<typeof answerBody>>;

const resultLine = z.object({
  custom_id: text,
  response: z.object({ body: answerBody }).nullish(),
  error: fault,
});

/** @param line the parsed JSON of a line */
export function rowOf(line: unknown): ResultRow {
  const { custom_id: customId = null, response, error } = resultLine.parse(line);
  const body = response?.body ?? {};
  const { model = null, usage, cota } = body;
  const wrong = error ?? body.error;
  return {
    custom_id: customId,
    status: statusOf(body, wrong?.code, wrong != null),
    answer: answerOf(body),
    error_code: wrong?.code ?? null,
    error_message: wrong?.message ?? null,
    model,
    run_id: cota?.run_id ?? null,
    stop_reason: cota?.stop_reason ?? null,
    replies: cota?.usage?.replies ?? null,
    tool_calls: cota?.usage?.tool_calls ?? null,
    input_tokens: usage?.input_tokens ?? usage?.prompt_tokens ?? null,
    output_tokens: usage?.output_tokens ?? usage?.completion_tokens ?? null,
    total_tokens: usage?.total_tokens ?? null,
  };
}

function statusOf(body: AnswerBody, code: string | null | undefined, wrong: boolean): ResultRow['status'] {
  if (code === 'batch_expired') return 'expired';
  if (code === 'batch_cancelled') return 'cancelled';
  const { status } = body;
  if (status === 'completed' || status === 'incomplete' || status === 'cancelled') return status;
  // A request that is wrong never became a run.
  if (wrong) return status === 'failed' || body.cota?.run_id != null ? 'failed' : 'refused';
  // A chat completion says it by its finish alone; one that was cut short with an answer has its answer.
  const [choice] = body.choices ?? [];
  return choice?.finish_reason === 'length' && (choice.message?.content ?? '') === '' ? 'incomplete' : 'completed';
}

function answerOf({ output, choices }: AnswerBody): string | null {
  const [choice] = choices ?? [];
  if (choice) return choice.message?.content || null;
  const texts = (output ?? [])
    .filter((item) => item.type === 'message')
    .flatMap((item) => item.content ?? [])
    .filter((part) => part.type === 'output_text')
    .map((part) => part.text ?? '');
  return texts.length === 0 ? null : texts.join('');
}
