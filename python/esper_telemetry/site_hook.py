"""What the client's two ``sitecustomize`` share: to load a module by its file, to act once torch is imported, and to let the next
sitecustomize run. Loaded by its file itself, where no client is on the path: it imports nothing of the client's."""

import importlib.machinery
import importlib.util
import os
import sys
from _thread import get_ident
from types import ModuleType
from typing import Any, Callable, Set


def load(name: str, path: str, **options: Any) -> Any:
    """The module at ``path`` under ``name``; where it cannot be executed, nothing of it is left."""
    spec: Any = importlib.util.spec_from_file_location(name, path, **options)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


class _AfterTorch:
    """An importer that leaves everything to the others and learns of torch. Many ask for its spec before they import it, or never do."""

    def __init__(self, act: Callable[[ModuleType], None]):
        self._act = act
        #: Threads that ask the others.
        self._asking: Set[int] = set()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        thread = get_ident()
        if name != "torch" or thread in self._asking:
            return None
        self._asking.add(thread)
        try:
            spec: Any = importlib.util.find_spec("torch")
        finally:
            self._asking.discard(thread)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def execute_and_act(module: ModuleType) -> None:
            execute(module)
            if self in sys.meta_path:
                sys.meta_path.remove(self)
                self._act(module)

        spec.loader.exec_module = execute_and_act
        return spec


def after_torch(act: Callable[[ModuleType], None]) -> None:
    """``act(torch)`` at once where torch is imported already, else right after it will have been, in the thread that imports it."""
    torch = sys.modules.get("torch")
    if torch is not None:
        act(torch)
    else:
        sys.meta_path.insert(0, _AfterTorch(act))


def run_next(folder: str) -> None:
    """Runs the next sitecustomize behind the one in ``folder``: one that stands before it has run already, or runs it."""
    places = [os.path.abspath(entry or ".") for entry in sys.path]
    rest = sys.path[places.index(folder) + 1 :] if folder in places else sys.path
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", rest)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
