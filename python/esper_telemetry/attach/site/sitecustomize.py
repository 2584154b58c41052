"""Put before a program's own path by ``esper run``: once torch is imported, the client records every optimizer step.

Loads the client by its file: the program's Python needs none of its own. What goes wrong here never reaches the program.
"""

import importlib.machinery
import importlib.util
import os
import sys
from types import ModuleType
from typing import Any

_HERE = os.path.dirname(os.path.abspath(__file__))
_PACKAGE = os.path.dirname(os.path.dirname(_HERE))


def _load(name: str, path: str, **options: Any) -> Any:
    spec: Any = importlib.util.spec_from_file_location(name, path, **options)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def _attach(torch: ModuleType) -> None:
    try:
        if "esper_telemetry" not in sys.modules:
            _load("esper_telemetry", os.path.join(_PACKAGE, "__init__.py"), submodule_search_locations=[_PACKAGE])
        from esper_telemetry import attach

        attach.watch(torch)
    except Exception as error:
        print("esper: this process is not recorded (%s: %s)." % (type(error).__name__, error), file=sys.stderr)


def _others() -> None:
    """The next sitecustomize behind this one: the program's own, or the stand-in device's."""
    places = [os.path.abspath(entry or ".") for entry in sys.path]
    rest = sys.path[places.index(_HERE) + 1 :] if _HERE in places else sys.path
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", rest)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


if sys.version_info >= (3, 9) and os.environ.get("ESPER_ATTACH"):
    _load("esper_after_torch", os.path.join(os.path.dirname(_HERE), "after_torch.py")).after_torch(_attach)
_others()
