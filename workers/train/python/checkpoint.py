"""Checkpoints: one file each, OUT/checkpoints/step-<step>-<hash>.pt, whole or not there.

A file is written under another name, flushed, and renamed; its name ends in the first digits of its SHA-256, so that a
torn one is known and passed over. Kept are the last two, and those at the ends of stages.
"""

import errno
import hashlib
import io
import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import torch

from faults import Fault

NAME = re.compile(r"^step-(\d{9})-([0-9a-f]{16})\.pt$")
KEPT = 2


@dataclass(frozen=True)
class Saved:
    path: Path
    sha256: str
    bytes: int


def hash_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Checkpoints:
    """@param out folder of the training"""

    def __init__(self, out: Path):
        self.folder = out / "checkpoints"
        # Names of files at the ends of stages.
        self.ends = self.folder / "ends.json"

    def save(self, state: dict, end_of: str | None = None) -> Saved:
        """@throws Fault where the disk is full or cannot be written; older checkpoints are as they were"""
        buffer = io.BytesIO()
        torch.save(state, buffer)
        data = buffer.getbuffer()
        sha256 = hash_of(data)
        path = self.folder / f"step-{state['step']:09d}-{sha256[:16]}.pt"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, data)
            if end_of is not None:
                write_whole(self.ends, json.dumps(self.stage_ends() | {path.name: end_of}).encode())
            self.prune()
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            last = self.names()[-1:] or ["none"]
            raise Fault(
                f"the checkpoint of step {state['step']} could not be written ({error.strerror}); the last whole one is {last[0]}: "
                f"{f'free {max(1, len(data) >> 20)} MiB and more' if full else f'make {self.folder} writable'}, then go on with --resume"
            ) from error
        return Saved(path, sha256, len(data))

    def names(self) -> list[str]:
        """Oldest first."""
        return sorted(path.name for path in self.folder.glob("step-*.pt") if NAME.match(path.name))

    def stage_ends(self) -> dict[str, str]:
        try:
            return json.loads(self.ends.read_text())
        except (OSError, ValueError):
            return {}

    def prune(self) -> None:
        kept = {*self.names()[-KEPT:], *self.stage_ends()}
        for path in self.folder.iterdir():
            if path.name.endswith(".tmp") or (NAME.match(path.name) and path.name not in kept):
                path.unlink(missing_ok=True)

    def newest(self) -> dict | None:
        """The state of the newest whole checkpoint. Torn ones are told of on stderr."""
        for name in reversed(self.names()):
            try:
                data = (self.folder / name).read_bytes()
                if hash_of(data)[:16] != NAME.match(name)[2]:
                    raise ValueError("its bytes are not those that were written")
                return torch.load(io.BytesIO(data), map_location="cpu", weights_only=False)
            except (OSError, ValueError, RuntimeError, EOFError) as error:
                print(f"checkpoint {name} is passed over: {error}", file=sys.stderr, flush=True)
        return None


def write_whole(path: Path, data: bytes | memoryview) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def read_weights(path: str) -> dict:
    """The state of a checkpoint's file, whatever its name, or the weights of an exported folder."""
    if Path(path).is_dir():
        from folder import read_folder

        return read_folder(path)
    try:
        return torch.load(path, map_location="cpu", weights_only=False)
    except Exception as error:  # torch raises half a dozen kinds
        raise Fault(f"{path} is no checkpoint of a training ({error})") from error
