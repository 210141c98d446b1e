/**
 * Maps a stream in its order with a few items under way at once, so that fetching pictures does not wait one for one.
 * @param width items under way at most
 */
export async function* ahead<T, R>(
  items: AsyncIterable<T>,
  width: number,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const under: Promise<R>[] = [];
  for await (const item of items) {
    const made = map(item);
    // Its error is thrown where its turn comes; until then it must not count as unhandled.
    made.catch(() => undefined);
    under.push(made);
    if (under.length >= width) yield await (under.shift() as Promise<R>);
  }
  for (const made of under) yield await made;
}
