"""Everything that shapes the learning, with the defaults of the TypeScript trainer for each task."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields, replace
from types import MappingProxyType
from typing import Any, Dict, Mapping, Optional


@dataclass(frozen=True)
class Hyperparameters:
    #: Adam's step size at the start, lowered linearly to reach 0 after the last batch where annealed.
    learning_rate: float = 2e-3
    anneal_learning_rate: bool = True
    #: Discount γ.
    gamma: float = 0.99
    gae_lambda: float = 0.95
    #: Epochs over each rollout.
    epochs: int = 2
    #: Parts that a rollout is cut into, shuffled each epoch; one gradient step a part.
    minibatches: int = 8
    #: ε of the clipped surrogate.
    clip_range: float = 0.2
    #: The value may move by this much before its loss stops falling; None: no value clipping.
    value_clip_range: Optional[float] = None
    value_coefficient: float = 0.5
    entropy_coefficient: float = 0.0
    #: Gradients are scaled down to this global L2 norm.
    max_grad_norm: float = 0.5
    #: Advantages of a minibatch get mean 0 and standard deviation 1.
    normalize_advantages: bool = True
    #: No further epoch once an epoch's mean approximate KL is above this; None: never stop early.
    target_kl: Optional[float] = None
    #: Adam's ε.
    adam_epsilon: float = 1e-5
    #: Divide rewards by the running standard deviation of the discounted return.
    scale_rewards: bool = True

    def wire(self) -> Dict[str, Any]:
        """By the names of the TypeScript trainer, as in a run's ``config``."""
        return {_camel(name): value for name, value in asdict(self).items()}


def _camel(name: str) -> str:
    return re.sub("_(.)", lambda letter: letter.group(1).upper(), name)


_BY_TASK: Dict[str, Dict[str, Any]] = {
    "CartPole-v1": {"learning_rate": 3e-3, "gamma": 0.98, "gae_lambda": 0.8},
    "Pendulum-v1": {"learning_rate": 1e-3, "gamma": 0.9, "epochs": 10},
}


def hyperparameters_for(task: str, settings: Mapping[str, Any] = MappingProxyType({})) -> Hyperparameters:
    """The defaults of a task, with ``settings`` (by the names of :meth:`Hyperparameters.wire`) in their place.

    :raises ValueError: in one sentence, for a name that is none.
    """
    names = {_camel(field.name): field.name for field in fields(Hyperparameters)}
    unknown = next((name for name in settings if name not in names), None)
    if unknown is not None:
        raise ValueError(f'there is no hyperparameter "{unknown}": choose {", ".join(names)}.')
    chosen = {names[name]: value for name, value in settings.items()}
    return replace(Hyperparameters(), **{**_BY_TASK.get(task, {}), **chosen})
