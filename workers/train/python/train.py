"""Trains a model by a recipe: python3 train.py --recipe RECIPE.json --data DIR --out DIR [--resume]

A stage ends at its gate (exact shares on held-out shards, once `min_tokens` are done) or at `tokens`. SIGTERM or
`touch OUT/stop` saves and ends it with exit code 0; `touch OUT/pause` holds it between two steps until the file is gone.
On stdout: one event a line as JSON, also in OUT/log.jsonl. Checkpoints: OUT/checkpoints. A fault ends it with exit code 1,
one of the moment with 75, and the last line of stderr says what to do. It also runs under torchrun, which starts the processes then.
"""

import argparse
import errno
import fcntl
import os
import signal
import sys
import traceback
from pathlib import Path

from faults import Fault


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("place", nargs="?", metavar="RECIPE", help=argparse.SUPPRESS)
    parser.add_argument("--recipe", help="JSON file")
    parser.add_argument("--data", default=".cota/data", help="folder of the token shards")
    parser.add_argument("--out", default=".cota/train/nano", help="folder of log and checkpoints")
    parser.add_argument("--resume", action="store_true", help="go on from the newest whole checkpoint in OUT, where there is one")
    parser.add_argument("--init", help="start from the weights of a checkpoint or of an exported folder, with a fresh optimiser")
    parser.add_argument("--stage", help="begin at this stage instead of the recorded one")
    parser.add_argument("--processes", type=int, help="one for each free core; the recipe's `processes` where left out")
    parser.add_argument("--threads", type=int, default=1, help="threads of each process; 1 is best where other work runs")
    options = parser.parse_args()
    options.recipe = options.recipe or options.place
    if options.recipe is None:
        parser.error("name a recipe with --recipe")
    return options


def lock(out: Path) -> object:
    """Held as long as this process lives. @throws Fault where another training writes the folder"""
    try:
        out.mkdir(parents=True, exist_ok=True)
        file = open(out / "lock", "w")
    except OSError as error:
        raise Fault(f"{out} cannot be written ({error.strerror}): name another folder with --out") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise Fault(f"another training writes {out}: wait for it, stop it, or name another folder with --out") from error
    return file


def train(options: argparse.Namespace, state: dict) -> None:
    out, first = Path(options.out), int(os.environ.get("RANK", 0)) == 0
    # torch takes seconds to load: what can be refused before it is.
    from recipe import load_recipe

    recipe, recipe_hash = load_recipe(options.recipe)
    wanted = recipe.processes if options.processes is None else options.processes
    if not 1 <= wanted <= 64 or options.threads < 1:
        raise Fault("--processes must be from 1 to 64 and --threads at least 1")
    if first:
        state["lock"] = lock(out)
        (out / "stop").unlink(missing_ok=True)
    if recipe.nice:
        os.nice(recipe.nice)
    wishes = {"stop": False, "training": False}

    def asked(*_: object) -> None:
        wishes["stop"] = True
        if not wishes["training"] and first:
            # Nothing is lost that a checkpoint would keep. The other processes end with this one.
            os.write(1, b'{"event": "stopped", "step": 0}\n')
            os._exit(0)

    signal.signal(signal.SIGTERM, asked)
    signal.signal(signal.SIGINT, asked)
    import processes
    from training import Training

    state["processes"] = started = processes.start(wanted, options.threads)
    training = Training(recipe, recipe_hash, Path(options.data), out, started, wishes)
    training.begin(options.resume, options.init, options.stage)
    training.steps.compile()
    wishes["training"] = True
    training.run()
    started.close()


def unforeseen(error: Exception, out: str) -> str:
    """Keeps the calls that led to it beside the training. @returns the last line of stderr"""
    try:
        (Path(out) / "fault.txt").write_text(traceback.format_exc())
    except OSError:
        traceback.print_exc()
    first = str(error).splitlines()[0][:300] if str(error) else ""
    return f"the trainer failed ({type(error).__name__}: {first}); its last calls are in {out}/fault.txt"


def main() -> None:
    options, state, code = arguments(), {}, 1
    try:
        train(options, state)
        return
    except Fault as fault:
        words, code = str(fault), fault.code
    except MemoryError:
        words = "there is not enough memory: lower micro_tokens or --processes, then go on with --resume"
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            # Goes on from the last checkpoint once there is room.
            words, code = f"the disk of {options.out} is full: make room, then go on with --resume", 75
        else:
            words = unforeseen(error, options.out)
    except Exception as error:
        words = unforeseen(error, options.out)
    for child in getattr(state.get("processes"), "children", []):
        child.kill()
        child.wait()
    if int(os.environ.get("RANK", 0)) == 0 or not os.environ.get("COTA_TRAIN_RENDEZVOUS"):
        print(words, file=sys.stderr, flush=True)
    sys.stdout = None
    os._exit(code)


if __name__ == "__main__":
    main()
