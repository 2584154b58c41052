"""One rank of a large world, rehearsed alone: rank 0 of N, with nobody else there.

The program's process group comes about without the others: each way to meet them (``env://``, ``tcp://``, ``file://``) yields a store of this process.
NCCL of the stand-in device takes the others to be like this rank: they give what it gives. So sums are N times its own, what is gathered are copies,
and a broadcast leaves all as it is; sizes, and with them memory, are those of the real world where its ranks hold equal shares.
"""

from __future__ import annotations

import importlib
import os
from typing import Any, Dict, Iterator, Tuple

#: How many ranks the world has.
WORLD = "ESPER_REHEARSE_WORLD"


def environment(world: int, devices: int) -> Dict[str, str]:
    """What a launcher would have set for rank 0."""
    return {
        WORLD: str(world),
        "ESPER_STANDIN_ALONE": "1",
        "RANK": "0",
        "WORLD_SIZE": str(world),
        "LOCAL_RANK": "0",
        "LOCAL_WORLD_SIZE": str(devices),
        "GROUP_RANK": "0",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": "29500",
    }


def install(torch: Any) -> None:
    """In a program's process, right after torch was imported; nothing where no world was asked for."""
    world = int(os.environ.get(WORLD, "0"))
    if world < 2 or not torch.distributed.is_available():
        return
    rendezvous: Any = importlib.import_module("torch.distributed.rendezvous")
    store = torch.distributed.HashStore

    def meet(url: str, *_: Any, **__: Any) -> Iterator[Tuple[Any, int, int]]:
        yield store(), 0, world

    for scheme in ("env", "tcp", "file"):
        rendezvous._rendezvous_handlers[scheme] = meet
    # Before torch 2.1 a new group counts who has come.
    c10d = torch.distributed.distributed_c10d
    c10d._store_based_barrier = lambda *_, **__: None
