"""What went wrong inside the client: counted, each kind reported once on stderr, never raised."""

from __future__ import annotations

import signal
import sys
from types import CodeType
from typing import Any, List, Optional, Set

#: Different failures reported; the rest are only counted.
_MOST_REPORTED = 10
#: Characters of a reason.
_LONGEST = 500


class Failures:
    """Counts failures. An instance is called with what failed, and the error (or text) behind it.

    An error that a signal handler of the process raised meanwhile is no failure: it is raised again.
    """

    def __init__(self) -> None:
        self.count = 0
        self._reported: Set[str] = set()

    def __call__(self, what: str, why: object = "") -> None:
        if isinstance(why, BaseException) and from_signal_handler(why):
            raise why
        self.count += 1
        reason = _reason(why)
        sentence = what.rstrip(".") + (f" ({reason.rstrip('.')})" if reason else "")
        self.tell_once(what, f"{sentence}; training goes on")

    def tell_once(self, topic: str, sentence: str) -> None:
        """One sentence on stderr, the first time that ``topic`` comes up."""
        if topic in self._reported or len(self._reported) >= _MOST_REPORTED:
            return
        self._reported.add(topic)
        try:
            if sys.stderr is not None:  # else print would take standard output
                print(f"esper: {sentence.rstrip('.')}.", file=sys.stderr, flush=True)
        except Exception:
            pass  # nowhere left to report it


def _reason(why: object) -> str:
    try:
        text = str(why)[:_LONGEST]
    except Exception as error:
        if from_signal_handler(error):
            raise
        text = ""
    return f"{type(why).__name__}: {text}" if isinstance(why, BaseException) else text


def from_signal_handler(error: BaseException) -> bool:
    """Whether a signal handler of the process raised this while our code ran (a timeout, a preemption): it is not a
    failure of ours, and goes on to the caller.
    """
    trace = error.__traceback__
    if trace is None:
        return False
    codes: List[CodeType] = []
    for number in signal.valid_signals():
        try:
            code = _code_of(signal.getsignal(number))
        except (ValueError, OSError):
            continue
        if code is not None:
            codes.append(code)
    # The first frame is the one that caught it: it is not a handler's, unless the handler itself calls us.
    trace = trace.tb_next
    while trace is not None:
        if trace.tb_frame.f_code in codes:
            return True
        trace = trace.tb_next
    return False


def _code_of(handler: Any, depth: int = 8) -> Optional[CodeType]:
    """The code that runs when a handler is called: of a function, a method, a partial, or an object with __call__."""
    while depth > 0 and handler is not None:
        depth -= 1
        code = getattr(handler, "__code__", None)
        if isinstance(code, CodeType):
            return code
        inner = getattr(handler, "__func__", None) or getattr(handler, "func", None) or getattr(handler, "__wrapped__", None)
        if inner is None and callable(handler) and not isinstance(handler, int):
            inner = vars(type(handler)).get("__call__")
        handler = inner
    return None
