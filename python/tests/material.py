"""Test material that is not part of the repository: recorded logs, allocator dumps, traces.

It lies in $ESPER_MATERIAL, else in a folder ``shared`` beside the checkout. Where it is absent, a test skips, and its title shows it::

    @needs_material("snapshots/training-step.pickle")
    def test_it(self) -> None:
        data = material("snapshots/training-step.pickle").read_bytes()
"""

from __future__ import annotations

import os
import unittest
from pathlib import Path
from typing import Any, Callable, TypeVar

FOLDER = Path(os.environ.get("ESPER_MATERIAL") or Path(__file__).resolve().parents[3] / "shared").absolute()
Test = TypeVar("Test", bound=Callable[..., Any])


def material(path: str) -> Path:
    """Path of a file or folder of the material, whether it is there or not."""
    return FOLDER / path


def needs_material(path: str) -> Callable[[Test], Test]:
    """Skips a test, or a class of them, where that file or folder of the material is not there."""
    return unittest.skipUnless(material(path).exists(), f"no test material {path}")
