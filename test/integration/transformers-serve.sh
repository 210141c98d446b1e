#!/bin/sh
# Runs the openai backend against `transformers serve` (PyPI), with tiny random models that are made here.
#   sh test/integration/transformers-serve.sh [FOLDER]
# FOLDER (default: a temporary one) keeps the virtual environment and the models for the next time. An installed PyTorch
# is used as it is: the environment sees the system's packages and pip is held to that version.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$(mktemp -d)}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
if [ ! -x "$folder/venv/bin/transformers" ]; then
  python3 -m venv --system-site-packages "$folder/venv"
  : >"$folder/constraints.txt"
  python3 -c 'import torch; print("torch==" + torch.__version__.split("+")[0])' >"$folder/constraints.txt" 2>/dev/null || true
  "$folder/venv/bin/pip" install --quiet --constraint "$folder/constraints.txt" torch 'transformers[serving]==5.23.0' pillow
fi
[ -d "$folder/models/tiny-image" ] || "$folder/venv/bin/python" "$here/transformers-serve.py" "$folder/models"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
HF_HUB_OFFLINE=1 "$folder/venv/bin/transformers" serve --host 127.0.0.1 --port "$port" --device cpu >"$folder/serve.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
tries=0
until python3 -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$port/health', timeout=2)" 2>/dev/null; do
  tries=$((tries + 1))
  if [ "$tries" -gt 60 ] || ! kill -0 "$server" 2>/dev/null; then
    echo "transformers serve did not start; see $folder/serve.log" >&2
    exit 1
  fi
  sleep 1
done
PATH="$here/../../node_modules/.bin:$PATH" node "$here/transformers-serve.ts" "http://127.0.0.1:$port/v1" "$folder/models"
