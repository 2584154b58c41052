"""A pytest plugin: tests that assert what a training takes on a card, without a GPU. Registered with the package (``pytest11``); where the package only
lies on the path, ``pytest -p esper_telemetry.pytest``.

    def test_it_fits(rehearse):
        rehearse(train, gpu="RTX 4090").assert_fits(spare="1GiB").assert_peak("18GiB")
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Callable, Dict, Union

if TYPE_CHECKING:
    from pathlib import Path

#: By name: a module of this name would else import itself.
pytest: Any = importlib.import_module("pytest")


class Rehearsed(Dict[str, Any]):
    """An answer of :func:`esper_telemetry.rehearse.rehearse`, with assertions; each failure shows the answer as ``esper rehearse`` prints it."""

    def assert_fits(self, spare: Union[int, str] = 0) -> "Rehearsed":
        """It fits on the card, with at least ``spare`` left: bytes, or a text such as ``1GiB``. Raises AssertionError."""
        self._assert(self["problem"] is None, "it was not rehearsed to an answer")
        self._assert(self["card"] is not None, "no card was named: give gpu or memory")
        self._assert(self["fits"] and not self.get("ends") and (self["spareBytes"] or 0) >= _bytes(spare), f"it does not fit with {spare} to spare")
        return self

    def assert_peak(self, at_most: Union[int, str], *, reserved: bool = False) -> "Rehearsed":
        """Tensors held at most so much at once; ``reserved``: PyTorch's allocator did. Bytes, or a text. Raises AssertionError."""
        self._assert(self["problem"] is None, "it was not rehearsed to an answer")
        found = self.get("peakReservedBytes" if reserved else "peakAllocatedBytes")
        self._assert(found is not None and found <= _bytes(at_most), f"its {'reserved' if reserved else 'allocated'} peak is above {at_most}")
        return self

    def assert_steady(self) -> "Rehearsed":
        """No more is held after each update. Raises AssertionError."""
        self._assert(self["problem"] is None, "it was not rehearsed to an answer")
        self._assert(not self.get("growthBytes"), "memory grows")
        return self

    def _assert(self, holds: object, what: str) -> None:
        __tracebackhide__ = True
        if not holds:
            from .rehearse import words

            raise AssertionError("\n".join([f"{what}:", *words.lines(self)]))


def _bytes(size: Union[int, str]) -> int:
    from .standin.settings import parse_bytes

    return size if isinstance(size, int) else parse_bytes(size)


@pytest.fixture  # type: ignore[untyped-decorator]
def rehearse(tmp_path: "Path") -> Callable[..., Rehearsed]:
    """Rehearses a command, or a function of a module (the test's own too), as :func:`esper_telemetry.rehearse.rehearse` does; its run lies in the
    test's temporary folder."""
    from .rehearse import rehearse as ask

    def run(program: Any, **options: Any) -> Rehearsed:
        return Rehearsed(ask(program, **{"runs": tmp_path / "runs", **options}))

    return run
