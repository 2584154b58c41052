"""A PyTorch training whose output is piped through `esper watch -`, beside the same training piped into `cat`, in turn.

It prints figures, and between them the lines that are hardest to read: 120,000 characters that begin as what a reader looks
for and never become it. Its time is its own, from its first step to its last; what it waits for in `print` is in it.

    npm run build && python3 bench/pipe.py [pairs (7)] [steps (150)]       # needs torch
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

ESPER = os.path.join(os.path.dirname(__file__), "..", "dist", "cli", "esper.js")
HEADS = [
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate ",
    "step: 1  loss: ",
    '{"step": 1, "loss": ',
    "{'loss': ",
    "Traceback (most recent call last): ",
    "CUDA capacity: H100 with ",
    "(WorkerDict pid=",
    "global_step=1, episodic_return=",
]
# A torch whose CUDA libraries are absent is only imported on the stand-in device; it trains on the CPU all the same.
if subprocess.run([sys.executable, "-c", "import torch"], capture_output=True).returncode != 0 and "--train" not in sys.argv:
    os.environ["PYTHONPATH"] = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "python")
    PYTHON = [sys.executable, "-m", "esper_telemetry.standin", "--quiet"]
else:
    PYTHON = [sys.executable]
FILLS = ["1", "a", " ", "(", "9,", '\\"', "x=1 ", "[0] "]


def train(steps: int) -> None:
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(256, 512), torch.nn.ReLU(), torch.nn.Linear(512, 1))
    optimizer = torch.optim.Adam(model.parameters())
    data = torch.randn(2048, 256)
    began, cpu = time.perf_counter(), time.process_time()
    waited = 0.0
    for step in range(1, steps + 1):
        for _ in range(4):
            optimizer.zero_grad()
            loss = model(data).square().mean()
            loss.backward()
            optimizer.step()
        line = f"step:{step} - actor/pg_loss:{loss.item():.5f} - actor/entropy:0.5\n"
        ugly = HEADS[step % len(HEADS)] + FILLS[step // 8 % len(FILLS)] * (120_000 // len(FILLS[step // 8 % len(FILLS)])) + "\n"
        before = time.perf_counter()
        sys.stdout.write(line + ugly)
        sys.stdout.flush()
        waited += time.perf_counter() - before
    sys.stderr.write(f"{time.perf_counter() - began} {time.process_time() - cpu} {waited}\n")


def run(reader: list, steps: int) -> tuple:
    trainer = subprocess.Popen([*PYTHON, __file__, "--train", str(steps)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    taker = subprocess.Popen(reader, stdin=trainer.stdout, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    trainer.stdout.close()
    _, output = trainer.communicate()
    taker.wait()
    return tuple(float(part) for part in output.split()[-3:])


def main() -> None:
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    steps = int(sys.argv[2]) if len(sys.argv) > 2 else 150
    with tempfile.TemporaryDirectory() as runs:
        watch = ["node", ESPER, "watch", "-", "--runs", runs]
        run(["cat"], steps)
        ratios, waits = [], []
        for pair in range(pairs):
            order = [("cat", ["cat"]), ("watch", watch)]
            took = {name: run(reader, steps) for name, reader in (order if pair % 2 == 0 else order[::-1])}
            ratios.append([took["watch"][i] / took["cat"][i] for i in (0, 1)])
            waits.append([took[name][2] for name in ("watch", "cat")])
            print(f"watch {took['watch'][0]:.2f} s, cat {took['cat'][0]:.2f} s; in print {took['watch'][2]:.3f} s, {took['cat'][2]:.3f} s", flush=True)
        wall, cpu = (statistics.median(r[i] for r in ratios) for i in (0, 1))
        print(f"watch / cat, medians of {pairs} pairs: {wall:.3f} by the clock, {cpu:.3f} of the processor")
        print(f"waited in print: {statistics.median(w[0] for w in waits):.3f} s, cat {statistics.median(w[1] for w in waits):.3f} s")


if __name__ == "__main__":
    train(int(sys.argv[2])) if sys.argv[1:2] == ["--train"] else main()
