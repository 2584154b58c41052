"""Rehearsals: does a training fit, on which card, and what is its memory made of; on a machine without a GPU.

    from esper_telemetry.rehearse import rehearse

    answer = rehearse(["python", "train.py", "--batch-size", "8"], gpu="A100 80GB")
    assert answer["fits"], answer["spareBytes"]
"""

from __future__ import annotations

import inspect
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, Optional, Sequence, Union

from ..opening import runs_folder
from ..standin.settings import parse_bytes
from .cards import card_named, of_size
from .question import Question, ask
from .rehearsal import Options
from .vary import parse_variation

__all__ = ["rehearse"]


def rehearse(
    program: Union[Sequence[str], Callable[[], object]],
    *,
    gpu: Optional[str] = None,
    memory: Union[None, int, str] = None,
    gpus: int = 1,
    world: Optional[int] = None,
    others: Union[int, str] = 0,
    steps: Optional[int] = 3,
    timeout: float = 600.0,
    vary: Sequence[str] = (),
    allocator: bool = False,
    online: bool = False,
    runs: Union[None, str, "os.PathLike[str]"] = None,
    name: Optional[str] = None,
) -> Dict[str, Any]:
    """Runs a command, or a function of a module, on a stand-in device in processes of its own.

    :param program: a command and its arguments; or a function without arguments, which this Python imports by its module's file.
    :param gpu: a card by name, as ``A100 80GB``; ``memory``: one of which only that is known, bytes or a text such as ``24GiB``; neither: the
        need alone is asked for.
    :param world: the program is rank 0 of so many, alone; None: it is as it is. ``gpus``: devices of this machine.
    :param steps: updates in a row that must bring nothing new; None: the whole program.
    :param timeout: seconds of each run. ``vary``: as ``batch-size=1..64``. ``others``: what others hold on each device.
    :return: the answer, as ``esper rehearse --json`` prints it; bytes and seconds, None where not known.
    :raises Unavailable: where there is no stand-in device, or no such command; ``ValueError``: for arguments that make no sense.
    """
    if gpu is not None and memory is not None:
        raise ValueError("give gpu or memory, not both")
    card = card_named(gpu) if gpu is not None else None if memory is None else of_size(_bytes(memory))
    with tempfile.TemporaryDirectory(prefix="esper-rehearse-") as folder:
        command = _command_of(program, Path(folder)) if callable(program) else [str(word) for word in program]
        options = Options(command, runs_folder(runs), steps, timeout, name, online, world=world)
        question = Question(options, card, gpus, _bytes(others), [parse_variation(text) for text in vary], allocator)
        return ask(question)


def _bytes(size: Union[int, str]) -> int:
    return size if isinstance(size, int) else parse_bytes(size)


def _command_of(function: Callable[[], object], folder: Path) -> "list[str]":
    """A program that imports the function's module by its file and calls it."""
    path = inspect.getsourcefile(function)
    if path is None or not os.path.isfile(path) or "<" in function.__qualname__:
        raise ValueError("a function that is rehearsed is one of a module's own: a file must hold it")
    program = folder / f"{function.__name__}.py"
    program.write_text(
        "import importlib.util, sys\n"
        f"sys.path.insert(0, {os.path.dirname(os.path.abspath(path))!r})\n"
        f"spec = importlib.util.spec_from_file_location('rehearsed', {os.path.abspath(path)!r})\n"
        "module = importlib.util.module_from_spec(spec)\n"
        "sys.modules['rehearsed'] = module\n"
        "spec.loader.exec_module(module)\n"
        f"module.{function.__qualname__}()\n",
        encoding="utf-8",
    )
    return [sys.executable, str(program)]
