#!/bin/sh
# Makes cota-nano anew: data, training, export. About three and a half hours on two free cores; .cota/ holds everything but the model.
set -e
cd "$(dirname "$0")/../.."
PATH="$PWD/node_modules/.bin:$PATH"
DATA=.cota/data
python3 -c 'import torch, onnx, onnxruntime' 2>/dev/null || python3 -m pip install -r workers/train/python/requirements.txt
[ -f $DATA/lookup/eval-harder.json ] || node workers/data/nano/make-lookup.ts $DATA/lookup
[ -f $DATA/chains/train-0000.json ] || node workers/data/nano/main.ts --examples 260000 --shard 20000 --seed 21 --out $DATA/chains
[ -f $DATA/chains/validation-0000.json ] || node workers/data/nano/main.ts --examples 3000 --split validation --chains --seed 22 --out $DATA/chains
[ -f $DATA/long/long-0000.json ] || node workers/data/nano/stretch.ts --tokens 5000000 --out $DATA/long
# Started again, the reading goes on behind the last picture.
node workers/data/nano/real.ts --pictures 600 --seed 11 --out $DATA/real.jsonl
node workers/data/nano/main.ts --real $DATA/real.jsonl --examples 100000 --questions 20 --out $DATA/real
python3 workers/train/python/train.py --recipe workers/train/recipes/nano.json --data $DATA --out .cota/train/nano --processes 2 --resume
python3 workers/train/python/export.py "$(ls .cota/train/nano/checkpoints/step-*.pt | tail -n 1)" --vocabulary $DATA/lookup/vocabulary.json --out models/cota-nano
node workers/train/evaluate.ts $DATA/chains/validation.jsonl --constraint spans
