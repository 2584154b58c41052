"""Put before a program's own path by the launcher: once torch is imported, the values of small tensors are computed.

Loads the part of the client that does by its file, so that the program's Python needs no client of its own.
"""

import importlib.util
import os
import sys
from types import ModuleType
from typing import Any

_HERE = os.path.dirname(os.path.abspath(__file__))
_VALUES = os.path.dirname(_HERE)
_PACKAGE = os.path.dirname(os.path.dirname(_VALUES))

_spec: Any = importlib.util.spec_from_file_location("esper_site_hook", os.path.join(_PACKAGE, "site_hook.py"))
_hook: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_hook)


_PATH = os.path.join(_VALUES, "__init__.py")
#: As the client knows this part of itself: with one copy of it, both know what was computed.
_SHOWN = "esper_telemetry.standin.values"


def _install(torch: ModuleType) -> None:
    values = sys.modules.get(_SHOWN)
    if values is None or values.__file__ != _PATH:  # no client was imported yet, or another one
        values = _hook.load("esper_standin_values", _PATH, submodule_search_locations=[_VALUES])
        sys.modules.setdefault(_SHOWN, values)
    values.install_when_used(torch)


if os.environ.get("ESPER_STANDIN_VALUES", "off") not in ("off", "0") and "esperstandin" in os.environ.get("LD_PRELOAD", ""):
    _hook.after_torch(_install)
_hook.run_next(_HERE)
