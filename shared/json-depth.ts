/** Values within values that JSON from elsewhere may have: checks and writers go down by recursion, and end at some thousand. */
export const MOST_DEPTH = 100;

/** Whether lists and maps lie deeper within each other than that; safe for any depth, and for what contains itself. */
export function isTooDeep(value: unknown, most = MOST_DEPTH): boolean {
  let level = [value].filter(holdsValues);
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= most) return true;
    level = [...new Set(level.flatMap((one) => Object.values(one).filter(holdsValues)))];
  }
  return false;
}

const holdsValues = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);
