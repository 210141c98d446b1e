/** The same few texts are asked about again and again: labels, names, options. */

/** So many texts are kept by each function; then it starts anew. */
const MOST = 20_000;

/**
 * The same function, which looks a text up that it has had before.
 * @param of pure; its results are handed out again, so nobody may change them
 */
export function remembered<T>(of: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined || known.has(text)) return before as T;
    if (known.size >= MOST) known.clear();
    const made = of(text);
    known.set(text, made);
    return made;
  };
}
