"""A twin takes its operator's arguments by the names of the schema, defaults filled in: signatures grow from version to version."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Callable

Twin = Callable[[Any], Any]


class Arguments(SimpleNamespace):
    """What an operator was called with; None for an argument that this version's operator does not have."""

    def __getattr__(self, name: str) -> None:
        return None


def bound(func: Any, twin: Twin) -> Callable[..., Any]:
    arguments = [(a.name, a.default_value) for a in func._schema.arguments]

    def run(*args: Any, **kwargs: Any) -> Any:
        given = {name: args[i] if i < len(args) else kwargs.get(name, default) for i, (name, default) in enumerate(arguments)}
        return twin(Arguments(**given))

    return run
