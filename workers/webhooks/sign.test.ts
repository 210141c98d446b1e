import OpenAI from 'openai';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { envelopeOf } from '../../shared/webhooks/events.ts';
import { newSecret } from '../../shared/webhooks/secrets.ts';
import { signedHeaders } from './sign.ts';

const body = envelopeOf({
  id: 'evt_1',
  type: 'response.completed',
  createdAt: 1_770_000_000_123,
  data: { id: 'resp_1', metadata: { name: 'Zoë 🙂' } },
});
const delivery = { event: 'evt_1', body };
const now = Math.floor(Date.now() / 1000);

test('the verifier of Standard Webhooks accepts each of several secrets, and no other', () => {
  const secrets = [newSecret(), newSecret()];
  const headers = signedHeaders(delivery, secrets, now);
  for (const secret of secrets) expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
  expect(() => new Webhook(newSecret()).verify(body, headers)).toThrow('No matching signature');
  expect(() => new Webhook(secrets[0] ?? '').verify(`${body} `, headers)).toThrow('No matching signature');
});

test("OpenAI's client unwraps it, with either secret", async () => {
  const secrets = [newSecret(), newSecret()];
  const headers = signedHeaders(delivery, secrets, now);
  for (const webhookSecret of secrets) {
    const client = new OpenAI({ apiKey: 'unused', webhookSecret });
    const event = await client.webhooks.unwrap(body, headers);
    expect(event).toMatchObject({ id: 'evt_1', object: 'event', type: 'response.completed', data: { id: 'resp_1' } });
    if (event.type === 'response.completed') expect(event.created_at).toBe(1_770_000_000);
  }
  const stranger = new OpenAI({ apiKey: 'unused', webhookSecret: newSecret() });
  await expect(stranger.webhooks.unwrap(body, headers)).rejects.toThrow('signature');
});

test('a try of the past is refused: each try is signed anew, the id stays', () => {
  const secret = newSecret();
  const old = signedHeaders(delivery, [secret], now - 600);
  expect(() => new Webhook(secret).verify(body, old)).toThrow('too old');
  const fresh = signedHeaders(delivery, [secret], now);
  expect(fresh['webhook-id']).toBe(old['webhook-id']);
  expect(new Webhook(secret).verify(body, fresh)).toBeTruthy();
});
