/** What hyparquet-writer writes, as a stream: no more of a file is in memory than a group of its rows. */
import type { PassThrough } from 'node:stream';
import { ByteWriter } from 'hyparquet-writer';

/** Hands on what was written after each group of rows, and waits until it is taken. */
export function writerTo(out: PassThrough): ByteWriter {
  const writer = Object.assign(new ByteWriter(), { flush, finish });

  async function flush(): Promise<void> {
    const bytes = Buffer.from(writer.getBytes());
    writer.index = 0;
    if (out.destroyed) throw new Error('the reader of the table went away');
    if (out.write(bytes)) return;
    await new Promise<void>((resolve) => {
      for (const event of ['drain', 'close']) out.once(event, () => resolve());
    });
  }
  async function finish(): Promise<void> {
    await flush();
    out.end();
  }
  return writer;
}
