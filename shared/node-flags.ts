/**
 * Flags of this Node process that a forked child should have too. What says where the program's text comes from is left
 * out: a child would run the parent's text instead of its own file, and fork in turn.
 */
export function inheritedFlags(flags: readonly string[] = process.execArgv): string[] {
  const kept: string[] = [];
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i] as string;
    if (/^(-e|--eval|-p|--print|-pe|--input-type|-c|--check|-i|--interactive)$/.test(flag)) {
      // The text follows as a word of its own, if it is there at all.
      if (/^(-e|--eval|-p|--print|-pe|--input-type)$/.test(flag) && flags[i + 1]?.startsWith('-') === false) i++;
      continue;
    }
    if (/^--(eval|print|input-type)=/.test(flag)) continue;
    kept.push(flag);
  }
  return kept;
}
