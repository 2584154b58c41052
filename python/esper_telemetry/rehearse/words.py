"""A rehearsal's answer on one screen."""

from __future__ import annotations

import textwrap
from typing import Any, Dict, List, Optional, Tuple

from ..standin.settings import size
from .parts import BEFORE

#: The column in which the text of a row begins.
_TEXT = 14
#: Share of a peak from which a part is shown.
_LEAST = 0.005
#: How many times what tensors hold is reserved where most of that is kept without need.
_KEPT = 1.5


def lines(result: Dict[str, Any]) -> List[str]:
    """The answer first, then what it rests on."""
    found = [headline(result)]
    if result.get("needs") is None:
        return found
    needs = result["needs"]
    row = _row(found)
    searched = [one for one in result.get("tries", []) if "largest" in one]
    if searched:
        row("largest", ", ".join(f"{one['option']} fits" for one in searched if one["largest"]) or "none of those tried fits")
    row("needs", _needs(result["card"], needs))
    row("peak", f"{size(result['peakAllocatedBytes'] or 0)} allocated, {size(result['peakReservedBytes'])} reserved{_place(result.get('peak'))}")
    if result.get("parts"):
        least = _LEAST * sum(result["parts"].values())
        row("made of", " · ".join(f"{kind} {size(part)}" for kind, part in result["parts"].items() if part >= least))
    for held, made in _holders(result)[:3]:
        row("", f"{size(held)} {made}")
    if result.get("growthBytes"):
        row("grows", f"{size(result['growthBytes'])} more is held after each update{_grower(result)}{_end(result)}")
    if result.get("finding"):
        if not result.get("growthBytes") or result["finding"]["kind"] != "leak":
            row("found", f"{result['finding']['kind']}: {result['finding']['says']}")
        row("to try", result["finding"]["next"][0])
    if result["cards"] is not None:
        smallest = result["cards"]["smallest"]
        row("fits on", ", ".join(f"{card['name']} ({size(card['spareBytes'])} to spare)" for card in smallest) or "none of the cards known")
        if result["cards"]["tight"]:
            row("to be tried", f"{_of_cards(result['cards']['tight'])}: tensors have room, what the allocator keeps has not")
    for fact in result["notKnown"]:
        span = "size not known" if fact["highBytes"] is None else f"{size(fact['lowBytes'])} to {size(fact['highBytes'])}"
        row("not known", f"{fact['what']}: {span}")
    if len(result["processes"]) == 1 and result["world"] > 1:
        row("ranks", f"rank {result['processes'][0]['rank']} of {result['world']}, alone: the others are taken to be like it")
    if len(result["processes"]) > 1:
        row("ranks", ", ".join(f"{p['rank']}: {size(p['peakReservedBytes'])}" for p in result["processes"]))
    if result["written"]:
        row("wrote", ", ".join(result["written"][:5]) + (f" and {len(result['written']) - 5} more" if len(result["written"]) > 5 else ""))
    row("rehearsed", f"{_updates(result)} in {result['seconds']:.0f} s, no GPU; host memory {size(result['hostBytes'])}")
    if result.get("run"):
        row("run", f"{result['run']}")
    return found


def _needs(card: Optional[Dict[str, Any]], needs: Dict[str, int]) -> str:
    """What the allocator keeps without need can be more than any card has: then the least is the answer."""
    if _is_mostly_kept(needs) or card is not None and needs["lowBytes"] <= card["totalBytes"] < needs["bytes"]:
        return f"{size(needs['lowBytes'])} or more; with room for it the allocator would keep {size(needs['bytes'])} before it gives any back"
    return f"{size(needs['bytes'])} ({size(needs['lowBytes'])} to {size(needs['highBytes'])})"


def _of_cards(names: List[str]) -> str:
    """By size: of many the smallest and the largest."""
    return ", ".join(names) if len(names) <= 3 else f"{names[0]} to {names[-1]}, {len(names)} cards"


def _is_mostly_kept(needs: Dict[str, int]) -> bool:
    return needs["bytes"] > _KEPT * needs["lowBytes"]


def wrapped(shown: List[str], width: int) -> List[str]:
    """For a terminal of so many columns: a row goes on below its text."""
    return [part for line in shown for part in textwrap.wrap(line, max(40, width), subsequent_indent=" " * (_TEXT if line.startswith("  ") else 2)) or [""]]


def headline(result: Dict[str, Any]) -> str:
    card = result["card"]
    if result["fits"] is False:
        if result.get("growthBytes"):
            return f"✗ Ends on {card['name']}: out of memory in update {result['refused']['update']}; {_progress(result)}"
        if _progresses(result):
            place = "" if result["refused"]["at"] is None else f", {result['refused']['at']}"
            return f"✗ Ends on {card['name']}: out of memory in update {result['refused']['update']}{place}; {_progress(result)}"
        short = result["short"] or {"lowBytes": 0, "highBytes": 0}
        low, high = size(short["lowBytes"]), size(short["highBytes"])
        is_kept = result["needs"] is not None and _is_mostly_kept(result["needs"])
        to = " or more" if is_kept else f" to {high}"
        has_room = short["highBytes"] == 0 or is_kept and short["lowBytes"] == 0  # tensors have, pieces of them stand in the way
        by = "" if has_room else f": short by {low}{'' if low == high else to}"
        return f"✗ Does not fit on {card['name']}{by}; refused{_place(result['refused'])}"
    if result["problem"] is not None:
        return f"? Not rehearsed to an answer: {result['problem']}"
    if card is None:
        needs = result["needs"]
        return f"Needs {size(needs['lowBytes'])} or more" if _is_mostly_kept(needs) else f"Needs {size(needs['bytes'])}"
    if result.get("ends"):
        until = f"for its {result['updates']} updates, longer ones do not" if result["isWhole"] else "at first"
        return f"✗ Fits on {card['name']} {until}{_end(result)}; {_progress(result)}"
    unknown = result["needs"]["highBytes"] - result["needs"]["bytes"]
    closely, tight = ("", "") if result["spareBytes"] >= unknown else (", closely", f", and what is not known may take {size(unknown)}")
    released = f"; cache was released {result['retries']} times to make room" if result["retries"] else ""
    found = f"; {result['finding']['kind']}{', ' + result['finding']['at'] if result['finding']['at'] else ''}" if result.get("finding") else ""
    return f"✓ Fits on {card['name']}{closely}: {size(result['spareBytes'])} to spare{tight}{released}{found}"


def _updates(result: Dict[str, Any]) -> str:
    """How many were rehearsed: until the refusal, and where memory does not end."""
    shown = f"{result['updates']} update{'' if result['updates'] == 1 else 's'}"
    without_end = max((process["updates"] for process in result["processes"]), default=0)
    if result["fits"] is not False or without_end == result["updates"]:
        return shown
    return f"{shown} until memory was refused, {without_end} where it does not end,"


def table(tries: List[Dict[str, Any]], columns: Optional[int] = None) -> List[str]:
    """What was tried, the least memory first.

    :param columns: of the terminal; None: lines as long as they are.
    """
    width = max(len(one["option"]) for one in tries)
    found = ["", f"  {'tried':<{width}}  {'reserved':>10}  {'allocated':>10}"]
    for one in tries:
        result = one["answer"]
        reserved, allocated = result.get("peakReservedBytes"), result.get("peakAllocatedBytes")
        verdict = {True: "fits", False: "does not fit", None: result["problem"] or ""}[result["fits"]]
        line = f"  {one['option']:<{width}}  {'–' if reserved is None else size(reserved):>10}  {'–' if not allocated else size(allocated):>10}"
        found += [f"{line}  {verdict}"] if columns is None or len(line) + 2 + len(verdict) <= columns else [line, *_below(verdict, columns)]
    return [*found, *_without_effect(tries)]


def _below(text: str, columns: int) -> List[str]:
    return textwrap.wrap(text, max(40, columns), initial_indent="    ", subsequent_indent="    ")


def _without_effect(tries: List[Dict[str, Any]]) -> List[str]:
    """Where no value of a variation changed the peak, the command may not take it."""
    as_it_is = next(one["answer"] for one in tries if one["option"] == "as it is")
    values: Dict[str, List[Dict[str, Any]]] = {}
    for one in tries:
        name, equals, _ = one["option"].rpartition("=")
        if equals:
            values.setdefault(name, []).append(one["answer"])
    same = [
        name
        for name, answers in values.items()
        if len(answers) > 1 and all(a.get("peakAllocatedBytes") == as_it_is.get("peakAllocatedBytes") is not None for a in answers)
    ]
    return [f"  {name} changed nothing: does the command take it?" for name in same]


def _row(found: List[str]) -> Any:
    return lambda name, text: found.append(f"  {name:<{_TEXT - 2}}{text}")


def _place(peak: Any) -> str:
    if not peak:
        return ""
    at = "" if peak.get("at") is None else f", {peak['at']}"
    if peak["update"] == 1 and peak["phase"] == BEFORE:
        return f" before the first update{at}"
    return f" in update {peak['update']}, {peak['phase']}{at}" if peak["update"] else at


def _progresses(result: Dict[str, Any]) -> bool:
    return bool(result.get("finding")) and result["finding"]["kind"] in ("leak", "growth")


def _progress(result: Dict[str, Any]) -> str:
    """What becomes more with each update."""
    finding = result.get("finding") or {}
    if result.get("growthBytes") and finding.get("kind") != "growth":
        return f"{size(result['growthBytes'])} more is held after each update{_grower(result)}"
    at = f", {finding['at']}" if finding.get("at") else ""
    return f"updates need more and more{at}" if finding["kind"] == "growth" else f"more and more is held after updates{at and ', made at ' + finding['at']}"


def _grower(result: Dict[str, Any]) -> str:
    """The line whose tensors outlive their updates."""
    finding = result.get("finding") or {}
    if finding.get("kind") == "leak" and finding.get("at"):
        return f", made at {finding['at']}"
    for holder in result.get("holders") or []:
        if holder["kind"] == "held from before" and holder["at"] is not None:
            return f", made at {holder['at']}"
    return ""


def _holders(result: Dict[str, Any]) -> List[Tuple[int, str]]:
    """Bytes, and what they are: ``activations, train.py:31``, or of a library that this line had called, its own line. The greatest first."""
    found: List[Tuple[int, str]] = []
    for holder in result.get("holders") or []:
        kind, at, within = holder["kind"], holder["at"], holder.get("within") or []
        found += [(inner["bytes"], f"{kind}, {inner['at']} (from {at})") for inner in within]
        rest = holder["bytes"] - sum(inner["bytes"] for inner in within)
        if rest > 0:
            found.append((rest, kind if at is None else f"{kind}, {at}"))
    return sorted(found, key=lambda one: -one[0])


def _end(result: Dict[str, Any]) -> str:
    ends = result.get("ends")
    if not ends:
        return ""
    first, last = ends["firstUpdate"], ends["lastUpdate"]
    return f": out of memory in update {last}" if first == last else f": out of memory between updates {first} and {last}"
