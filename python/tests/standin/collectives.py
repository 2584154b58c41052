"""One of the processes of torchrun: every collective of NCCL on small and large tensors, held against what it is to come to.

    python -m esper_telemetry.standin --devices 3 torchrun --standalone --nproc-per-node 3 collectives.py [ddp] [fsdp2]

Rank 0 prints a line of JSON: how much was checked, what NCCL's buffers took, and the losses of models over all ranks, by NCCL on the device and by gloo
on the CPU.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Callable, Dict, List, Tuple

import torch
import torch.distributed as dist
from torch import Tensor

RANK, WORLD = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
HERE = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
#: More than what goes at once, with room that nothing was ever written to.
LARGE = 3 << 18
checked: List[str] = []


def given(rank: int, dtype: torch.dtype = torch.float32, count: int = 5) -> Tensor:
    return torch.arange(1, count + 1).mul(rank + 1).to(dtype)


def check(name: str, found: Any, wanted: Any) -> None:
    found, wanted = torch.as_tensor(found).cpu(), torch.as_tensor(wanted)
    assert found.dtype == wanted.dtype and torch.equal(found, wanted), f"rank {RANK}: {name}: {found.flatten()[:8]}, not {wanted.flatten()[:8]}"
    checked.append(name)


def reductions() -> None:
    ops: Dict[str, Tuple[Any, Callable[[Tensor], Tensor]]] = {
        "sum": (dist.ReduceOp.SUM, lambda all_: all_.sum(0)),
        "product": (dist.ReduceOp.PRODUCT, lambda all_: all_.prod(0)),
        "max": (dist.ReduceOp.MAX, lambda all_: all_.amax(0)),
        "min": (dist.ReduceOp.MIN, lambda all_: all_.amin(0)),
    }
    for dtype in (torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int32, torch.int64, torch.uint8, torch.int8):
        everyone = torch.stack([given(rank, torch.float64) for rank in range(WORLD)])
        for name, (op, wanted) in ops.items():
            mine = given(RANK, dtype).to(HERE)
            dist.all_reduce(mine, op=op)
            check(f"all_reduce {name} {dtype}", mine, wanted(everyone).to(dtype))
    mine = given(RANK).to(HERE)
    dist.all_reduce(mine, op=dist.ReduceOp.AVG)
    check("average", mine, sum(given(rank) for rank in range(WORLD)) / WORLD)
    if hasattr(dist, "_make_nccl_premul_sum"):
        mine = given(RANK).to(HERE)
        dist.all_reduce(mine, op=dist._make_nccl_premul_sum(0.5))
        check("sum of halves", mine, sum(given(rank) * 0.5 for rank in range(WORLD)))
    # Halves of every size, with those that are not normal and what rounds to infinity.
    for dtype in (torch.float16, torch.bfloat16):
        numbers = torch.tensor([6.1e-5, 5.96e-8, 2.98e-8, 1.5, 2049.0, 65504.0, -0.0, float("inf"), float("nan"), 1 / 3, 1e-7]).to(dtype)
        mine = numbers.to(HERE)
        dist.all_reduce(mine)
        total = numbers
        for _ in range(WORLD - 1):
            total = (total.float() + numbers.float()).to(dtype)
        assert torch.equal(mine.cpu().nan_to_num(7), total.nan_to_num(7)), (dtype, mine, total)
        checked.append(f"rounding {dtype}")


def movements() -> None:
    mine = given(RANK).to(HERE)
    dist.broadcast(mine, WORLD - 1)
    check("broadcast", mine, given(WORLD - 1))
    mine = given(RANK).to(HERE)
    dist.reduce(mine, 1)
    check("reduce", mine if RANK == 1 else torch.zeros(0), sum(given(rank) for rank in range(WORLD)) if RANK == 1 else torch.zeros(0))
    everyone = torch.empty(5 * WORLD, device=HERE)
    dist.all_gather_into_tensor(everyone, given(RANK).to(HERE))
    check("all_gather_into_tensor", everyone, torch.cat([given(rank) for rank in range(WORLD)]))
    parts = [torch.empty(rank + 1, device=HERE) for rank in range(WORLD)]
    dist.all_gather(parts, given(RANK, count=RANK + 1).to(HERE))
    check("all_gather of different sizes", torch.cat(parts), torch.cat([given(rank, count=rank + 1) for rank in range(WORLD)]))
    share = torch.empty(2, device=HERE)
    dist.reduce_scatter_tensor(share, given(RANK, count=2 * WORLD).to(HERE))
    check("reduce_scatter_tensor", share, sum(given(rank, count=2 * WORLD) for rank in range(WORLD))[2 * RANK : 2 * RANK + 2])
    out = torch.empty(WORLD, device=HERE)
    dist.all_to_all_single(out, given(RANK, count=WORLD).to(HERE))
    check("all_to_all_single", out, torch.stack([given(rank, count=WORLD)[RANK] for rank in range(WORLD)]))
    gathered = [torch.empty(5, device=HERE) for _ in range(WORLD)] if RANK == 0 else None
    dist.gather(given(RANK).to(HERE), gathered, 0)
    check("gather", torch.cat(gathered or [torch.zeros(0, device=HERE)]), torch.cat([given(rank) for rank in range(WORLD)]) if RANK == 0 else torch.zeros(0))
    mine = torch.empty(5, device=HERE)
    dist.scatter(mine, [given(rank).to(HERE) for rank in range(WORLD)] if RANK == 0 else None, 0)
    check("scatter", mine, given(RANK))
    objects: List[Any] = [None] * WORLD
    dist.all_gather_object(objects, {"rank": RANK, "text": "x" * (RANK + 1)})
    assert [o["rank"] for o in objects] == list(range(WORLD))


def messages() -> None:
    after, before = (RANK + 1) % WORLD, (RANK - 1) % WORLD
    received = torch.empty(5, device=HERE)
    for request in dist.batch_isend_irecv([dist.P2POp(dist.isend, given(RANK).to(HERE), after), dist.P2POp(dist.irecv, received, before)]):
        request.wait()
    check("a ring of messages", received, given(before))
    received = torch.full((5,), 7.0, device=HERE)
    if RANK == 0:
        dist.send(torch.zeros(5, device=HERE), 1)
    elif RANK == 1:
        dist.recv(received, 0)
        check("zeros in a message", received, torch.zeros(5))


def large() -> None:
    """What nothing was written to, beside what was, and what was left from before."""
    mine = torch.empty(LARGE, device=HERE)
    esper_written = torch.zeros(10, device=HERE)
    esper_written.fill_(RANK + 1)
    mine[LARGE // 2 : LARGE // 2 + 10].copy_(esper_written)
    dist.all_reduce(mine)
    check("the middle of a large tensor", mine[LARGE // 2 : LARGE // 2 + 10], torch.full((10,), float(sum(range(1, WORLD + 1)))))
    check("its end", mine[-10:], torch.zeros(10))
    received = torch.ones(LARGE, device=HERE)
    dist.broadcast(received if RANK else torch.zeros(LARGE, device=HERE), 0)
    check("zeros over what was there", received[:10], torch.zeros(10) if RANK else received[:10].cpu())


def groups() -> None:
    first = dist.new_group([0, 1])
    second = dist.new_group(list(range(WORLD)))
    mine = given(RANK).to(HERE)
    if RANK < 2:
        dist.all_reduce(mine, group=first)
        check("a group of two", mine, given(0) + given(1))
    mine = given(RANK).to(HERE)
    dist.all_reduce(mine, group=second)
    check("another group of all", mine, sum(given(rank) for rank in range(WORLD)))


def losses(device: torch.device, wrap: Callable[[Any], Any]) -> List[float]:
    torch.manual_seed(0)
    layers = [torch.nn.Sequential(torch.nn.Linear(24, 24), torch.nn.Tanh()) for _ in range(3)]
    model = wrap(torch.nn.Sequential(*layers, torch.nn.Linear(24, 2)).to(device))
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2)
    generator = torch.Generator().manual_seed(RANK)
    found = []
    for _ in range(4):
        x, y = torch.randn(8, 24, generator=generator).to(device), torch.randint(2, (8,), generator=generator).to(device)
        loss = torch.nn.functional.cross_entropy(model(x), y)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        found.append(loss.item())
    return found


def fsdp2(device: torch.device) -> List[float]:
    from torch.distributed.fsdp import fully_shard

    mesh = dist.init_device_mesh(device.type, (WORLD,))

    def wrap(model: Any) -> Any:
        for layer in model:
            fully_shard(layer, mesh=mesh)
        return fully_shard(model, mesh=mesh)

    return losses(device, wrap)


def ddp(device: torch.device) -> List[float]:
    return losses(device, torch.nn.parallel.DistributedDataParallel)


def main() -> None:
    torch.cuda.set_device(HERE)
    dist.init_process_group("cpu:gloo,cuda:nccl" if len(sys.argv) > 1 else "nccl")
    free = torch.cuda.mem_get_info()[0]
    for part in (reductions, movements, messages, large, groups):
        part()
    torch.cuda.empty_cache()
    line: Dict[str, Any] = {"checked": len(checked), "taken": free - torch.cuda.mem_get_info()[0] - torch.cuda.memory_reserved()}
    for name in sys.argv[1:]:
        line[name] = {device.type: globals()[name](device) for device in (HERE, torch.device("cpu"))}
    dist.barrier()
    if RANK == 0:
        print(json.dumps(line), flush=True)
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
