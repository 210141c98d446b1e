/** The same few texts and pages are asked about again and again: labels, names, options. */

/** So many texts are kept by each function; then it starts anew. */
const MOST = 20_000;

/**
 * The same function, which looks a text up that it has had before.
 * @param of pure; its results are handed out again, so nobody may change them
 */
export function remembered<T>(of: (text: string) => T, most = MOST): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined || known.has(text)) return before as T;
    if (known.size >= most) known.clear();
    const made = of(text);
    known.set(text, made);
    return made;
  };
}

/** The same function, which does its work once for each object. */
export function once<K extends object, T>(of: (key: K) => T): (key: K) => T {
  const known = new WeakMap<K, { readonly made: T }>();
  return (key) => {
    let before = known.get(key);
    if (!before) {
      before = { made: of(key) };
      known.set(key, before);
    }
    return before.made;
  };
}
