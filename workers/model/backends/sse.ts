/**
 * The data of each server-sent event of a body, in order (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 * Comments, which some servers send to keep a connection open, and events without data are left out.
 * @param body UTF-8 bytes, cut anywhere
 */
export async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let pending: string[] = [];
  let data: string[] = [];
  for await (const bytes of body) {
    const lines = decoder.decode(bytes, { stream: true }).split('\n');
    const unfinished = lines.pop() ?? '';
    for (const [index, piece] of lines.entries()) {
      // Pieces of a long line are joined once, when it is whole.
      const line = (index === 0 ? [...pending, piece].join('') : piece).replace(/\r$/, '');
      if (line === '') {
        if (data.length > 0) yield data.join('\n');
        data = [];
      } else if (line.startsWith('data:')) {
        data.push(line.slice(line[5] === ' ' ? 6 : 5));
      }
    }
    pending = lines.length > 0 ? [unfinished] : [...pending, unfinished];
  }
  // A server that closes without the last empty line meant the event all the same.
  const line = pending.join('').replace(/\r$/, '');
  if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5));
  if (data.length > 0) yield data.join('\n');
}
