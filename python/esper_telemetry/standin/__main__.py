"""``python -m esper_telemetry.standin [options] PROGRAM …``: runs a PyTorch CUDA program where there is no GPU."""

from __future__ import annotations

import argparse
import os
import sys
from typing import List, Optional

from . import Unavailable, standin_environment
from .build import requirements
from .launch import command_line, fresh_ledger, torch_of
from .options import addresses, option, split, within
from .settings import Settings, of_each, parse_bytes, parse_capability, parse_sizes, size
from .values import DEFAULT_LIMIT, limit_of

_DESCRIPTION = (
    "Runs a PyTorch CUDA program on a stand-in device: memory is PyTorch's own, kernels do nothing. It is no GPU."
)
_EXAMPLE = """examples:
  python -m esper_telemetry.standin --memory 8GiB train.py --epochs 1
  python -m esper_telemetry.standin --memory 80GiB --capability 9.0 --multiprocessors 132 --threads 2048 -m mypackage.train
  python -m esper_telemetry.standin --devices 4 torchrun --nproc-per-node 4 train.py
"""

#: Options without a value.
_SWITCHES = ("-h", "--help", "--quiet", "--check")


def parser() -> argparse.ArgumentParser:
    usual = Settings()
    made = argparse.ArgumentParser(
        prog="python -m esper_telemetry.standin",
        usage="%(prog)s [options] PROGRAM …",
        description=_DESCRIPTION,
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = made.add_argument
    add(
        "--memory",
        type=option(parse_sizes),
        default=usual.memory,
        metavar="SIZE",
        help="of each device, e.g. 8GiB; several with commas: one a device (24GiB)",
    )
    add("--devices", type=option(within(1, 64)), default=usual.devices, metavar="N", help="how many (1)")
    add(
        "--others",
        type=option(parse_sizes),
        default=usual.others,
        metavar="SIZE",
        help="what processes outside hold on each device (0)",
    )
    add(
        "--context",
        type=option(parse_bytes),
        default=usual.context,
        metavar="SIZE",
        help="what the CUDA context of a process takes (300MiB)",
    )
    add(
        "--capability",
        type=option(parse_capability),
        default=usual.capability,
        metavar="X.Y",
        help="compute capability (8.6)",
    )
    add(
        "--multiprocessors",
        type=option(within(1, 1024)),
        default=usual.multiprocessors,
        metavar="N",
        help="multiprocessors (82)",
    )
    add(
        "--threads",
        type=option(within(32, 4096)),
        default=usual.threads,
        metavar="N",
        help="threads of each multiprocessor (1536)",
    )
    add(
        "--addresses",
        type=option(addresses),
        default=usual.addresses,
        metavar="ORDER",
        help="fall as Linux, rise, wsl:N, file:PATH (fall)",
    )
    add("--name", default="", metavar="NAME", help="a card's name, shown as 'NAME (Esper stand-in, no GPU)'")
    add("--shared", metavar="FILE", help="programs that name the same file are neighbours on the same devices")
    add(
        "--values",
        type=option(limit_of),
        default=DEFAULT_LIMIT,
        metavar="on|off|all|N",
        help="compute tensors up to N elements on the CPU (on: 65536)",
    )
    add(
        "--copy-limit",
        type=option(parse_bytes),
        metavar="SIZE",
        help="leave out larger copies from the host (none is left out)",
    )
    add(
        "--log",
        type=option(within(0, 3)),
        default=0,
        metavar="0-3",
        help="1 calls without effect, 2 allocations, 3 launches (0)",
    )
    add("--quiet", action="store_true", help="do not print what the device is")
    add("--check", action="store_true", help="print whether it can be had of this Python, and exit")
    return made


def main(arguments: Optional[List[str]] = None) -> int:
    made = parser()
    options, program = split(sys.argv[1:] if arguments is None else arguments, _SWITCHES)
    chosen = made.parse_args(options)
    if chosen.check:
        return _check(made.prog)
    if not program:
        made.error("which program? For example: python -m esper_telemetry.standin --memory 8GiB train.py")
    try:
        command = command_line(program)
        settings = Settings(
            memory=chosen.memory,
            devices=chosen.devices,
            others=chosen.others,
            context=chosen.context,
            capability=chosen.capability,
            multiprocessors=chosen.multiprocessors,
            threads=chosen.threads,
            addresses=chosen.addresses,
            name=chosen.name,
            shared=os.path.abspath(chosen.shared) if chosen.shared else fresh_ledger(),
            copy_limit=chosen.copy_limit,
            values=chosen.values,
            log=chosen.log,
        )
        environment = standin_environment(settings, torch_folder=torch_of(command))
    except Unavailable as error:
        print(f"{made.prog}: {error}.", file=sys.stderr)
        return 1
    if not chosen.quiet:
        print(
            f"esper stand-in device: {_describe(settings)}. No GPU: kernels do nothing, memory is PyTorch's own.",
            file=sys.stderr,
            flush=True,
        )
    try:
        os.execvpe(command[0], command, environment)
    except OSError as error:
        print(f"{made.prog}: {command[0]} could not be started: {error.strerror}.", file=sys.stderr)
        return 126


def _check(prog: str) -> int:
    try:
        torch, compiler = requirements()
    except Unavailable as error:
        print(f"{prog}: {error}.", file=sys.stderr)
        return 1
    print(f"The stand-in device can be had: PyTorch {torch.version}, a build for CUDA {torch.cuda[0]}.{torch.cuda[1]}, and the C compiler {compiler[0]}.")
    return 0


def _describe(settings: Settings) -> str:
    sizes = of_each(settings.memory, settings.devices)
    same = len(set(sizes)) == 1
    each = " and ".join(map(size, sizes[:1] if same else sizes))
    number = "1 device of" if settings.devices == 1 else f"{settings.devices} devices of"
    return "{} {}, compute capability {}.{}".format(number, each, *settings.capability)


if __name__ == "__main__":
    sys.exit(main())
