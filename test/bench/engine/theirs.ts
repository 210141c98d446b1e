import { basename, dirname, resolve } from 'node:path';
import { AutoModelForCausalLM, env, Tensor } from '@huggingface/transformers';
import { LIMIT, type Run } from './runs.ts';

export interface Theirs {
  /** What the model says in each turn of each run, the runs in one padded batch. */
  say(runs: readonly Run[]): Promise<number[][][]>;
  close(): Promise<void>;
}

/** @huggingface/transformers generating greedily from the same folder, with as many threads as ours. */
export async function openTheirs(folder: string, dtype: 'fp32' | 'int8', end: number, threads = 1): Promise<Theirs> {
  env.allowRemoteModels = false;
  env.localModelPath = dirname(resolve(folder));
  const model = await AutoModelForCausalLM.from_pretrained(basename(resolve(folder)), {
    ...{ dtype, device: 'cpu', local_files_only: true },
    session_options: { intraOpNumThreads: threads, interOpNumThreads: 1, logSeverityLevel: 4 },
  });

  async function turn(prompts: readonly (readonly number[])[]): Promise<number[][]> {
    const length = prompts[0]?.length ?? 0;
    const whole = (values: BigInt64Array) => new Tensor('int64', values, [prompts.length, length]);
    const result = await model.generate({
      inputs: whole(BigInt64Array.from(prompts.flat(), BigInt)),
      attention_mask: whole(new BigInt64Array(prompts.length * length).fill(1n)),
      ...{ max_new_tokens: LIMIT, do_sample: false, eos_token_id: end < 0 ? null : end, pad_token_id: 0 },
    } as Parameters<typeof model.generate>[0]);
    const rows = (result as Tensor).tolist() as (bigint | number)[][];
    return rows.map((row) => {
      const said = row.slice(length).map(Number);
      const at = said.indexOf(end);
      return at < 0 ? said : said.slice(0, at + 1);
    });
  }

  return {
    async say(runs) {
      const prompts = runs.map(() => [] as number[]);
      const all = runs.map(() => [] as number[][]);
      for (let part = 0; part < (runs[0]?.parts.length ?? 0); part++) {
        for (const [n, run] of runs.entries()) prompts[n]?.push(...(run.parts[part] ?? []));
        // What was said may have made prompts of a batch unequal: then those of each length are a batch.
        const lengths = [...new Set(prompts.map((prompt) => prompt.length))];
        for (const length of lengths) {
          const group = prompts.flatMap((prompt, n) => (prompt.length === length ? [n] : []));
          const said = await turn(group.map((n) => prompts[n] as number[]));
          for (const [at, n] of group.entries()) all[n]?.push(said[at] as number[]);
        }
        for (const [n, prompt] of prompts.entries()) prompt.push(...(all[n]?.[part] ?? []));
      }
      return all;
    },
    close: async () => void (await model.dispose()),
  };
}
