/** The card of an export: what it is, how it is loaded, what is in it and under which licences. */
import { stringify } from 'yaml';
import type { ExportFacts } from './card-facts.ts';
import { datasetName } from './loader-files.ts';
import { FEATURES } from './parquet-file.ts';

/** README.md of an export; for parquet with the header that Hugging Face reads. */
export function cardOf(facts: ExportFacts): string {
  const { recipe, rows, calls, undrawn, format, archives } = facts;
  const number = (count: number): string => count.toLocaleString('en');
  const table = (head: string, counts: readonly (readonly [string, number])[]): string =>
    [
      `| ${head} | chains |`,
      '|---|---|',
      ...counts.map(([name, count]) => `| ${cell(name)} | ${number(count)} |`),
    ].join('\n');
  const paragraphs = [
    `# ${recipe.name} (${format})`,
    `${number(rows)} chains of thought and action, made by Cota from the recipe \`${recipe.name}\` with seed ${recipe.seed}. Every row was read back after it was written and compared with its chain: thoughts, actions, observations and pictures are all there.`,
    calls === 'native'
      ? 'Actions are calls of functions. A model that Cota itself shall ask in its `taco` dialect learns from `export_options.calls: text` instead.'
      : 'Replies are the JSON text that Cota asks models for, and prompts are what it shows them, byte for byte (the `taco` dialect with the short prompt).',
    undrawn > 0 &&
      `**${number(undrawn)} of ${number(rows)} chains have pictures that were never drawn. They are here without them: from the first such picture on, a chain's pictures are named with their size and not shown.**`,
    archives.length > 0 &&
      'Pictures lie beside the formats as `images/<SHA-256>.<ending>`, packed in `images-*.tar`. `cota data download` unpacks them; by hand: `for f in images-*.tar; do tar xf "$f"; done`.',
    '## Loading',
    LOADING[format](facts),
    '## What is in it',
    table('split', facts.splits),
    table('source', facts.sources),
    table('licence', facts.licences),
  ];
  const text = `${paragraphs.filter((one) => one !== false).join('\n\n')}\n`;
  return format === 'parquet' ? header(facts) + text : text;
}

/** A name that strangers chose must stay in its cell. */
const cell = (text: string): string => text.replace(/[\\`*_{}[\]<>#|]/g, (char) => `\\${char}`).replace(/\s+/g, ' ');

const code = (language: string, ...lines: readonly string[]): string =>
  [`\`\`\`${language}`, ...lines, '```'].join('\n');

const LOADING: Readonly<Record<ExportFacts['format'], (facts: ExportFacts) => string>> = {
  mantis: () => 'Give `mantis/data.yaml` as `--data_config_file`, from the folder that holds `mantis/` and `images/`.',
  llava: () =>
    'Give `llava/data.yaml` (or one of the files) as `--data_path` and the folder that holds `llava/` and `images/` as `--image_folder`. Its own loader moves the mark of a message with one picture to the front of that message.',
  'llama-factory': (facts) =>
    code(
      'sh',
      `llamafactory-cli train --dataset_dir llama-factory --media_dir . --dataset ${datasetName(facts, 'train')} ...`,
    ),
  'ms-swift': ({ calls }) =>
    [
      'From the folder that holds `ms-swift/` and `images/`:',
      code(
        'sh',
        `swift sft --dataset ms-swift/train-*.jsonl ${calls === 'native' ? '--agent_template hermes ' : ''}...`,
      ),
    ].join('\n\n'),
  trl: ({ calls }) =>
    [
      'From the folder that holds `trl/` and `images/`:',
      code(
        'python',
        'from datasets import Image, List, load_dataset',
        'data = load_dataset("json", data_files="trl/train-*.jsonl", split="train")',
        'data = data.cast_column("images", List(Image()))',
        ...(calls === 'native' ? ['# `tools` is JSON text, which SFTTrainer takes as it is.'] : []),
      ),
    ].join('\n\n'),
  openai: () =>
    'Each file is one to upload with purpose `fine-tune`; pictures are data URLs within it. OpenAI takes up to 10 pictures in a line, and leaves a line out whose pictures it does not like.',
  parquet: () => code('python', 'from datasets import load_dataset', 'data = load_dataset("parquet")  # this folder'),
};

const KNOWN_LICENCES = ['apache-2.0', 'mit', 'cc-by-4.0', 'cc-by-sa-4.0', 'cc0-1.0', 'cc-by-nc-4.0', 'cc-by-nc-sa-4.0'];
const SIZES = [1e3, 1e4, 1e5, 1e6, 1e7] as const;
const SIZE_NAMES = ['n<1K', '1K<n<10K', '10K<n<100K', '100K<n<1M', '1M<n<10M', 'n>10M'];

function header({ recipe, splits, licences, rows, files }: ExportFacts): string {
  const only = licences.length === 1 ? licences[0]?.[0].toLowerCase() : undefined;
  const bytesOf = (split: string): number =>
    files.filter(({ name }) => name.startsWith(`parquet/data/${split}-`)).reduce((sum, { bytes }) => sum + bytes, 0);
  const total = splits.reduce((sum, [split]) => sum + bytesOf(split), 0);
  const card = {
    pretty_name: recipe.name,
    license: only !== undefined && KNOWN_LICENCES.includes(only) ? only : 'other',
    task_categories: ['visual-question-answering', 'image-text-to-text'],
    language: ['en'],
    size_categories: [SIZE_NAMES[SIZES.filter((size) => rows >= size).length]],
    configs: [{ config_name: 'default', data_files: splits.map(([split]) => ({ split, path: `data/${split}-*` })) }],
    dataset_info: {
      features: featureList(),
      splits: splits.map(([name, num_examples]) => ({ name, num_bytes: bytesOf(name), num_examples })),
      download_size: total,
      dataset_size: total,
    },
  };
  return `---\n${stringify(card)}---\n\n`;
}

/** Features in the form of a card's header: a list, with lists and structures under their own keys. */
function featureList(): object[] {
  return Object.keys(FEATURES).map((name) => {
    if (name === 'images') return { name, list: 'image' };
    if (name === 'choices') return { name, list: 'string' };
    if (name === 'messages') {
      return {
        name,
        list: [
          { name: 'role', dtype: 'string' },
          { name: 'content', dtype: 'string' },
        ],
      };
    }
    return { name, dtype: 'string' };
  });
}
