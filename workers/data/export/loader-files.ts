/** Files that tell a format's own loader what there is: `dataset_info.json`, `data.yaml`. Paths are relative to the folder of the export. */
import { stringify } from 'yaml';
import type { ExportFacts } from './card-facts.ts';

/** Name -> text, of the files beside the card and the list of files. */
export function loaderFiles(facts: ExportFacts): Readonly<Record<string, string>> {
  switch (facts.format) {
    case 'llama-factory':
      return { 'dataset_info.json': `${JSON.stringify(datasetInfo(facts), null, 2)}\n` };
    case 'mantis':
      return { 'data.yaml': stringify({ data: pathsOf(facts).map((at) => mantisEntry(facts, at)) }) };
    case 'llava':
      return {
        'data.yaml': stringify({
          datasets: trainPaths(facts).map((json_path) => ({ json_path, sampling_strategy: 'all' })),
        }),
      };
    default:
      return {};
  }
}

/** Names under which LLaMA-Factory's `--dataset` and `--eval_dataset` find the splits. */
export const datasetName = ({ recipe }: ExportFacts, split: string): string =>
  split === 'train' ? recipe.name : `${recipe.name}_${split}`;

function datasetInfo(facts: ExportFacts): object {
  return Object.fromEntries(
    facts.splits.map(([split]) => [
      datasetName(facts, split),
      {
        file_name: split,
        formatting: 'sharegpt',
        columns: { messages: 'conversations', system: 'system', images: 'images' },
        tags: { role_tag: 'from', content_tag: 'value', user_tag: 'human', assistant_tag: 'gpt' },
      },
    ]),
  );
}

const within = (name: string): string => name.slice(name.indexOf('/') + 1);
const splitOf = (path: string): string => /^[a-z]+/.exec(path)?.[0] ?? '';
const pathsOf = ({ files }: ExportFacts): string[] => files.map(({ name }) => within(name));
const trainPaths = (facts: ExportFacts): string[] => pathsOf(facts).filter((path) => splitOf(path) === 'train');

const mantisEntry = ({ recipe, format }: ExportFacts, path: string): object => ({
  path: `${format}/${path}`,
  name: recipe.name,
  format: 'chat',
  split: splitOf(path) === 'train' ? 'train' : 'val',
  image_dir: '.',
});
