"""Which optimizer steps are updates, where a program may have several optimizers, or make them again.

- An update is a step of the *leading* optimizer: the first that stepped. Others that step beside it (a discriminator, an
  optimizer a layer) belong to its updates.
- Another that steps twice with no step of the leading one between leads from then on: the program has moved on to it.
- An optimizer is known by its first parameter: one that is made again over the same model is the same one.
- A step within a step (a wrapper around an optimizer, a closure) is part of the outer one.

So a step that is skipped (GradScaler found infinities), or gradients that only accumulate, are no update.
"""

from __future__ import annotations

from typing import Any, List, Optional, Set


def key_of(optimizer: Any) -> int:
    for group in getattr(optimizer, "param_groups", None) or []:
        for parameter in group.get("params", ()):
            return id(parameter)
    return id(optimizer)


class Updates:
    def __init__(self) -> None:
        self._leading: Optional[int] = None
        #: Stepped since the leading one did.
        self._beside: Set[int] = set()
        self._within: List[int] = []

    def before(self, optimizer: Any) -> bool:
        """A step begins; whether it is an outermost one."""
        own = id(optimizer)
        if own in self._within:  # its last step was left by an exception
            self._within.clear()
        self._within.append(own)
        return len(self._within) == 1

    def after(self, optimizer: Any) -> bool:
        """A step is done; whether an update is."""
        if id(optimizer) in self._within:
            del self._within[self._within.index(id(optimizer)) :]
        if self._within:
            return False
        key = key_of(optimizer)
        if self._leading is None or key == self._leading or key in self._beside:
            self._leading = key
            self._beside.clear()
            return True
        self._beside.add(key)
        return False
