/** `chains-000012.jsonl.zst`: names sort as their shards do. */
export const numbered = (what: string, shard: number, kind: string): string =>
  `${what}-${String(shard).padStart(6, '0')}.${kind}`;
