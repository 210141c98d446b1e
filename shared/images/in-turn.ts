/** From here on a picture is decoded alone. Small ones never wait. */
const BIG_PIXELS = 16_000_000;

let last: Promise<unknown> = Promise.resolve();

/**
 * Lets this process decode one big picture at a time. A progressive JPEG or an interlaced PNG is held in memory whole:
 * 96 megapixels in a file of 1.1 MB took 660 MB here (measured), and one request may bring many of them.
 */
export function inTurn<T>(pixels: number, work: () => Promise<T>): Promise<T> {
  if (pixels <= BIG_PIXELS) return work();
  const turn = last.then(work);
  last = turn.catch(() => undefined);
  return turn;
}
