"""NCCL on stand-in devices: collectives come to what they are to come to, and models over several ranks learn what they learn by gloo on the CPU."""

from __future__ import annotations

import json
import math
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Any, Dict, List

import on_standin
from on_standin import MIB, environment, interpreter, needs
from scratch import events_in

PROGRAM = Path(__file__).resolve().parent / "standin" / "collectives.py"
VENV = "torch-current"
#: Of each channel and connection NCCL holds 12 MiB; over PCIe there are two.
BUFFERS = 2 * 12 * MIB


def torchrun(venv: str, processes: int, program: str, *arguments: str) -> List[str]:
    return [interpreter(venv), "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes), program, *arguments]


def run(venv: str, processes: int, devices: int, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    launcher = [interpreter(venv), "-m", "esper_telemetry.standin", "--quiet", "--memory", "8GiB", "--values", "on", "--devices", str(devices)]
    return subprocess.run(
        [*launcher, *torchrun(venv, processes, program, *arguments)], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=600
    )


def collectives(venv: str, processes: int, *models: str) -> Dict[str, Any]:
    done = run(venv, processes, processes, str(PROGRAM), *models)
    if done.returncode != 0:
        raise AssertionError(done.stderr[-4000:])
    line: Dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return line


#: Two processes without torch: what NCCL answers to faults.
BY_HAND = """
import ctypes, glob, json, os, time
nccl = ctypes.CDLL(None)
nccl.ncclGetLastError.restype = ctypes.c_char_p
class Id(ctypes.Structure): _fields_ = [("text", ctypes.c_char * 128)]
made = Id(); nccl.ncclGetUniqueId(ctypes.byref(made))
comms = ctypes.c_void_p()

def join(rank, name):
    other = Id(made.text + name.encode())
    return nccl.ncclCommInitRank(ctypes.byref(comms), 2, other, rank)

def pair(first, second):
    out, into = os.pipe()
    other = os.fork()
    if other == 0:
        second()
        os._exit(0)
    one = os.fork()
    if one == 0:
        answer = first(other)
        os.write(into, json.dumps([answer, (nccl.ncclGetLastError(None) or b"").decode()]).encode())
        os._exit(0)
    os.waitpid(other, 0)
    os.waitpid(one, 0)
    return json.loads(os.read(out, 4096))

def reduce_alone(pid):
    nccl.cudaSetDevice(0)
    assert join(0, "b") == 0
    while os.path.exists(f"/proc/{pid}"):
        time.sleep(0.01)
    memory = ctypes.c_void_p()
    assert nccl.cudaMalloc(ctypes.byref(memory), 4096) == 0
    return nccl.ncclAllReduce(memory, memory, ctypes.c_size_t(4), 7, 0, comms, None)

def reduce_on_a_full_device(pid):
    nccl.cudaSetDevice(0)
    assert join(0, "c") == 0
    free, total, memory = ctypes.c_size_t(), ctypes.c_size_t(), ctypes.c_void_p()
    nccl.cudaMemGetInfo(ctypes.byref(free), ctypes.byref(total))
    assert nccl.cudaMalloc(ctypes.byref(memory), ctypes.c_size_t(free.value - (4 << 20))) == 0
    return nccl.ncclAllReduce(memory, memory, ctypes.c_size_t(4), 7, 0, comms, None)

def join_on(device, name):
    nccl.cudaSetDevice(device)
    join(1, name)

found = {
    "same device": pair(lambda pid: join(0, "a"), lambda: join_on(0, "a")),
    "gone": pair(reduce_alone, lambda: join_on(1, "b")),
    "no memory": pair(reduce_on_a_full_device, lambda: join_on(1, "c")),
    "left": [path for path in glob.glob("/dev/shm/*") if made.text.decode() in path],
}
print(json.dumps(found))
"""

#: A model in shards, small enough for its values to be computed; the update that is rehearsed last ends every rank.
SHARDED = """
import os, torch, torch.distributed as dist
from torch import nn
from torch.distributed.fsdp import fully_shard
dist.init_process_group("nccl")
torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
with torch.device("cuda"):
    model = nn.Sequential(*[nn.Sequential(nn.Linear(512, 512), nn.GELU()) for _ in range(4)])
for layer in model:
    fully_shard(layer)
fully_shard(model)
optimizer = torch.optim.AdamW(model.parameters())
for step in range(100):
    x = torch.randn(64, 512, device="cuda")
    model(x).square().mean().backward()
    optimizer.step()
    optimizer.zero_grad()
dist.destroy_process_group()
"""


@needs(VENV)
class Nccl(unittest.TestCase):
    def test_collectives_and_models_over_two_ranks(self) -> None:
        line = collectives(VENV, 2, "ddp", "fsdp2")
        self.assertGreater(line["checked"], 45)
        # Two communicators of two, with a connection for messages beside the ring of the first.
        self.assertGreaterEqual(line["taken"], 3 * BUFFERS)
        for name in ("ddp", "fsdp2"):
            for there, here in zip(line[name]["cuda"], line[name]["cpu"]):
                self.assertTrue(math.isclose(there, here, rel_tol=1e-5), line[name])

    def test_without_torch_two_ranks_on_one_device_and_one_that_is_gone(self) -> None:
        """Each fault in one sentence, at once: nobody waits for who will not come."""
        found = on_standin.run(BY_HAND, "--devices", "2", "--memory", "8GiB")
        self.assertEqual(found["same device"], [5, "Duplicate GPU detected : rank 0 and rank 1 both on CUDA device 1000"])
        self.assertEqual(found["gone"], [6, "rank 1 has ended, and rank 0 waits for it"])
        self.assertEqual(found["no memory"], [1, f"Failed to CUDA calloc {BUFFERS} bytes"])
        self.assertEqual(found["left"], [])

    def test_a_sharded_model_rehearsed_by_rank_and_one_rank_of_a_large_world(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "train.py").write_text(SHARDED)
            answers = []
            for options, command in [
                (["--gpus", "2", "--steps", "1"], torchrun(VENV, 2, "train.py")),
                (["--world", "64", "--steps", "1"], [interpreter(VENV), "train.py"]),
            ]:
                done = subprocess.run(
                    [interpreter(VENV), "-m", "esper_telemetry", "rehearse", "--json", "--memory", "8GiB", *options, "--", *command],
                    cwd=folder,
                    env={**environment(), "ESPER_RUNS": f"{folder}/runs"},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                    timeout=600,
                )
                self.assertTrue(done.stdout, done.stderr)
                answers.append(json.loads(done.stdout))
            starts = [events_in(Path(answer["run"]) / "events-0.jsonl")[0] for answer in answers]
            runs = [sorted(path.name for path in Path(answer["run"]).iterdir()) for answer in answers]
        parameters = 4 * (512 * 512 + 512) * 4
        for answer, world, ranks in zip(answers, (2, 64), (2, 1)):
            with self.subTest(world=world):
                self.assertEqual((answer["problem"], answer["fits"], answer["world"]), (None, True, world))
                self.assertEqual(len(answer["processes"]), ranks)
                self.assertEqual(answer["ncclBytes"], BUFFERS)
                self.assertEqual(len({process["updates"] for process in answer["processes"]}), 1, "ranks end after the same update")
                # Each rank holds its share of the two moments; shards of 64 are rounded up.
                share = answer["parts"]["optimizer state"] / (2 * parameters)
                self.assertTrue(1 / world <= share < 1.2 / world, share)
        self.assertIn("events-1.jsonl", runs[0])
        self.assertEqual([started["data"]["worldSize"] for started in starts], [2, 1], "who is not there is not waited for")


if __name__ == "__main__":
    unittest.main()
