"""``python -m esper_telemetry rehearse``, which ``esper rehearse`` starts too."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, List, NoReturn, Optional

from ..opening import runs_folder
from ..standin import Unavailable
from ..standin.options import addresses, option, split, within
from ..standin.settings import MIB, parse_bytes, size
from ..standin.values import DEFAULT_LIMIT, limit_of
from . import words
from .cards import UnknownCard, card_named, cards, of_size
from .progress import Progress, TerminalProgress
from .question import Question, ask
from .rehearsal import Options
from .vary import CannotVary, parse_variation, varied

#: Exit statuses: it fits (or the need is known), it does not, and no answer.
FITS, DOES_NOT, NO_ANSWER = 0, 2, 1

_DESCRIPTION = (
    "Runs COMMAND on a stand-in CUDA device and answers whether it fits, on which card, where its peak stands and what it is made of. "
    "No GPU is needed or touched: PyTorch's own allocator runs, kernels do nothing."
)
_EXAMPLE = """examples:
  esper rehearse --gpu "A100 80GB" -- python train.py --batch-size 8
  esper rehearse --memory 24GiB --vary batch-size=1..64 -- python train.py
  esper rehearse --memory 8GiB --steps all -- python train.py --max-steps 300
"""

#: Options without a value.
_SWITCHES = ("-h", "--help", "--online", "--output", "--json", "--allocator", "--gpus-known")


def _steps(text: str) -> Optional[int]:
    if text == "all":
        return None
    if not text.isdigit() or not 1 <= int(text) <= 10_000:
        raise ValueError(f"{text!r} is neither a whole number from 1 to 10,000 nor all")
    return int(text)


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(s|m|h)?", text)
    if found is None or float(found.group(1)) == 0:
        raise ValueError(f"{text!r} is no duration such as 90s or 10m")
    return float(found.group(1)) * {"s": 1, "m": 60, "h": 3600}[found.group(2) or "s"]


def _card_size(text: str) -> int:
    found = parse_bytes(text)
    if found < MIB:
        raise ValueError(f"{text!r} is {found} bytes: a card's memory is written 24GiB")
    return found


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One sentence, and the status of no answer: argparse's own is that of what does not fit."""
        self.exit(NO_ANSWER, f"esper rehearse: {message}.\n")


def parser() -> argparse.ArgumentParser:
    made = _Parser(
        prog="esper rehearse",
        usage="esper rehearse [options] -- COMMAND …",
        description=_DESCRIPTION,
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = made.add_argument
    card = made.add_mutually_exclusive_group()
    card.add_argument("--gpu", type=option(card_named), metavar="CARD", help='the card, e.g. "A100 80GB" or 4090; --gpus-known lists them')
    card.add_argument("--memory", type=option(_card_size), metavar="SIZE", help="a card of which only the memory is known, e.g. 24GiB")
    add("--gpus", type=option(within(1, 64)), default=1, metavar="N", help="how many (1)")
    add("--world", type=option(within(2, 256)), metavar="N", help="the command is rank 0 of N, alone: the others are taken to be like it")
    add("--others", type=option(parse_bytes), default=0, metavar="SIZE", help="what others hold on each (0)")
    add("--steps", type=option(_steps), default=3, metavar="N|all", help="updates in a row that must bring nothing new (3); all: the whole program")
    add("--timeout", type=option(_seconds), default=600.0, metavar="TIME", help="of each run of the command (10m)")
    add("--vary", type=option(parse_variation), action="append", default=[], metavar="NAME=A,B,…|NAME=LOW..HIGH", help="try values of an argument, an override, a key of a YAML file or env:NAME; of a range, find the largest that fits")
    add("--allocator", action="store_true", help="try settings of PyTorch's allocator too")
    add("--scratch", action="append", default=[], metavar="NAME", help="an argument that names an output folder: a temporary one takes its place")
    add("--online", action="store_true", help="let trackers and hubs reach the network")
    add("--values", type=option(limit_of), default=DEFAULT_LIMIT, metavar="on|off|all|N", help="compute tensors up to N elements (65536)")
    add("--addresses", type=option(addresses), default="fall", metavar="ORDER", help="of memory: fall as Linux, wsl:94 as Windows' Linux (fall)")
    add("--name", metavar="NAME", help="name of the runs")
    add("--runs", metavar="DIR", help="folder of all runs ($ESPER_RUNS, else runs)")
    add("--output", action="store_true", help="show what the command prints")
    add("--json", action="store_true", help="print the answer as JSON")
    add("--gpus-known", action="store_true", help="list the cards and where their figures come from")
    return made


def main(arguments: Optional[List[str]] = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    options, program = split(given, _SWITCHES)
    made = parser()
    chosen = made.parse_args(options)
    if chosen.gpus_known:
        for card in cards():
            print(f"{card.name:<24}{size(card.total):>11}  {card.capability[0]}.{card.capability[1]}  {card.multiprocessors} × {card.threads}  {card.source}")
        return FITS
    if not program:
        made.error("which command? For example: esper rehearse --memory 24GiB -- python train.py")
    signal.signal(signal.SIGTERM, _interrupted)
    try:
        with tempfile.TemporaryDirectory(prefix="esper-scratch-") as scratch:
            result = ask(_question(chosen, program, Path(scratch)))
    except (Unavailable, CannotVary, UnknownCard) as error:
        print(f"esper rehearse: {error}.", file=sys.stderr)
        return NO_ANSWER
    except KeyboardInterrupt:
        return 130
    shown = [json.dumps(result)] if chosen.json else _screen(result)
    try:
        print("\n".join(shown), flush=True)
    except BrokenPipeError:  # `| head -1` has read what it wanted
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return DOES_NOT if result["fits"] is False or result.get("ends") else NO_ANSWER if result["problem"] else FITS


def _screen(result: Dict[str, Any]) -> List[str]:
    shown, width = words.lines(result), shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    if width is not None:
        shown = words.wrapped(shown, width)
    return [*shown, *(words.table(result["tries"], width) if "tries" in result else [])]


def _interrupted(*_: Any) -> None:
    raise KeyboardInterrupt


def _question(chosen: argparse.Namespace, program: List[str], scratch: Path) -> Question:
    """:param scratch: a folder that takes what the command writes by ``--scratch``."""
    command = program
    environment: Dict[str, str] = {}
    for number, name in enumerate(chosen.scratch):
        place = scratch / str(number)
        place.mkdir()
        command, variables = varied(command, name, str(place), scratch)
        environment.update(variables)
    options = Options(
        command=command,
        environment=environment,
        scratch=scratch,
        runs=runs_folder(chosen.runs),
        steps=chosen.steps,
        timeout=chosen.timeout,
        name=chosen.name,
        online=chosen.online,
        world=chosen.world,
        values=chosen.values,
        addresses=chosen.addresses,
        show=chosen.output and not chosen.json,
    )
    card = chosen.gpu if chosen.memory is None else of_size(chosen.memory)
    quiet = chosen.json or not sys.stderr.isatty()
    progress = Progress() if quiet else TerminalProgress(sys.stderr, rewrites=not options.show)
    return Question(options, card, chosen.gpus, chosen.others, chosen.vary, chosen.allocator, progress)
