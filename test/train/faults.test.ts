/** What the trainer is told before it begins: faults with their field, and heads that look back. Needs torch. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hasTorch } from './tiny.ts';

const missing = !hasTorch();
const cwd = join(import.meta.dirname, '../../workers/train/python');
const python = (code: string, given: unknown): string =>
  spawnSync('python3', ['-c', code], { cwd, input: JSON.stringify(given), encoding: 'utf8' }).stdout;

const READ = `
import json, sys
from faults import Fault
from recipe import read_recipe
for one in json.load(sys.stdin):
    try:
        read_recipe(one)
        print("read")
    except Fault as fault:
        print(fault)
`;
/** What epochs and batches come to with 1,000 examples of 200 tokens. */
const SIZED = `
import json, sys
from faults import Fault
from recipe import read_recipe, sized
for one in json.load(sys.stdin):
    try:
        recipe = sized(read_recipe(one), 1_000, 200_000)
        print(recipe.batch_tokens, recipe.stages[-1].tokens)
    except Fault as fault:
        print(fault)
`;
/** Of each head of the first layer, the distance at which it looks most where it looks anywhere. */
const LOOK = `
import json, sys, torch
from look_back import look_back
from model import Config, Llama, rotate
given = json.load(sys.stdin)
torch.manual_seed(0)
model = Llama(Config(vocab_size=224, rope_theta=1e7, **given["model"]))
look_back(model, tuple(given["distances"]))
layer, length = model.model.layers[0], 60
one = layer.self_attn
x = layer.input_layernorm(model.model.embed_tokens(torch.randint(224, (1, length))))
turned = lambda y, heads: rotate(y.reshape(1, length, heads, one.head_dim).transpose(1, 2), model.cos[:length], model.sin[:length])
q, k = turned(one.q_proj(x), one.heads), turned(one.k_proj(x), one.kept_heads).repeat_interleave(one.heads // one.kept_heads, dim=1)
scores = (q @ k.transpose(-1, -2) / one.head_dim ** 0.5).masked_fill(torch.ones(length, length).triu(1).bool(), -1e9).softmax(-1)[0]
shares = [[torch.diagonal(head, -away)[20:].mean().item() for away in range(6)] for head in scores]
print(json.dumps([max(range(6), key=lambda away: share[away]) if max(share) > 0.3 else None for share in shares]))
`;

it.skipIf(missing)('names the field of the model that makes none, and the heads that there are', () => {
  const model = { hidden_size: 64, intermediate_size: 128, num_hidden_layers: 2, num_attention_heads: 4 };
  const stages = [{ name: 'a', tokens: 10, mix: [{ shards: ['x'], share: 1 }] }];
  const recipe = (change: object, more: object = {}) => ({
    ...{ model: { ...model, ...change }, lr: 0.001, batch_tokens: 1024, longest: 512, stages, ...more },
  });
  const told = python(READ, [
    recipe({ num_key_value_heads: 2 }, { look_back: [1, 2] }),
    recipe({ num_key_value_heads: 2 }, { look_back: [1, 1, 2] }),
    recipe({ num_key_value_heads: 3 }),
    recipe({ num_key_value_heads: 0 }),
    recipe({ num_hidden_layers: '2' }),
    recipe({}, { seed: 'x' }),
  ]);
  expect(told.trim().split('\n')).toEqual([
    'read',
    expect.stringMatching(/^look_back must be a list of at most 2 distances/),
    expect.stringContaining('4 heads cannot share 3 heads of keys and values evenly'),
    expect.stringMatching(/^model.num_key_value_heads must be a whole number/),
    expect.stringMatching(/^model.num_hidden_layers must be a whole number/),
    expect.stringMatching(/^seed must be a whole number/),
  ]);
});

it.skipIf(missing)('counts epochs and batches of examples in tokens, up to what a request may ask for', () => {
  const stages = [{ name: 'a', tokens: 10, mix: [{ shards: ['x'], share: 1 }] }];
  const model = { hidden_size: 64, intermediate_size: 128, num_hidden_layers: 2, num_attention_heads: 4 };
  const nano = { model, lr: 0.001, batch_tokens: 1024, longest: 512, stages };
  const recipe = (hyperparameters: object) => ({ nano, hyperparameters });
  const told = python(SIZED, [
    recipe({}),
    recipe({ n_epochs: 2.5 }),
    recipe({ batch_size: 16 }),
    recipe({ n_epochs: 5_001 }),
    recipe({ batch_size: 1_400 }),
  ]);
  expect(told.trim().split('\n')).toEqual([
    '1024 10',
    '1024 500000',
    '3200 10',
    expect.stringMatching(
      /^n_epochs 5001 would be 1,000,200,000 tokens of this data, more than 1,000,000,000: lower it/,
    ),
    expect.stringMatching(/^batch_size 1400 would be 280,000 tokens a step of this data/),
  ]);
});

it.skipIf(missing).each([
  [8, [1, 2, null, null, null, null, null, null]],
  [4, [1, null, 2, null, null, null, null, null]],
])('one head looks back for each distance, where %i heads of keys are shared', (keys, looks) => {
  const model = { hidden_size: 256, intermediate_size: 64, num_hidden_layers: 1, num_attention_heads: 8 };
  const told = python(LOOK, { model: { ...model, num_key_value_heads: keys }, distances: [1, 2] });
  expect(JSON.parse(told)).toEqual(looks);
});

const FOLDER = `
import json, sys, tempfile, torch
from pathlib import Path
try:
    import onnx
except ImportError:
    print("no onnx")
    sys.exit()
from checkpoint import read_weights
from faults import Fault
from graph import build
from model import Config, Llama
torch.manual_seed(0)
config = Config(vocab_size=224, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2)
model = Llama(config)
with tempfile.TemporaryDirectory() as folder:
    (Path(folder) / "onnx").mkdir()
    weights = {name: value.numpy() for name, value in model.state_dict().items() if name != "lm_head.weight"}
    onnx.save(build(config, weights), str(Path(folder) / "onnx/model.onnx"))
    (Path(folder) / "config.json").write_text(json.dumps({**config.to_dict(), "head_dim": config.head_dim, "cota_vocabulary": "abc"}))
    read = read_weights(folder)
    other = Llama(Config(**read["config"]))
    other.load_state_dict(read["model"])
    ids = torch.randint(224, (1, 20))
    print(torch.equal(model(ids), other(ids)), read["vocabulary"])
    for text in ('{"hidden_size": 64}', "no JSON"):
        (Path(folder) / "config.json").write_text(text)
        try:
            read_weights(folder)
        except Fault as fault:
            print(str(fault).replace(folder, "FOLDER")[:90])
`;
it.skipIf(missing)('goes on from an exported folder with the very weights', (context) => {
  const told = python(FOLDER, null);
  context.skip(told === 'no onnx\n', 'this Python has no onnx');
  expect(told.split('\n')).toEqual([
    'True abc',
    expect.stringMatching(/^FOLDER is no folder of an exported model \(config.json has no 'num_key_value_heads'\)/),
    expect.stringMatching(/^FOLDER is no folder of an exported model \(Expecting value/),
    '',
  ]);
});
