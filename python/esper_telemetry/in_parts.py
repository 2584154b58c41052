"""Work that is done again in smaller parts where a device refuses its memory: an update need not be the end of a training."""

from __future__ import annotations

import time
from typing import Any, Callable, Optional, Tuple, TypeVar

from .allocator import torch_module
from .device_identity import shown_name
from .events import JSON
from .out_of_memory import of_error

Result = TypeVar("Result")
#: Parts that work is done in at most.
MOST_PARTS = 16
#: What is done about memory, as its events name it.
KIND = "shrink"


class DoesNotFit(RuntimeError):
    """Even the smallest part was refused: one sentence."""


def retry_in_parts(
    work: Callable[[int], Result],
    parts: int = 1,
    *,
    most: int = MOST_PARTS,
    undo: Optional[Callable[[], None]] = None,
    run: Any = None,
) -> Tuple[Result, int]:
    """Calls ``work(parts)``, and again in twice as many parts while a device refuses its memory.

        def learn(parts):
            optimizer.zero_grad(set_to_none=True)
            for rows in batch.chunk(parts):
                (loss(rows) * len(rows) / len(batch)).backward()

        _, parts = retry_in_parts(learn, parts)
        optimizer.step()

    Each attempt must begin from the same state: ``work`` sets gradients to none first; what it changes beside them ``undo`` takes back.
    Between two attempts the tensors of the one that failed are let go, and the allocator's cache is released.

    :param parts: of the first attempt; hand in what was returned, so that no later update is refused first.
    :param undo: called before every attempt but the first.
    :param run: an :class:`esper_telemetry.Run` that records what was done as events.
    :return: what ``work`` returned, and the parts in which it fitted.
    :raises DoesNotFit: where ``most`` parts were refused. Any other exception of ``work`` is its own.
    """
    device: Optional[str] = None
    number = 0

    def ended(reason: str, helped: bool) -> None:
        if device is not None and run is not None:
            run.record_intervention("INTERVENTION_ENDED", _ended(number, device, reason, helped))

    while True:
        try:
            result = work(parts)
            ended(f"the update fitted in {parts} parts", True)
            return result, parts
        except Exception as error:
            found = of_error(error)
            if found is None or found.get("device") in (None, "cpu"):
                raise
            ended("memory was refused again", False)
            device = shown_name(str(found["device"]))
            if parts >= most:
                raise DoesNotFit(
                    f"{_refused(found)}, with the work already in {parts} parts: it needs a larger device, or less at a time."
                ) from error
        # Here the exception is gone, and with its traceback the frames that held the tensors of this attempt.
        parts = min(2 * parts, most)
        _wait_for_threads(torch_module().cuda)
        torch_module().cuda.empty_cache()
        if undo is not None:
            undo()
        if run is not None:
            number = run.number_intervention()
            run.record_intervention("INTERVENTION_APPLIED", _applied(number, parts, device))


def _wait_for_threads(cuda: Any) -> None:
    """Autograd's threads let go of a failed attempt's tensors after its exception is here, later still on busy cores.

    Returns once what is allocated has stayed for 20 ms, or after a second.
    """
    allocated, stayed = cuda.memory_allocated(), 0
    for _ in range(200):
        time.sleep(0.005)
        now = cuda.memory_allocated()
        stayed = stayed + 1 if now == allocated else 0
        if stayed == 4:
            return
        allocated = now


def _applied(number: int, parts: int, device: str) -> JSON:
    """The data of ``INTERVENTION_APPLIED``, but for the batch."""
    reason = "memory was refused within the update, which is repeated from its start"
    return {**_action(number, device, reason), "pressureFraction": None, "microbatches": parts}


def _ended(number: int, device: str, reason: str, helped: bool) -> JSON:
    """The data of ``INTERVENTION_ENDED``, but for the batch."""
    measured = dict.fromkeys(("pressureBefore", "pressureAfter", "updateMsBefore", "updateMsAfter"))
    return {**_action(number, device, reason), "helped": helped, "reverted": None if helped else False, "updates": 1, **measured}


def _action(number: int, device: str, reason: str) -> JSON:
    return {"id": number, "kind": KIND, "device": device, "reason": reason}


def _refused(found: JSON) -> str:
    tried, free = found.get("triedBytes"), found.get("freeBytes")
    asked = "memory" if tried is None else f"{tried / 2**20:.1f} MiB"
    left = "" if free is None else f" with {free / 2**20:.1f} MiB free"
    return f"{found['device']} refused {asked}{left}"
