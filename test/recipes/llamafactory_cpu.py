"""LLaMA-Factory's launcher for a machine without a GPU, where nothing else begins DeepSpeed's group of processes in time."""
import deepspeed

deepspeed.init_distributed()

from llamafactory.train.tuner import run_exp  # noqa: E402

run_exp()
