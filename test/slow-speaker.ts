/** A model server that takes a second to say its one turn, for tests of what is told meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type FakeServer, startFakeServer } from './fake-openai-server.ts';

/** What it says, in the dialect `taco`. */
export const SPOKEN = JSON.stringify({
  thought: 'It is said slowly, so that somebody can read it while it comes.',
  actions: [{ name: 'Terminate', arguments: { answer: 'said' } }],
});

export const startSpeaker = (): Promise<FakeServer> =>
  startFakeServer((exchange) => {
    void (async () => {
      const choice = (delta: object, finish_reason: string | null) => ({
        choices: [{ index: 0, delta, finish_reason }],
      });
      for (let at = 0; at < SPOKEN.length; at += 8) {
        exchange.send(choice({ content: SPOKEN.slice(at, at + 8) }, null));
        await sleep(50);
      }
      exchange.send(choice({}, 'stop'));
      exchange.send({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 } });
      exchange.send('[DONE]');
      exchange.response.end();
    })();
  });

/** Its entry of models.yaml. */
export const speakingModel = (baseUrl: string) => ({
  backend: 'openai',
  base_url: baseUrl,
  model: 'speaker',
  dialect: 'taco',
  prompt: 'short',
  concurrency: 4,
});
