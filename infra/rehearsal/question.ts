/** The question of the rehearsal: needs the API, the store, intake, OCR, the model and the scheduler to be answered. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { responseObject } from '../../shared/response/schema.ts';

const PICTURE = join(import.meta.dirname, '../demo/receipt.png');
/** What stands on the receipt, as the demo's question has it. */
const TOTAL = '53.93';
const PATIENCE_MS = 60_000;

/** @returns the answer in words @throws Error when it is another, or none */
export async function askAboutReceipt(url: string, key: string): Promise<string> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const image_url = `data:image/png;base64,${readFileSync(PICTURE).toString('base64')}`;
  const content = [
    { type: 'input_image', image_url, detail: 'auto' },
    { type: 'input_text', text: 'What is the total?' },
  ];
  const body = JSON.stringify({ input: [{ role: 'user', content }], background: true });
  const until = performance.now() + PATIENCE_MS;
  let response = await call(`${url}/v1/responses`, { method: 'POST', headers, body }, responseObject, until);
  while (response.status === 'queued' || response.status === 'in_progress') {
    if (performance.now() > until) throw new Error(`the question is ${response.status} after ${PATIENCE_MS / 1000} s`);
    await sleep(200);
    response = await call(`${url}/v1/responses/${response.id}`, { headers }, responseObject, until);
  }
  const text = response.output
    .flatMap((item) => (item.type === 'message' ? item.content : []))
    .map((part) => part.text);
  const answer = text.join(' ');
  if (response.status !== 'completed' || !answer.includes(TOTAL)) {
    throw new Error(
      `the question is ${response.status}: "${answer}" instead of ${TOTAL}. ${response.error?.message ?? ''}`,
    );
  }
  return answer;
}

/** A 503 asks for another try: the API hears of workers within a heartbeat after they are healthy. */
export async function call<T>(url: string, init: RequestInit, schema: z.ZodType<T>, until: number): Promise<T> {
  for (;;) {
    const reply = await fetch(url, init);
    const body: unknown = await reply.json();
    if (reply.ok) return schema.parse(body);
    if (reply.status !== 503 || performance.now() > until)
      throw new Error(`${url}: ${reply.status} ${JSON.stringify(body)}`);
    await sleep(500);
  }
}
