"""The same command with one thing changed: an argument, an override, an environment variable or a key of a YAML file of its own."""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, List, Optional, Tuple


class CannotVary(ValueError):
    """The text is one sentence."""


@dataclass(frozen=True)
class Variation:
    """``batch-size=4,8,16``, or ``batch-size=1..64``: the largest that fits is looked for."""

    name: str
    values: Tuple[str, ...] = ()
    #: Bounds of a search, both in it.
    search: Optional[Tuple[int, int]] = None


def parse_variation(text: str) -> Variation:
    """:raises CannotVary: where the text is none."""
    name, equals, rest = text.partition("=")
    if not equals or not name or not rest:
        raise CannotVary(f"{text!r} is no variation such as batch-size=4,8,16 or batch-size=1..64")
    bounds = re.fullmatch(r"([\w.+-]*?)\.\.([\w.+-]*)", rest)
    if bounds is None:
        return Variation(name, tuple(rest.split(",")))
    low, high = (int(bound) if bound.isdigit() else 0 for bound in bounds.groups())
    if low < 1 or low > high:
        raise CannotVary(f"{rest!r} is no range of whole numbers from 1 up")
    return Variation(name, (), (low, high))


def varied(command: List[str], name: str, value: str, folder: Path) -> Tuple[List[str], Dict[str, str]]:
    """The command and what is added to its environment. ``folder`` takes changed copies of files.

    A name is looked for as an option (``--batch-size 4``, ``--batch_size=4``), as an override (``batch_size=4``), as a key of a YAML
    file among the arguments (``train.batch_size``); ``env:NAME``, or a name that the environment has, is a variable. Where it is nowhere,
    it is added: as an override where the command has others, or is a script that imports hydra; else as an option in one word, which every parser takes.
    """
    if name.startswith("env:"):
        return command, {name[4:]: value}
    plain = re.sub(r"[-_]", "[-_]", re.escape(name.lstrip("-")).replace(r"\-", "-"))
    for at, word in enumerate(command):
        if re.fullmatch(f"--?{plain}", word) and at + 1 < len(command):
            return [*command[: at + 1], value, *command[at + 2 :]], {}
        found = re.fullmatch(f"(-{{0,2}}{plain}=).*", word, re.S)
        if found:
            return [*command[:at], found.group(1) + value, *command[at + 1 :]], {}
    for at, word in enumerate(command):
        if re.search(r"\.ya?ml$", word) and os.path.isfile(word):
            text = _with_key(Path(word).read_text(encoding="utf-8"), name, value)
            if text is not None:
                handle, copy = tempfile.mkstemp(suffix=f"-{Path(word).name}", dir=folder)
                with open(handle, "w", encoding="utf-8") as file:
                    file.write(text)
                return [*command[:at], copy, *command[at + 1 :]], {}
    if name in os.environ:
        return command, {name: value}
    return [*command, f"{name}={value}" if not name.startswith("-") and _takes_overrides(command) else f"--{name.lstrip('-')}={value}"], {}


def _takes_overrides(command: List[str]) -> bool:
    """Whether arguments are written ``key=value``, as hydra has them."""
    scripts = [at for at, word in enumerate(command) if word.endswith(".py") and os.path.isfile(word)]
    if any(re.match(r"[+~]{0,2}[A-Za-z_][\w./@-]*=", word) for word in command[scripts[0] + 1 if scripts else 1 :]):
        return True
    return any(re.search(r"^\s*(?:import|from)\s+hydra\b", Path(command[at]).read_text(encoding="utf-8", errors="replace"), re.M) for at in scripts)


def _with_key(text: str, name: str, value: str) -> Optional[str]:
    """The YAML with another scalar for a key, by its path (``train.batch_size``) or, where only one has it, by its last part."""
    wanted = name.replace("-", "_").split(".")
    found: List[Tuple[int, "re.Match[str]"]] = []
    path: List[Tuple[int, str]] = []
    lines = text.split("\n")
    for at, line in enumerate(lines):
        match = re.match(r"(\s*)([\w-]+)(\s*:\s*)([^#\s][^#]*?)?(\s*(?:#.*)?)$", line)
        if match is None:
            continue
        depth = len(match.group(1))
        path = [(d, key) for d, key in path if d < depth] + [(depth, match.group(2).replace("-", "_"))]
        keys = [key for _, key in path]
        if keys[-len(wanted) :] == wanted and match.group(4) is not None:
            found.append((at, match))
    if len(found) != 1:
        return None
    at, match = found[0]
    lines[at] = f"{match.group(1)}{match.group(2)}{match.group(3)}{value}{match.group(5)}"
    return "\n".join(lines)


def largest(low: int, high: int, fits: Callable[[int], bool]) -> Optional[int]:
    """The largest number from ``low`` to ``high`` that fits, where one that fits means that all smaller ones do: doubled until one
    does not, then halved between. None where not even the smallest does."""
    if not fits(low):
        return None
    good, step = low, low
    while good < high:
        step = min(good * 2, high)
        if not fits(step):
            break
        good = step
    bad = step if step > good else high + 1
    while bad - good > max(1, good // 16):
        middle = (good + bad) // 2
        if fits(middle):
            good = middle
        else:
            bad = middle
    return good
