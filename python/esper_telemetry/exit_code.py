"""With what the interpreter ends, for a run that nobody ended: ``sys.exit(3)`` is a failure, and nothing else shows it.

Python forgets the SystemExit before its exit functions run. So ``sys.exit`` raises one of our own kind, a SystemExit
like any other, that leaves its code behind when it dies with no frame of Python left: nobody caught it. A SystemExit that a
program raises by itself is not seen.
"""

from __future__ import annotations

import sys
import threading
from typing import Any, Optional


class _Exit(SystemExit):
    def __del__(self) -> None:
        try:
            if sys._getframe().f_back is None and threading.current_thread() is threading.main_thread():
                ExitCode.code = self.code
        except Exception:
            pass  # the interpreter is too far gone to ask

    def __reduce__(self) -> Any:
        """Another process, to which a pool of workers hands it on, has Python's own."""
        return SystemExit, self.args


#: What a program, a traceback and an event see.
_Exit.__name__ = _Exit.__qualname__ = "SystemExit"
_Exit.__module__ = "builtins"


class ExitCode:
    """What ``sys.exit`` ended the interpreter with."""

    code: Any = None
    _watched = False

    @classmethod
    def watch(cls) -> None:
        """Puts a ``sys.exit`` that remembers in the place of Python's own; not over anyone else's."""
        if cls._watched or type(sys.exit).__name__ != "builtin_function_or_method":
            return
        cls._watched = True

        def exit(code: Any = None, /) -> None:
            raise _Exit(*(() if code is None else code if isinstance(code, tuple) else (code,)))

        exit.__doc__ = sys.exit.__doc__
        sys.exit = exit  # type: ignore[assignment]

    @classmethod
    def error(cls) -> Optional[SystemExit]:
        """The SystemExit that ended the interpreter; None where it was not ``sys.exit``, or with no failure."""
        return None if cls.code in (None, 0, False) else SystemExit(cls.code)
