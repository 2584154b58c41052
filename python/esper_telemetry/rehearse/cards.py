"""GPUs as PyTorch sees them: what their memory comes to, and what of them decides how much a training takes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import List

from ..standin.settings import GIB, MIB, Settings


@dataclass(frozen=True)
class Card:
    name: str
    #: Bytes that ``torch.cuda.mem_get_info`` calls the total: less than on the box.
    total: int
    capability: "tuple[int, int]"
    multiprocessors: int
    #: Of each multiprocessor.
    threads: int
    #: Bytes that the CUDA context of a process takes, about.
    context: int
    #: Whether the total was seen in a public log, or is reckoned from cards like it.
    seen: bool
    source: str

    def settings(self, devices: int = 1, others: int = 0) -> Settings:
        """The stand-in device of this card."""
        return Settings(
            memory=(self.total,),
            devices=devices,
            others=(others,),
            context=self.context,
            capability=self.capability,
            multiprocessors=self.multiprocessors,
            threads=self.threads,
            name=self.name,
        )


class UnknownCard(ValueError):
    """No card, or several, fit a name. The text is one sentence."""


def cards() -> List[Card]:
    """Smallest first."""
    table = json.loads((Path(__file__).parent / "cards.json").read_text(encoding="utf-8"))
    read = [
        Card(
            row["name"],
            round(row["totalMiB"] * MIB),
            tuple(row["capability"]),
            row["multiprocessors"],
            row["threads"],
            row["contextMiB"] * MIB,
            row["seen"],
            row["source"],
        )
        for row in table["cards"]
    ]
    return sorted(read, key=lambda card: card.total)


def card_named(name: str) -> Card:
    """``A100 80GB``, ``a100-80g``, ``4090``. Raises UnknownCard where none or several fit."""
    wanted = _parts(name)
    found = [card for card in cards() if wanted and wanted <= _parts(card.name)]
    exact = [card for card in found if wanted == _parts(card.name)]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if found:
        raise UnknownCard(f"{name!r} may be {', '.join(card.name for card in found)}: which one")
    near = get_close_matches(name.lower(), [card.name.lower() for card in cards()], 4, 0.5)
    like = f" ({', '.join(card.name for card in cards() if card.name.lower() in near)} are like it)" if len(near) > 1 else ""
    raise UnknownCard(f"{name!r} is none of the known cards{like}: --gpus-known lists them, --memory takes a size")


def of_size(total: int) -> Card:
    """A card of which only the memory is known."""
    usual = Settings()
    named = f"{total / GIB:.4g} GiB" if total >= GIB else f"{total / MIB:.4g} MiB"
    return Card(f"a card of {named}", total, usual.capability, usual.multiprocessors, usual.threads, usual.context, False, "given")


def _parts(name: str) -> "frozenset[str]":
    plain = re.sub(r"\b(?:sxm\d?|hbm\d\w?)\b", "", re.sub(r"(?<![a-z\d])(\d+)\s*g(?:i?b)?\b", r"\1gb", name.lower()))
    words = re.findall(r"[a-z]+|\d+", plain)
    return frozenset(word for word in words if word not in ("nvidia", "geforce", "tesla", "rtx", "gb", "card"))
