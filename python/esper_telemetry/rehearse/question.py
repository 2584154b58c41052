"""A question to the stand-in device: does this command fit, on which card, with what changed?"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

from ..standin.settings import GIB
from .answer import answer
from .cards import Card, of_size
from .finding import finding_of
from .progress import Progress
from .rehearsal import Options, Rehearsal, rehearse_once
from .vary import CannotVary, Variation, largest, varied

#: Memory that no single-GPU training fills.
ROOMY = 2048 * GIB
#: Settings of the allocator that are tried, by their names in a table.
ALLOCATOR: Dict[str, str] = {
    "expandable_segments": "expandable_segments:True",
    "max_split_size_mb:128": "max_split_size_mb:128",
    "garbage_collection_threshold:0.8": "garbage_collection_threshold:0.8",
}


@dataclass
class Question:
    options: Options
    #: None: the need alone is asked for.
    card: Optional[Card] = None
    devices: int = 1
    #: Bytes that others hold on each device.
    others: int = 0
    vary: Sequence[Variation] = ()
    #: Whether the allocator's settings are tried too.
    allocator: bool = False
    progress: Progress = field(default_factory=Progress)


def ask(question: Question) -> Dict[str, Any]:
    """The answer (see :func:`.answer.answer`), with ``tries`` where something was varied.

    :raises Unavailable: where nothing can be rehearsed; CannotVary.
    """
    searched = next((one for one in question.vary if one.search is not None), None)
    if question.card is None and searched is not None:
        raise CannotVary(f"of a range of {searched.name} the largest that fits is looked for: on which card? --gpu or --memory names it")
    folder = Path(tempfile.mkdtemp(prefix="esper-vary-"))
    try:
        result = _answered(question, question.options)
        result["finding"] = finding_of(result)
        kind = result["finding"] and result["finding"]["kind"]
        # What a program that has ended needed more and more of, such as samples in the order of their lengths, it needs no more of.
        if result["fits"] is True and kind == "growth" and result["isWhole"]:
            result["ends"] = None
        elif result["fits"] is True and kind and (not result.get("ends") or kind == "growth"):
            result["ends"] = result["finding"]["ends"]
        tries = [*_variations(question, folder), *_allocator(question)]
        if tries:
            tries.append({"option": "as it is", "answer": dict(result)})
            result["tries"] = sorted(tries, key=_least_memory)
        return result
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _least_memory(one: Dict[str, Any]) -> Tuple[bool, int]:
    reserved = one["answer"].get("peakReservedBytes")
    return reserved is None, reserved or 0


def _answered(question: Question, options: Options, changed: str = "") -> Dict[str, Any]:
    """:param changed: what differs from the question, for who waits: ``with NAME=VALUE ``."""
    card = question.card
    on_card: Optional[Rehearsal] = None
    roomy: Optional[Rehearsal] = None
    if card is not None:
        question.progress.begin(f"{changed}on {card.name}")
        on_card = rehearse_once(options, card.settings(question.devices, question.others), card.name, question.progress)
    # Where memory grew until it was full, more of it would only have been full later.
    if on_card is None or on_card.refused is not None and not on_card.refused["growth"]:
        question.progress.begin(f"{changed}on a device of any size")
        base = card or of_size(ROOMY)
        settings = replace(base, total=ROOMY).settings(question.devices)
        label = "any size" if card is None else f"{card.name}, without an end"
        # What was refused may come late, as an evaluation does: the need is that of no fewer updates.
        least = 0 if on_card is None or on_card.refused is None else on_card.refused["refused"].get("update") or 0
        roomy = rehearse_once(replace(options, steps=options.steps or 3, least=least), settings, label, question.progress)
    return answer(card, on_card, roomy, question.others, is_whole=options.steps is None)


def _changed(question: Question, name: str, value: str, folder: Path) -> Options:
    command, environment = varied(question.options.command, name, value, folder)
    return replace(question.options, command=command, environment={**question.options.environment, **environment})


def _variations(question: Question, folder: Path) -> List[Dict[str, Any]]:
    tries: List[Dict[str, Any]] = []

    def attempt(name: str, value: str) -> bool:
        result = _answered(question, _changed(question, name, value, folder), f"with {name}={value} ")
        tries.append({"option": f"{name}={value}", "answer": result})
        return result["fits"] is True

    for variation in question.vary:
        name = variation.name
        for value in variation.values:
            attempt(name, value)
        if variation.search is not None:
            best = largest(*variation.search, lambda value, name=name: attempt(name, str(value)))  # type: ignore[misc]
            for one in tries:
                one["largest"] = one.get("largest", False) or one["option"] == f"{name}={best}"
    return tries


def _allocator(question: Question) -> List[Dict[str, Any]]:
    if not question.allocator:
        return []
    tries = []
    for name, setting in ALLOCATOR.items():
        environment = {**question.options.environment, "PYTORCH_CUDA_ALLOC_CONF": setting, "PYTORCH_ALLOC_CONF": setting}
        tries.append({"option": name, "answer": _answered(question, replace(question.options, environment=environment), f"with {name} ")})
    return tries
