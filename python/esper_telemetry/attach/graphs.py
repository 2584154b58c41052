"""Training steps that are captured in a CUDA graph: an optimizer's step is recorded once, executes nothing, and each replay is an update.

While a graph is being captured nothing is asked of the device: a call that may not be made then would end the program's capture.
"""

from __future__ import annotations

import functools
from typing import Any, Callable

_MARK = "_esper_steps"


class Graphs:
    def __init__(self, torch: Any, replayed: Callable[[Any], None]):
        """:param replayed: is called after each replay of a graph in which an optimizer steps, with that optimizer."""
        self._cuda: Any = getattr(torch, "cuda", None)
        self._replayed = replayed
        self._stepped: Any = None

    def install(self) -> None:
        graph = getattr(self._cuda, "CUDAGraph", None)
        begin, end, replay = (getattr(graph, name, None) for name in ("capture_begin", "capture_end", "replay"))
        if graph is None or begin is None or end is None or replay is None:
            return

        @functools.wraps(begin)
        def capture_begin(own: Any, *arguments: Any, **options: Any) -> Any:
            self._stepped = None
            return begin(own, *arguments, **options)

        @functools.wraps(end)
        def capture_end(own: Any, *arguments: Any, **options: Any) -> Any:
            stepped, self._stepped = self._stepped, None
            result = end(own, *arguments, **options)
            if stepped is not None:
                setattr(own, _MARK, stepped)
            return result

        @functools.wraps(replay)
        def replays(own: Any, *arguments: Any, **options: Any) -> Any:
            result = replay(own, *arguments, **options)
            stepped = getattr(own, _MARK, None)
            if stepped is not None:
                self._replayed(stepped)
            return result

        try:
            graph.capture_begin, graph.capture_end, graph.replay = capture_begin, capture_end, replays
        except (AttributeError, TypeError):
            pass  # a class of C, or of another library

    def take(self, optimizer: Any) -> bool:
        """Whether the step of ``optimizer`` is being captured; then it is known by its graph."""
        cuda = self._cuda
        try:
            is_captured = bool(cuda.is_initialized() and cuda.is_current_stream_capturing())
        except Exception:  # a torch without graphs
            return False
        if is_captured:
            self._stepped = optimizer
        return is_captured
