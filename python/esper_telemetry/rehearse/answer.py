"""What rehearsals show: whether it fits and by how much, on which cards, what the peak is made of, and what is not known."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional, Tuple

from ..standin.settings import GIB, MIB, Settings, size
from .cards import Card, cards
from .rehearsal import Rehearsal
from .trace import short

#: CUDA context with its libraries and kernels, beyond what the card's own line reckons with; measured from 0.25 to 0.8 GiB.
_CONTEXT = (0, 500 * MIB)
#: Reserved memory where all but the card's name is known: the share by which it was off at most (CALIBRATION).
_RESERVED = 0.005
#: cuDNN's workspaces of convolutions, which the stand-in takes as 0.
_CONVOLUTIONS = (0, 1 * GIB)
#: Growth counts where memory would end within so many times the updates that were seen.
_HORIZON = 100
#: NCCL's buffers of a process, beyond those that are counted: how many channels it opens hangs on how the GPUs are connected.
_NCCL = (0, 1 * GIB)
#: In front of a worker's lines, by torchrun.
_RANK = re.compile(r"\[rank\d{1,5}\]:\s*")
#: An error's last line, of a worker or not.
_RAISED = re.compile(r"(?:\[rank\d{1,5}\]:\s*)?(?:\w{1,80}\.){0,12}\w{0,80}(?:Error|Exception|Interrupt|Exit)(?::|$)")
#: What a launcher raises when one of its workers has failed.
_REPORT = re.compile(r"(?:\w{1,80}\.){0,12}(?:ChildFailedError|CalledProcessError|ProcessRaisedException|ProcessExitedException)\b")
#: What words of a rehearsed command come of the rehearsal, and what to do.
_HINTS = (
    ("EOFError", " (a rehearsed command's input is empty)"),
    ("invalid device ordinal", " (it asks for more devices than it is given: --gpus N)"),
)


def answer(card: Optional[Card], on_card: Optional[Rehearsal], roomy: Optional[Rehearsal], others: int, is_whole: bool = False) -> Dict[str, Any]:
    """One object of plain JSON; bytes and seconds, None: not known.

    :param on_card: the rehearsal on that card, None where none was asked for.
    :param roomy: the rehearsal where memory does not end, None where it fitted on the card.
    :param is_whole: the whole program was asked for.
    """
    need = roomy or on_card
    assert need is not None
    process = (on_card.refused if on_card is not None and roomy is None else None) or _largest(need)
    problem = _problem(need, process)
    result: Dict[str, Any] = {
        "card": None if card is None else {"name": card.name, "totalBytes": card.total, "contextBytes": card.context, "seen": card.seen},
        "fits": None,
        "spareBytes": None,
        "short": None,
        "problem": problem,
        "updates": need.updates,
        "seconds": round(need.seconds + (on_card.seconds if on_card is not None and on_card is not need else 0), 1),
        "hostBytes": need.host,
        "written": need.written,
        #: It was seen to its own end.
        "isWhole": need.status == 0 and process is not None and not process["over"],
    }
    refused = on_card.refused if on_card is not None else None
    if refused is not None:
        result["fits"] = False
        result["refused"] = {name: refused["refused"].get(name) for name in ("update", "phase", "at", "tried")}
        made = (holder["at"] for holder in refused["refused"].get("holders") or [] if holder["kind"] == "activations")
        result["refused"]["mostAt"] = next(made, None)
        result["run"] = refused["run"]
        result["updates"] = len(refused["updates"])
    if process is None or not (process["updates"] or process["reserved"]):
        return result
    if problem is not None and need.status and not process["updates"]:
        return result  # it failed before it trained: what it took until then is no answer
    # What the process takes beside PyTorch's allocator.
    context = (card.context if card is not None else Settings().context) + process["nccl"]
    peak = process["peak"] if process["refused"] is None else {"allocated": 0, **process["refused"]}
    # Without a step: the peak of the whole program, where it came to its end.
    allocated = max([update[0] for update in process["updates"]] or [peak["allocated"] if peak is not None else 0])
    reads = _reads(process)
    result.update(
        run=result.get("run") or process["run"],
        settled=process["settled"],
        growthBytes=process["growth"],
        peakAllocatedBytes=allocated or None,
        peakRequestedBytes=process["requested"],
        peakReservedBytes=process["reserved"],
        retries=process["retries"],
        peak=None if peak is None else {name: peak.get(name) for name in ("update", "phase", "at")},
        parts=_parts(peak),
        holders=None if peak is None else peak.get("holders"),
        notKnown=_not_known(process, need, reads, is_whole),
        reads=reads,
        world=process["world"],
        limitedAt=process.get("limitedAt"),
        ncclBytes=process["nccl"],
        processes=[_shown(other) for other in need.processes if other is process or other["reserved"] or other["updates"]],
    )
    low, high = _interval(process, allocated, result["notKnown"])
    beside = sum(fact["lowBytes"] or 0 for fact in result["notKnown"])
    result["needs"] = {"lowBytes": low + context, "bytes": process["reserved"] + beside + context, "highBytes": high + context}
    if card is not None:
        room = card.total - others - context - beside
        if result["fits"] is None and problem is None:
            result["fits"] = True
        result["spareBytes"] = room - process["reserved"]
        result["ends"] = _ends(process, room) if refused is None else None
        if refused is process:
            result["spareBytes"] = None  # no amount is enough
        elif refused is not None:  # at least what tensors hold must have room, at most all that is reserved
            result["short"] = {"lowBytes": max(0, allocated - room), "highBytes": max(0, process["reserved"] - room)}
    result["cards"] = None if process["growth"] else _smallest(process["reserved"], allocated, others + process["nccl"])
    return result


def _shown(process: Dict[str, Any]) -> Dict[str, Any]:
    return {"rank": process["rank"], "device": process["device"], "peakReservedBytes": process["reserved"], "updates": len(process["updates"])}


def _largest(rehearsal: Rehearsal) -> Optional[Dict[str, Any]]:
    """Of those that train, where one does: a helper may hold more."""
    used = [process for process in rehearsal.processes if process["reserved"] > 0]
    return max([process for process in used if process["updates"]] or used, key=lambda process: int(process["reserved"]), default=None)


def _problem(rehearsal: Rehearsal, process: Optional[Dict[str, Any]]) -> Optional[str]:
    """Why this answers less than was asked; None where all is well."""
    error = next((p["error"] for p in rehearsal.processes if p.get("error")), None)
    if process is None:
        if rehearsal.status not in (0, None):
            return f"the command ended with {rehearsal.status} before it used the device: {_last_words(rehearsal)}"
        return "the command used no CUDA device" if rehearsal.status == 0 else "the time was over before the command used the device"
    if process["over"] or rehearsal.refused is not None:
        return None
    if rehearsal.status is None:
        return f"the time was over after {rehearsal.updates} updates"
    if rehearsal.status != 0:
        return f"the command ended with {rehearsal.status}: {error or _last_words(rehearsal)}"
    return None if process["updates"] or process["peak"] is not None else "no optimizer made a step"


def _last_words(rehearsal: Rehearsal) -> str:
    """The last line that has a word; behind a launcher's report of its workers, the last error of one of them."""
    lines = [line.strip() for line in rehearsal.output.splitlines() if re.search(r"\w", line)]
    if not lines:
        return "it printed nothing"
    if any(_REPORT.match(line) for line in lines):
        lines = [line for line in lines if _RAISED.match(line) and not _REPORT.match(line)] or lines
    last = _RANK.sub("", lines[-1])
    hint = next((hint for sign, hint in _HINTS if sign in last), "")
    return f"{last[:300]}{hint}"


def _parts(peak: Optional[Dict[str, Any]]) -> Optional[Dict[str, int]]:
    if peak is None or peak.get("parts") is None:
        return None
    parts: Dict[str, int] = dict(sorted(peak["parts"].items(), key=lambda part: -part[1]))
    rounding = peak["allocated"] - sum(parts.values())
    return {**parts, "rounding": rounding} if rounding > 0 else parts


def _reads(process: Dict[str, Any]) -> List[Dict[str, Any]]:
    """Lines of the program that read values which were not computed: those that go on by them first, then the most frequent."""
    times: Dict[Tuple[bool, str], int] = {}
    for read in (process["values"] or {}).get("reads", []):
        key = (not read["decides"], short(read["program"] or read["at"]))
        times[key] = times.get(key, 0) + read["count"]
    return [{"at": at, "decides": not only_reads, "count": count} for (only_reads, at), count in sorted(times.items(), key=lambda one: (one[0][0], -one[1]))][:5]


def _not_known(process: Dict[str, Any], rehearsal: Rehearsal, reads: List[Dict[str, Any]], is_whole: bool) -> List[Dict[str, Any]]:
    found = [{"what": "CUDA context, libraries and kernels beyond the usual", "lowBytes": _CONTEXT[0], "highBytes": _CONTEXT[1]}]
    if process["convolutions"]:
        found.append({"what": "cuDNN's workspaces of convolutions", "lowBytes": _CONVOLUTIONS[0], "highBytes": _CONVOLUTIONS[1]})
    if process["nccl"]:
        found.append({"what": f"NCCL's buffers beyond the {size(process['nccl'])} counted", "lowBytes": _NCCL[0], "highBytes": _NCCL[1]})
    deciding = [read["at"] for read in reads if read["decides"]]
    if deciding:
        found.append({"what": f"decisions on values that were not computed, at {', '.join(deciding)}", "lowBytes": None, "highBytes": None})
    if not process["updates"] and process["refused"] is None:
        found.append({"what": "whether a training would take more: no optimizer made a step", "lowBytes": None, "highBytes": None})
    if process["over"]:
        why = ": memory had not settled" if not process["settled"] else "" if is_whole else ", such as an evaluation (--steps all)"
        found.append({"what": f"what comes after update {rehearsal.updates}{why}", "lowBytes": None, "highBytes": None})
    return found


def _interval(process: Dict[str, Any], allocated: int, not_known: List[Dict[str, Any]]) -> Tuple[int, int]:
    """From what tensors hold at least, to all that is reserved and might come beside it."""
    low = max(allocated, 0) + sum(fact["lowBytes"] or 0 for fact in not_known)
    high = round(process["reserved"] * (1 + _RESERVED)) + sum(fact["highBytes"] or 0 for fact in not_known)
    return low, high


def _ends(process: Dict[str, Any], room: int) -> Optional[Dict[str, Any]]:
    """When what grows will have filled the room: from what tensors hold, and from what is reserved."""
    growth = process["growth"]
    if not growth:
        return None
    done = len(process["updates"])
    peak = max(update[0] for update in process["updates"][-3:])
    last = done + max(0, int((room - peak) / growth))
    if last > _HORIZON * done:
        return None  # it may be a few numbers an update: nothing to change a verdict for
    # What stays may lie so that the pieces beside it fit nothing: reserved memory grows faster then.
    half = done // 2
    reserved = (process["updates"][-1][1] - process["updates"][half - 1][1]) / (done - half)
    first = done + max(0, int((room - max(process["reserved"], peak)) / max(growth, reserved)))
    return {"firstUpdate": min(first, last), "lastUpdate": last}


def _smallest(reserved: int, allocated: int, others: int) -> Dict[str, Any]:
    """The smallest cards on which all that is reserved finds room, those on which it must be tried, and what is left on each."""
    rows = [(card, card.total - others - card.context) for card in cards()]
    fits = [(card, room - reserved) for card, room in rows if room >= reserved]
    tight = [card.name for card, room in rows if allocated <= room < reserved]
    return {
        "smallest": [{"name": card.name, "spareBytes": spare} for card, spare in fits[:3]],
        "tight": tight,
        "total": len(rows),
        "fit": len(fits),
    }
