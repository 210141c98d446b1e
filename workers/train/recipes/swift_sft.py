"""Fine-tuning by ms-swift, whose arguments it takes; at the end the weights lie in --output_dir, as with other trainers.

ms-swift leaves them in its last checkpoint alone, beside the states of the optimiser.
"""
import glob
import os
import re
import sys

STATES = re.compile(r"(optimizer|scheduler|scaler|rng_state|training_args|zero_to_|latest$|args\.json)")


def main():
    import torch

    if not torch.cuda.is_available() and any(one.startswith("--deepspeed") for one in sys.argv):
        import deepspeed

        # The model is cut over the processes while it is loaded. On a GPU transformers makes them known to each other.
        deepspeed.init_distributed()
    from swift.arguments import SftArguments
    from swift.pipelines import SwiftSft
    from swift.utils import is_master, parse_args

    args, rest = parse_args(SftArguments)
    if rest:
        raise SystemExit(f"ms-swift knows no {' '.join(rest)}")
    SwiftSft(args).main()
    steps = lambda path: int(path.rsplit("-", 1)[1])
    made = sorted(glob.glob(f"{glob.escape(args.output_dir)}/checkpoint-[0-9]*"), key=steps)
    if not (is_master() and made):
        return
    for name in os.listdir(made[-1]):
        path, to = os.path.join(made[-1], name), os.path.join(args.output_dir, name)
        if os.path.isfile(path) and not STATES.match(name):
            if os.path.exists(to):
                os.remove(to)
            # A second name for the same bytes: it stays when the checkpoint goes.
            os.link(path, to)


if __name__ == "__main__":
    main()
