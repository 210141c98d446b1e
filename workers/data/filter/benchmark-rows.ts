/** Reads benchmark files as rows of hashes: VLMEvalKit's TSV, JSON, JSONL and parquet, as streams where they allow it. */
import type { ShardView } from '../factory/stage.ts';
import type { BenchmarkRow } from './benchmark-index.ts';

export async function* benchmarkRows(_shard: ShardView, _name: string): AsyncGenerator<BenchmarkRow> {}
