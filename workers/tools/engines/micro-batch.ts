/**
 * Collects what is asked for while the work before it goes on, and does it at once: one run of a network over eight
 * texts may cost less than eight runs. Nothing waits for company: what comes alone is done alone.
 * @param run results in the order of the items
 * @param options.most items of one run
 * @param options.kindOf only items of one kind go together (tensors of one shape)
 * @returns asks for one item; a run that fails is done again one by one, so that each gets its own error
 */
export function microBatch<Item, Result>(
  run: (items: readonly Item[]) => Promise<readonly Result[]>,
  options: { readonly most: number; readonly kindOf?: (item: Item) => string },
): (item: Item, signal?: AbortSignal) => Promise<Result> {
  interface Waiting {
    readonly item: Item;
    readonly signal: AbortSignal | undefined;
    readonly resolve: (result: Result) => void;
    readonly reject: (error: unknown) => void;
  }
  const queue: Waiting[] = [];
  let working = false;

  async function work(): Promise<void> {
    while (queue.length > 0) {
      // Requests that have arrived already get into the queue first.
      await new Promise(setImmediate);
      const batch = take();
      if (batch.length > 0) await answer(batch);
    }
    working = false;
  }

  function take(): Waiting[] {
    for (let i = queue.length - 1; i >= 0; i--) {
      const { signal, reject } = queue[i]!;
      if (!signal?.aborted) continue;
      queue.splice(i, 1);
      reject(signal.reason);
    }
    const first = queue[0];
    if (!first) return [];
    const kind = options.kindOf?.(first.item);
    const batch = queue.filter(({ item }) => options.kindOf?.(item) === kind).slice(0, options.most);
    for (const one of batch) queue.splice(queue.indexOf(one), 1);
    return batch;
  }

  async function answer(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await run(batch.map(({ item }) => item));
      for (const [i, { resolve }] of batch.entries()) resolve(results[i]!);
    } catch (error) {
      if (batch.length === 1) batch[0]!.reject(error);
      else for (const one of batch) await answer([one]);
    }
  }

  return (item, signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    queue.push({ item, signal, resolve, reject });
    if (!working) {
      working = true;
      void work();
    }
    return promise;
  };
}
