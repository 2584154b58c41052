"""``python3 -m esper_telemetry.ppo``: trains PPO and records the run.

Ctrl-C (or SIGTERM) ends it after the present update, with a checkpoint; twice, at once.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from types import FrameType
from typing import Any, List, Optional, Sequence, Tuple

from .environments import TASKS
from .leash import STARTER_GONE, on_starter_gone


def _whole(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"a whole number from 1 up, not {text}")
    return number


def _setting(text: str) -> Tuple[str, Any]:
    name, _, value = text.partition("=")
    try:
        return name, json.loads(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"name=value with a number, true, false or null, not {text}") from None


def arguments(argv: Optional[Sequence[str]] = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python3 -m esper_telemetry.ppo",
        description="Trains PPO in PyTorch and records it as an Esper run.",
        epilog="example: python3 -m esper_telemetry.ppo --env CartPole-v1 --episodes 50 --device cuda:0",
    )
    parser.add_argument("--env", choices=sorted(TASKS), default="CartPole-v1", help="the task (%(default)s)")
    parser.add_argument("--episodes", type=_whole, default=None, metavar="N", help="batches: rollouts with one update each (100)")
    parser.add_argument("--envs", type=_whole, default=8, metavar="N", help="environments acted in at a time (%(default)s)")
    parser.add_argument("--steps", type=_whole, default=128, metavar="N", help="steps of a rollout in each environment (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="equal seeds give equal runs on one device (%(default)s)")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N (%(default)s)")
    parser.add_argument("--set", type=_setting, action="append", default=[], metavar="NAME=VALUE", help="a hyperparameter, such as targetKl=0.02; repeatable")
    parser.add_argument("--runs", default=None, metavar="DIR", help="folder of all runs ($ESPER_RUNS, else runs)")
    parser.add_argument("--name", default=None, help="the run's name (ppo-<env>)")
    parser.add_argument("--run-id", default=None, metavar="ID", help="write under this id")
    parser.add_argument("--resume", default=None, metavar="RUN", help="go on with a run from its checkpoint: latest, an id or a name")
    parser.add_argument("--checkpoint-every", type=_whole, default=50, metavar="N", help="batches between checkpoints (%(default)s)")
    parser.add_argument("--reset-peaks", action="store_true", help="peaks of each update instead of the whole run")
    parser.add_argument("--on-pressure", choices=["shrink"], default=None, help="shrink: learn minibatches in parts while memory is scarce (nothing)")
    parser.add_argument("--quiet", action="store_true", help="no line a batch")
    return parser.parse_args(argv)


def main(argv: Optional[List[str]] = None) -> int:
    options = arguments(argv)
    try:
        import torch
    except Exception as error:
        print(f"esper: {sys.executable} has no usable torch ({error}): install PyTorch, or train with --device cpu in esper ppo.", file=sys.stderr)
        return 1
    try:
        device = torch.device(options.device)
    except RuntimeError:
        device = torch.device("meta")
    if device.type not in ("cpu", "cuda"):
        print(f'esper: there is no device "{options.device}": choose cpu, cuda or cuda:N.', file=sys.stderr)
        return 1
    if device.type == "cuda" and not torch.cuda.is_available():
        print("esper: PyTorch sees no CUDA device here: choose --device cpu.", file=sys.stderr)
        return 1
    if (device.index or 0) >= torch.cuda.device_count() > 0:
        print(f"esper: there is no {device}: PyTorch sees {torch.cuda.device_count()} CUDA devices.", file=sys.stderr)
        return 1

    from .train import CannotTrain, train

    asked: List[int] = []

    def ask(number: int, frame: Optional[FrameType]) -> None:
        asked.append(number)
        signal.signal(number, signal.SIG_DFL)  # the next one ends it at once

    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), ask)
    why: List[str] = []

    def starter_is_gone() -> None:
        why.append(STARTER_GONE)
        asked.append(signal.SIGINT)

    on_starter_gone(starter_is_gone)
    try:
        train(options, device, lambda: bool(asked), lambda: why[0] if why else None)
    except CannotTrain as error:
        print(f"esper: {error}", file=sys.stderr)
        return 1
    return 130 if asked else 0


if __name__ == "__main__":
    sys.exit(main())
