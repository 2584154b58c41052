"""Figures that a library logs with a number, of which several calls may belong to one step."""

from __future__ import annotations

from typing import Any, Mapping, Optional

import esper_telemetry as esper

from ._names import for_step, loss_among


class NumberedFigures:
    """What comes with a new number is an event of a step, with the device memory of that moment; what comes at the same number again is recorded
    as figures beside it."""

    def __init__(self) -> None:
        self._newest: Optional[int] = None

    def log(self, run: esper.Run, figures: Mapping[str, Any], step: Optional[int]) -> None:
        """:param step: left out, a step of its own while no figures came with a number, else figures of the newest."""
        new = self._newest is None if step is None else self._newest is None or step > self._newest
        if not new:
            run.log(figures, step=step)
            return
        if step is not None:
            self._newest = step
        run.step(step=step, **{**for_step(figures), "loss": loss_among(figures)})
