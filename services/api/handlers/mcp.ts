/** /mcp: the cluster's tools for MCP clients, over streamable HTTP without sessions. */
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import packageJson from '../../../package.json' with { type: 'json' };
import type { Handler } from '../http.ts';
import { answerMcp } from '../mcp/mcp-server.ts';

export const mcp: Handler = async (request, parts) => {
  const { status, headers, body } = await answerMcp(request, parts, packageJson.version);
  const stream = headers.get('content-type')?.startsWith('text/event-stream') === true;
  return {
    status,
    headers: {
      'content-type': 'application/json',
      ...Object.fromEntries(headers),
      // nginx would hold events back until its buffer is full.
      ...(stream ? { 'x-accel-buffering': 'no' } : {}),
    },
    body: body === null ? '' : Readable.fromWeb(body as ReadableStream),
  };
};
