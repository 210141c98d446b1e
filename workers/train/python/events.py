"""What a training tells: one JSON object a line on stdout, and the same lines with their time in OUT/log.jsonl."""

import json
import os
import sys
import time
from pathlib import Path

from faults import Fault, Passing


class Events:
    """Only the first process tells. @param out folder of log.jsonl"""

    def __init__(self, out: Path, first: bool):
        self.log, self.first = out / "log.jsonl", first
        # Lines told so far.
        self.count = 0

    def cut(self, count: int) -> None:
        """Takes lines behind the first `count` out of the log: those steps are done again, and the curve would have
        loops. Where a training began or went on is kept."""
        self.count = count
        if not self.first or not self.log.exists():
            return
        kept = [line for line in self.log.read_text(errors="replace").splitlines() if stays(line, count)]
        temporary = self.log.with_name("log.jsonl.tmp")
        temporary.write_text("".join(f"{line}\n" for line in kept))
        os.replace(temporary, self.log)

    def clear(self) -> None:
        if self.first:
            self.log.unlink(missing_ok=True)

    def tell(self, event: str, step: int, **fields) -> None:
        """`n` numbers the lines, and goes on where a checkpoint ended. @throws Fault where nobody reads them any more, or the log cannot be written"""
        if not self.first:
            return
        self.count += 1
        entry = {"event": event, "n": self.count, "step": step, **fields}
        try:
            with open(self.log, "a") as file:
                file.write(json.dumps({"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **entry}) + "\n")
        except OSError as error:
            raise Fault(f"{self.log} cannot be written ({error.strerror}): free the disk, then go on with --resume") from error
        try:
            sys.stdout.write(json.dumps(entry) + "\n")
            sys.stdout.flush()
        except BrokenPipeError as error:
            # Another process may go on with this training: two must not write one folder.
            sys.stdout = open(os.devnull, "w")
            raise Passing("whoever read the events is gone: go on with --resume") from error


def stays(line: str, count: int) -> bool:
    try:
        entry = json.loads(line)
        return entry["n"] <= count or entry["event"] == "started"
    except (ValueError, KeyError, TypeError):
        return False  # torn by a crash
