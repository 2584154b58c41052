"""The oldest version of each library that its callback has been run with."""

from __future__ import annotations

import importlib.metadata
import re
import warnings
from typing import Optional, Tuple


def _numbers(version: str) -> Tuple[int, ...]:
    """``(2, 6)`` of ``2.6.0rc1+cpu``."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def installed_version(package: str) -> Optional[str]:
    """None where it is not installed as a package."""
    try:
        return importlib.metadata.version(package)
    except Exception:
        return None


def oldest(package: str, version: str, *, has_all: bool = True) -> None:
    """Warns in one sentence where an older version than ``version`` is installed.

    :param has_all: whether it has what the callback cannot do without.
    :raises ImportError: with one sentence, where it has not.
    """
    installed = installed_version(package)
    if not has_all:
        raise ImportError(f"esper_telemetry works with {package} {version} and newer; {installed or 'an older one'} is installed")
    if installed is not None and _numbers(installed) < _numbers(version):
        warnings.warn(f"esper_telemetry has been run with {package} {version} and newer; {installed} is installed", stacklevel=3)
