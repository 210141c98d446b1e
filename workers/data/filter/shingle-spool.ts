/** Sets of shingles on disk: only one or two are in memory at a time, however many chains are suspects. */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';

const BLOCK = 1 << 20;

export class ShingleSpool {
  readonly #file: number;
  readonly #places = new Map<number, readonly [number, number]>();
  #size = 0;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'w+');
  }

  add(chain: number, set: Uint32Array): void {
    this.#places.set(chain, [this.#size, set.length]);
    this.#size += set.byteLength;
    this.#waiting.push(new Uint8Array(set.buffer, set.byteOffset, set.byteLength));
    this.#waitingBytes += set.byteLength;
    if (this.#waitingBytes >= BLOCK) this.#flush();
  }

  /** @throws Error for a chain that was not added */
  get(chain: number): Uint32Array {
    if (this.#waiting.length > 0) this.#flush();
    const [at, count] = this.#places.get(chain) ?? [];
    if (at === undefined || count === undefined) throw new Error(`there are no shingles of chain ${chain}`);
    const set = new Uint32Array(count);
    readSync(this.#file, new Uint8Array(set.buffer), 0, set.byteLength, at);
    return set;
  }

  close(): void {
    closeSync(this.#file);
  }

  #flush(): void {
    const block = Buffer.concat(this.#waiting);
    for (let done = 0; done < block.length; ) done += writeSync(this.#file, block, done);
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}
