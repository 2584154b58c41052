"""What a notebook shows of a run, and what it does when a cell ends with an error: outside, nothing."""

from __future__ import annotations

import sys
from html import escape
from typing import TYPE_CHECKING, Any, Callable, List, Optional, Tuple

from .events import JSON
from .out_of_memory import is_out_of_memory

if TYPE_CHECKING:
    from .run import Run

_MIB = 2**20


def run_html(run: "Run", recording: bool, newest: Optional[JSON]) -> str:
    """A table of the run's newest figures, safe to embed.

    :param newest: data of the newest update or step; None before the first.
    """
    if run.path is None:
        return "<p>Esper records nothing: the run could not be opened.</p>"
    rows: List[Tuple[str, str]] = [("state", "recording" if recording else "ended, or another process's"), ("folder", str(run.path))]
    if newest is not None:
        rows += _figures(newest)
    else:
        rows.append(("updates", "none yet"))
    rows.append(("look", f"python -m esper_telemetry sanctum {run.id} --runs {run.path.parent}"))
    body = "".join(f"<tr><th style='text-align:left'>{escape(name)}</th><td><code>{escape(value)}</code></td></tr>" for name, value in rows)
    return f"<table><caption>Esper run <b>{escape(run.id)}</b></caption>{body}</table>"


def _figures(newest: JSON) -> List[Tuple[str, str]]:
    name = "batch" if "batch" in newest else "step"
    rows = [(name, str(newest[name]))]
    loss = newest.get("loss")
    shown = loss.get("total") if isinstance(loss, dict) else loss
    if shown is not None:
        rows.append(("loss", f"{shown:.6g}" if isinstance(shown, (int, float)) else str(shown)))
    for memory in newest.get("memory") or []:
        held, reserved = memory.get("allocatedBytes"), memory.get("reservedBytes")
        if held is not None and reserved:
            text = f"{held / _MIB:,.0f} of {reserved / _MIB:,.0f} MiB reserved ({100 * held / reserved:.0f}%)"
            rows.append((str(memory.get("device")), text))
    return rows


def after_cell(call: Callable[[Optional[BaseException]], None]) -> Callable[[], None]:
    """Calls ``call`` after each cell of this notebook, with the error that ended it (KeyboardInterrupt for Ctrl-C) or None.

    :return: ends it; does nothing where this is no notebook (nor IPython's prompt).
    """
    shell: Any = None
    ipython = sys.modules.get("IPython")
    try:
        shell = ipython.get_ipython() if ipython is not None else None
        if shell is None:
            return lambda: None

        def ended(result: Any) -> None:
            error = getattr(result, "error_in_exec", None)
            call(error if isinstance(error, BaseException) else None)

        shell.events.register("post_run_cell", ended)
    except Exception:
        return lambda: None

    def end() -> None:
        try:
            shell.events.unregister("post_run_cell", ended)
        except Exception:
            pass

    return end


class TrainingCells:
    """The cells in which something was trained, or memory ran out."""

    def __init__(self, newest: Callable[[], object], call: Callable[[Optional[BaseException]], None] = lambda error: None):
        """:param newest: what is another value once training has gone on; ``call``: is called after each such cell, with its error or None."""
        #: What ended the newest of these cells; None where it ended well.
        self.error: Optional[BaseException] = None
        self._newest = newest
        self._call = call
        self._before = newest()
        self.leave = after_cell(self._ended)

    def _ended(self, error: Optional[BaseException]) -> None:
        has_trained = self._newest() != self._before
        self._before = self._newest()
        if has_trained or error is not None and is_out_of_memory(error):
            self.error = error
            self._call(error)
