"""The run of a callback: the caller's, or one that lives as long as the training."""

from __future__ import annotations

from typing import Any, Dict, Optional

import esper_telemetry as esper


class OwnedRun:
    """Begins a run unless the caller gave one; ends only what it began."""

    def __init__(self, run: Optional[esper.Run], options: Dict[str, Any]):
        self._given = run
        self._options = options
        self._began: Optional[esper.Run] = None

    def begin(self, name: str, **known: Any) -> esper.Run:
        """The run; what the caller passed takes precedence over what the library knows."""
        if self._given is not None:
            return self._given
        if self._began is None:
            options: Dict[str, Any] = {"name": name, **known, **self._options}
            self._began = esper.start(**options)
        return self._began

    @property
    def run(self) -> Optional[esper.Run]:
        """None before it began and after it ended."""
        return self._given or self._began

    def finish(self) -> None:
        began, self._began = self._began, None
        if began is not None:
            began.finish()

    def fail(self, error: BaseException) -> None:
        began, self._began = self._began, None
        if began is None:
            return
        if isinstance(error, KeyboardInterrupt):
            began.finish("interrupted")
        else:
            began.fail(error)
