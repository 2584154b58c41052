"""Names that libraries log figures under, and those that an event of a step has a place for."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Tuple

#: What examples of the libraries log the loss of a step under, the likeliest first.
_LOSSES = ("loss", "train_loss", "train/loss", "loss_step", "train_loss_step")


def for_step(figures: Mapping[str, Any], taken: Tuple[str, ...] = ("step", "step_ms")) -> Dict[str, Any]:
    """The figures as arguments of `Run.step`; one named like a parameter of another meaning becomes ``logged_…``."""
    return {("logged_" + name if name in taken else name): value for name, value in figures.items()}


def loss_among(figures: Mapping[str, Any]) -> Optional[Any]:
    """The loss of a step; None where none of the names is there."""
    return next((figures[name] for name in _LOSSES if name in figures), None)
