"""The processes of a training: our own on one machine, or those that torchrun started.

On a shared machine several processes with one thread hold their pace where one process with as many threads fell to a
fifth of it: threads wait for each other at every small operation, processes once a step.
"""

import ctypes
import datetime
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import torch
import torch.distributed as dist

from faults import Passing

# The first of the processes may pause for as long as it likes; the others wait for it.
PATIENCE = datetime.timedelta(days=30)


@dataclass
class Processes:
    rank: int
    world: int
    device: torch.device
    children: list[subprocess.Popen] = field(default_factory=list)

    @property
    def first(self) -> bool:
        return self.rank == 0

    def add_up(self, numbers: torch.Tensor) -> None:
        """Sums a tensor over all processes, in place."""
        if self.world > 1:
            try:
                dist.all_reduce(numbers)
            except RuntimeError as error:
                raise Passing(f"a process of the training is gone ({self.fate()}): go on with --resume; was there memory for {self.world}?") from error

    def fate(self) -> str:
        ended = [f"process {n + 1} ended with code {child.returncode}" for n, child in enumerate(self.children) if child.poll() is not None]
        return "; ".join(ended) or "its connection closed"

    def close(self) -> None:
        for child in self.children:
            try:
                child.wait(timeout=20)
            except subprocess.TimeoutExpired:
                child.kill()
        if dist.is_initialized():
            dist.destroy_process_group()


def die_with_parent() -> None:
    # Without PR_SET_PDEATHSIG a killed first process leaves the others waiting for it.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def start(wanted: int, threads: int) -> Processes:
    """Joins torchrun's processes where RANK and WORLD_SIZE are set; else starts `wanted` - 1 copies of this command."""
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    cuda = torch.cuda.is_available()
    rank, world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 0) or 0)
    children: list[subprocess.Popen] = []
    rendezvous = os.environ.get("COTA_TRAIN_RENDEZVOUS")
    if world == 0 and wanted > 1:
        world = wanted
        rendezvous = f"file://{tempfile.mkdtemp(prefix='cota-train-')}/rendezvous"
        # They talk to each other on this machine alone.
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo" if sys.platform == "linux" else "lo0")
        for n in range(1, wanted):
            own = {"RANK": str(n), "LOCAL_RANK": str(n), "WORLD_SIZE": str(wanted), "COTA_TRAIN_RENDEZVOUS": rendezvous}
            children.append(subprocess.Popen([sys.executable, *sys.argv], env=os.environ | own, stdout=subprocess.DEVNULL, preexec_fn=die_with_parent))
    local = int(os.environ.get("LOCAL_RANK", 0))
    device = torch.device(f"cuda:{local % torch.cuda.device_count()}") if cuda else torch.device("cpu")
    if cuda:
        torch.cuda.set_device(device)
    if world > 1:
        dist.init_process_group("nccl" if cuda else "gloo", init_method=rendezvous or "env://", rank=rank, world_size=world, timeout=PATIENCE)
        if rendezvous and rank == 0:
            dist.barrier()
            forget(rendezvous)
        elif rendezvous:
            dist.barrier()
    return Processes(rank, max(1, world), device, children)


def forget(rendezvous: str) -> None:
    path = Path(rendezvous.removeprefix("file://"))
    path.unlink(missing_ok=True)
    try:
        path.parent.rmdir()
    except OSError:
        pass
