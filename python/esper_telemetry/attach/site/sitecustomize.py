"""Put before a program's own path by ``esper run``: once torch is imported, the client records every optimizer step.

Loads the client by its file: the program's Python needs none of its own. What goes wrong here never reaches the program.
"""

import importlib.util
import os
import sys
from types import ModuleType
from typing import Any

_HERE = os.path.dirname(os.path.abspath(__file__))
_PACKAGE = os.path.dirname(os.path.dirname(_HERE))

_spec: Any = importlib.util.spec_from_file_location("esper_site_hook", os.path.join(_PACKAGE, "site_hook.py"))
_hook: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_hook)


def _attach(torch: ModuleType) -> None:
    try:
        if "esper_telemetry" not in sys.modules:
            _hook.load("esper_telemetry", os.path.join(_PACKAGE, "__init__.py"), submodule_search_locations=[_PACKAGE])
        from esper_telemetry import attach

        attach.watch(torch)
    except Exception as error:
        print("esper: this process is not recorded (%s: %s)." % (type(error).__name__, error), file=sys.stderr)


if sys.version_info >= (3, 9) and os.environ.get("ESPER_ATTACH"):
    _hook.after_torch(_attach)
_hook.run_next(_HERE)
