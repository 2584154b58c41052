"""The figures of an update by their keywords, and the bounds of memory pressure, as the project declares them.

``figures.json`` is made of the declarations in ``src/figures`` (``npm run schemas``); the TypeScript side reads them there.
"""

from __future__ import annotations

import json
import pkgutil
import re
from typing import Any, Callable, Dict, Mapping, NamedTuple, Optional, Tuple

from .events import JSON, Values, count, duration, figure, quantity
from .failures import from_signal_handler

_TABLE: Dict[str, Any] = json.loads(pkgutil.get_data(__package__, "figures.json") or b"{}")

_KINDS: Dict[str, Callable[[float], Any]] = {
    "figure": figure,
    "quantity": quantity,
    "count": count,
    "duration": duration,
}


class Field(NamedTuple):
    """Where a figure stands in the payload: ``loss.total`` is key ``total`` of the group ``loss``."""

    group: str
    key: str
    #: How it is read; None for true or false.
    kind: Optional[Callable[[float], Any]]


def _field(path: str, kind: str) -> Field:
    group, key = path.split(".")
    return Field(group, key, _KINDS.get(kind))


#: By keyword: ``total_loss``, ``approx_kl``.
UPDATE_FIELDS: Mapping[str, Field] = {each["name"]: _field(each["path"], each["kind"]) for each in _TABLE["update"]}
#: What the environments gave to a step: ``episodic_return``.
STEP_GROUPS: Mapping[str, Field] = {
    each["name"]: _field(each["path"], each["kind"]) for each in _TABLE["step"] if "." in each["path"]
}



def _paths(table: str) -> Mapping[str, Tuple[str, Optional[str]]]:
    """Group and key by the name in the records, ``totalLoss``; without a key the figure stands beside the groups."""
    parts = {each["name"]: each["path"].partition(".") for each in _TABLE[table]}
    return {re.sub("_(.)", lambda match: match[1].upper(), name): (group, key or None) for name, (group, _, key) in parts.items()}


UPDATE_PATHS = _paths("update")
#: Of a step of a loop that is not PPO.
STEP_PATHS = _paths("step")

#: TELE-760: pressure above the one is critical, above the other a warning.
PRESSURE_CRITICAL: float = _TABLE["pressure"]["critical"]
PRESSURE_WARNING: float = _TABLE["pressure"]["warning"]


def update_payload(values: Values, given: Mapping[str, Any]) -> Tuple[JSON, JSON]:
    """The groups of an update's payload, each figure that was not given None; and what has no field, by its own name."""
    data: JSON = {}
    for name, (group, key, kind) in UPDATE_FIELDS.items():
        value = given.get(name)
        read = values.flag(name, value) if kind is None else values.read(name, value, kind)
        data.setdefault(group, {})[key] = read
    return data, own_figures(values, {name: value for name, value in given.items() if name not in UPDATE_FIELDS})


def step_groups(values: Values, given: Mapping[str, Any]) -> Tuple[JSON, JSON]:
    """The groups of a step's payload, as far as figures of them were given; and what has no field, by its own name."""
    data: JSON = {}
    for name, (group, key, kind) in STEP_GROUPS.items():
        if name in given and kind is not None:
            data.setdefault(group, {})[key] = values.read(name, given[name], kind)
    return data, own_figures(values, {name: value for name, value in given.items() if name not in STEP_GROUPS})


def _single(value: Any) -> Any:
    """The only element of a tensor or array of one, whatever its shape; any other value as it is."""
    try:
        shape = getattr(value, "shape", None)
        return value.reshape(()) if shape and all(length == 1 for length in shape) else value
    except Exception as error:
        if from_signal_handler(error):
            raise
        return value


def own_figures(values: Values, given: Mapping[str, Any]) -> JSON:
    """Figures of the caller's own, by their names as text; one whose name is no text costs itself alone."""
    own: JSON = {}
    for name, value in given.items():
        if isinstance(name, str):
            own[name] = values.any(name, _single(value))
        else:
            values.refused.append((repr(name)[:80], "a name is text"))
    return own
