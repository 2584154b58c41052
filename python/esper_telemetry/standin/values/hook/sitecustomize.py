"""Put before a program's own path by the launcher: once torch is imported, the values of small tensors are computed.

Loads the part of the client that does by its file, so that the program's Python needs no client of its own.
"""

import importlib.machinery
import importlib.util
import os
import sys
from types import ModuleType
from typing import Any

_HERE = os.path.dirname(os.path.abspath(__file__))


class _AfterTorch:
    """An importer that leaves everything to the others and is notified of torch."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != "torch":
            return None
        sys.meta_path.remove(self)
        spec: Any = importlib.util.find_spec("torch")
        if spec is None or spec.loader is None:
            return spec
        load = spec.loader.exec_module

        def load_and_install(module: ModuleType) -> None:
            load(module)
            _values().install_when_used(module)

        spec.loader.exec_module = load_and_install
        return spec


def _values() -> Any:
    name, shown = "esper_standin_values", "esper_telemetry.standin.values"
    if name not in sys.modules:
        folder = os.path.dirname(_HERE)
        spec: Any = importlib.util.spec_from_file_location(name, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder])
        sys.modules[name] = sys.modules[shown] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def _others() -> None:
    """The next sitecustomize behind this one: one that stands before it has run already, or runs it."""
    places = [os.path.abspath(entry or ".") for entry in sys.path]
    rest = sys.path[places.index(_HERE) + 1 :] if _HERE in places else sys.path
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", rest)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


if os.environ.get("ESPER_STANDIN_VALUES", "off") not in ("off", "0") and "esperstandin" in os.environ.get("LD_PRELOAD", ""):
    sys.meta_path.insert(0, _AfterTorch())
_others()
