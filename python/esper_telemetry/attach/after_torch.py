"""Calls a function once torch has been imported, and imports nothing itself. Loaded by its file as well, where no client is on the path."""

import importlib.util
import sys
from types import ModuleType
from typing import Any, Callable


class _AfterTorch:
    """An importer that leaves everything to the others and learns of torch."""

    def __init__(self, act: Callable[[ModuleType], None]):
        self._act = act

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != "torch":
            return None
        sys.meta_path.remove(self)
        spec: Any = importlib.util.find_spec("torch")
        if spec is None or spec.loader is None:
            return spec
        load = spec.loader.exec_module

        def load_and_act(module: ModuleType) -> None:
            load(module)
            self._act(module)

        spec.loader.exec_module = load_and_act
        return spec


def after_torch(act: Callable[[ModuleType], None]) -> None:
    """``act(torch)`` at once where torch is imported already, else right after it will have been, in the thread that imports it."""
    torch = sys.modules.get("torch")
    if torch is not None:
        act(torch)
    else:
        sys.meta_path.insert(0, _AfterTorch(act))
