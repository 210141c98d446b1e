/**
 * A training recipe: which base model is trained how, by which trainer, on data of which kind. Files of them lie in
 * workers/train/recipes/*.yaml; a request may bring its own. Sections that a trainer adds fields to are extended here,
 * so that a slip in a name is found before anything runs.
 */
import { z } from 'zod';
import { exportFormat, exportOptions } from '../data/recipe/export.ts';
import { nanoData } from './nano-data.ts';

const name = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,39}$/,
    'must be lower-case letters, digits, - and _, 40 at most, beginning with a letter or digit',
  );
/** A file or a pattern below a folder: no way out of it. */
const below = z
  .string()
  .max(150)
  .regex(/^[A-Za-z0-9_*-][A-Za-z0-9_.*-]*(\/[A-Za-z0-9_*-][A-Za-z0-9_.*-]*)*$/, 'must be a path below the data folder');

/** The dense decoder that workers/train/python trains, by the names of Hugging Face's LlamaConfig. */
const nanoModel = z.looseObject({
  hidden_size: z.int().min(16).max(4_096),
  intermediate_size: z.int().min(16).max(16_384),
  num_hidden_layers: z.int().min(1).max(64),
  num_attention_heads: z.int().min(1).max(64),
});

export const nanoStage = z.strictObject({
  name,
  /** Length in tokens; a gate may end it earlier. */
  tokens: z.int().min(1),
  min_tokens: z.int().nonnegative().optional(),
  /** Tokens between two evaluations. */
  judge_every: z.int().min(1).optional(),
  /** Examples that an evaluation looks at. */
  judge_examples: z.int().min(1).optional(),
  /** Course of the learning rate over the stage, as shares of the full one at its beginning and its end. */
  rate: z.array(z.number().nonnegative()).length(2).optional(),
  schedule: z.enum(['cosine', 'linear', 'cooldown']).optional(),
  /** Shares count tokens. */
  mix: z.array(z.strictObject({ shards: z.array(below).min(1), share: z.number().positive() })).min(1),
  /** Pattern of held-out shards -> share of exact turns, or least values of several figures, that let the stage end. */
  gate: z.record(below, z.union([z.number().min(0).max(1), z.record(z.string(), z.number().min(0).max(1))])).optional(),
  /** Patterns of held-out shards that are judged with them and open nothing. */
  watch: z.array(below).optional(),
  /** A missed gate ends the training. */
  required: z.boolean().optional(),
});

/** What workers/train/python/train.py reads. */
export const nanoSection = z.strictObject({
  model: nanoModel,
  optimiser: z.enum(['muon', 'adamw']).default('muon'),
  /** Full learning rate. */
  lr: z.number().positive(),
  weight_decay: z.number().nonnegative().default(0.05),
  warmup_steps: z.int().nonnegative().default(100),
  /** Norm of the gradient at most. */
  clip: z.number().positive().optional(),
  /** Tokens of a step, over all processes. */
  batch_tokens: z.int().min(64),
  /** Padded tokens that one process computes at a time. */
  micro_tokens: z.int().min(32).optional(),
  /** Tokens of the longest example; longer ones are left out. */
  longest: z.int().min(8).max(65_536),
  bf16: z.boolean().optional(),
  compile: z.boolean().optional(),
  /** Distances, in tokens, at which heads of the first layer begin to look back, one for each that has keys of its own. */
  look_back: z.array(z.int().min(1).max(16)).max(64).optional(),
  /** Seconds between two checkpoints at most. */
  checkpoint_s: z.number().min(1).optional(),
  /** Steps between them at most. */
  checkpoint_steps: z.int().min(1).optional(),
  /** Steps between two words about the progress. */
  log_every: z.int().min(1).optional(),
  /** How far it stands back for other processes of the machine, as of the command nice. */
  nice: z.int().min(0).max(19).optional(),
  stages: z.array(nanoStage).min(1),
  /** What the preparation is told. */
  data: nanoData.prefault({}),
});

/** Values that a command names as {placeholder}; see shared/train/command.ts. */
const hyperparameter = z.union([z.number(), z.string().max(1_000), z.boolean()]);

/** A trainer that is not ours, as a command: an argument each, run without a shell. */
export const commandTrainer = z.strictObject({
  kind: z.literal('command'),
  /** `{python}`, `{data}`, `{out}`, ... are replaced in each argument; the whole list: docs/training.md. */
  command: z.array(z.string().min(1)).min(1),
  /** Added where it goes on from a checkpoint; `{checkpoint}` is its place. */
  resume_arguments: z.array(z.string()).default([]),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of a variable'), z.string()).default({}),
  /** Files that the command names below {config}: text, or fields that are written as JSON. Placeholders are replaced. */
  files: z.record(below, z.union([z.string(), z.record(z.string(), z.json())])).default({}),
  checkpoints: z
    .strictObject({
      /** Name of a checkpoint below {out}, with its step. */
      name: z
        .string()
        .regex(/^[A-Za-z0-9_.-]*\{step\}[A-Za-z0-9_.-]*$/, 'must hold {step}, such as checkpoint-{step}')
        .default('checkpoint-{step}'),
      /** The file of a checkpoint that its trainer writes last. */
      last_file: below.default('trainer_state.json'),
    })
    .default({ name: 'checkpoint-{step}', last_file: 'trainer_state.json' }),
  /** Folder of the trained weights below {out}; `.` = {out} itself without the checkpoints. */
  result: z.union([z.literal('.'), below]).default('.'),
  /** Signal that asks it to save and end; most trainers only end. */
  stop_signal: z.enum(['SIGTERM', 'SIGINT']).default('SIGTERM'),
});

export const trainer = z.discriminatedUnion('kind', [z.strictObject({ kind: z.literal('nano') }), commandTrainer]);

export const hyperparameters = z
  .object({
    n_epochs: z.number().positive().optional(),
    /** Examples of a step, over all processes. */
    batch_size: z.int().min(1).optional(),
    learning_rate: z.number().positive().optional(),
  })
  .catchall(hyperparameter);

/** How the result is served where it is an ONNX folder; as the fields of models.yaml. */
export const serve = z.strictObject({
  dialect: z.enum(['taco', 'nano']),
  constraint: z.enum(['none', 'scaffold', 'spans']).optional(),
  branches: z.int().min(1).max(16).optional(),
  max_turn_tokens: z.int().min(1).optional(),
  tools: z.array(z.string()).optional(),
});

export const trainRecipe = z
  .strictObject({
    name,
    /** What it starts from, for the id of the result: `ft:<base>:...`. */
    base: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be letters, digits, . _ and -, 64 at most'),
    description: z.string().max(2_000).default(''),
    /** SPDX id or words, of the base model. */
    licence: z.string().max(200).optional(),
    /** {model} of a command: a Hugging Face id, or a folder on the trainer's machine. */
    model: z.string().max(500).optional(),
    seed: z
      .int()
      .nonnegative()
      .max(2 ** 31 - 1)
      .default(1),
    trainer,
    /** Processes of the trainer on one machine. */
    processes: z.int().min(1).max(64).default(1),
    data: z
      .strictObject({
        /** Layout that a command reads; what the data factory writes of it lies below {data}. */
        export: exportFormat.optional(),
        /** How it says actions, and what it does with pictures that were never drawn. */
        export_options: exportOptions.optional(),
        /** A recipe of the data factory that makes the chains where none are given: a name in workers/data/recipes. */
        recipe: name.optional(),
        /** Chains of the training split at most; left out = all. */
        most: z.int().min(1).optional(),
      })
      .default({}),
    hyperparameters: hyperparameters.default({}),
    nano: nanoSection.optional(),
    serve: serve.optional(),
  })
  .superRefine((recipe, context) => {
    const fault = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    if (recipe.trainer.kind === 'nano' && recipe.nano === undefined)
      fault(['nano'], 'must say model, lr, batch_tokens, longest and stages where trainer.kind is nano');
    const { hidden_size: width = 16, num_attention_heads: heads = 1 } = recipe.nano?.model ?? {};
    // The export would refuse it, after all the hours of training.
    if ((width / heads) % 16 !== 0)
      fault(
        ['nano', 'model', 'hidden_size'],
        'must be a multiple of 16 for each attention head: 96 or 192 for 6 heads',
      );
    if (recipe.trainer.kind === 'command' && recipe.nano !== undefined)
      fault(['nano'], 'is read by the trainer nano only: leave it out, or set trainer.kind to nano');
    if (recipe.trainer.kind === 'command' && recipe.data.export === undefined)
      fault(['data', 'export'], `must name the layout that the command reads: ${exportFormat.options.join(', ')}`);
  });
export type TrainRecipe = z.infer<typeof trainRecipe>;
