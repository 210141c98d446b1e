#!/bin/sh
# Makes cota-nano anew: data, training, export. About two hours on two free cores; .cota/ holds everything but the model.
set -e
cd "$(dirname "$0")/../.."
PATH="$PWD/node_modules/.bin:$PATH"
DATA=.cota/data
python3 -c 'import torch, onnx, onnxruntime' 2>/dev/null || python3 -m pip install -r workers/train/python/requirements.txt
[ -f $DATA/lookup/eval-harder.json ] || node workers/data/nano/make-lookup.ts $DATA/lookup
[ -f $DATA/chains/train-0009.json ] || node workers/data/nano/main.ts --examples 100000 --out $DATA/chains
[ -f $DATA/chains/validation-0000.json ] || node workers/data/nano/main.ts --examples 3000 --split validation --chains --seed 2 --out $DATA/chains
# Started again, the reading goes on behind the last picture.
node workers/data/nano/real.ts --pictures 600 --out $DATA/real.jsonl
node workers/data/nano/main.ts --real $DATA/real.jsonl --examples 8000 --questions 14 --out $DATA/real
[ -f $DATA/long/long-0000.json ] || node workers/data/nano/stretch.ts --tokens 4000000 --out $DATA/long
python3 workers/train/python/train.py workers/train/recipes/nano.json --data $DATA --out .cota/train/nano --resume
python3 workers/train/python/average.py .cota/train/nano/final.pt .cota/train/nano/d-long.pt .cota/train/nano/e-polish.pt
python3 workers/train/python/export.py .cota/train/nano/final.pt --vocabulary $DATA/lookup/vocabulary.json --out models/cota-nano
node workers/train/evaluate.ts $DATA/chains/validation.jsonl --constraint spans
