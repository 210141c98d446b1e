/** An MCP server at a URL of tools.yaml: nothing else is ever asked, and no answer may be endless. */
import { StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';

/** Of one answer; a stream of notifications has no such limit. */
const MOST_BYTES = 32 * 1024 * 1024;

/** @param headers sent with each request, such as a key */
export function httpTransport(url: string, headers: Readonly<Record<string, string>>): Transport {
  const server = new URL(url);
  return new StreamableHTTPClientTransport(server, {
    requestInit: { headers, redirect: 'error' },
    fetch: async (asked, init) => {
      const target = new URL(asked);
      if (target.href !== server.href) throw new Error(`${target.origin} is not the server that tools.yaml names`);
      const answer = await fetch(target, init);
      return init?.method === 'POST' ? bounded(answer) : answer;
    },
  });
}

function bounded(answer: Response): Response {
  if (!answer.body) return answer;
  let bytes = 0;
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, control) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) control.error(new Error(`the answer has more than ${MOST_BYTES / 1024 / 1024} MB`));
      else control.enqueue(chunk);
    },
  });
  const { status, statusText, headers } = answer;
  return new Response(answer.body.pipeThrough(count), { status, statusText, headers });
}
