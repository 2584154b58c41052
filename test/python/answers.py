"""Answers one question of a test, JSON from stdin to stdout, with the Python client's own code."""

from __future__ import annotations

import itertools
import json
import sys
from typing import Any, Dict


def names(question: Dict[str, Any]) -> Any:
    from esper_telemetry.run_folder import safe_name

    return [safe_name(name) for name in question["names"]]


def out_of_memory(question: Dict[str, Any]) -> Any:
    from esper_telemetry.out_of_memory import parse

    return [parse(text) for text in question["texts"]]


def hyperparameters(question: Dict[str, Any]) -> Any:
    from esper_telemetry.ppo.hyperparameters import hyperparameters_for

    return {task: hyperparameters_for(task).wire() for task in question["tasks"]}


def trajectory(question: Dict[str, Any]) -> Any:
    """Each step begins at the given state: an error would else grow with the steps."""
    from esper_telemetry.ppo.environments import TASKS

    task = TASKS[question["task"]]
    answers = []
    for state, action in question["steps"]:
        after = task.advance(tuple(state), action)
        answers.append([*after.state, after.reward, float(after.terminated), *task.observe(after.state)])
    return {"steps": answers, "timeLimit": task.time_limit, "observationSize": task.observation_size}


def loss(question: Dict[str, Any]) -> Any:
    """Losses, diagnostics and gradients for given weights and one minibatch."""
    import torch

    from esper_telemetry.ppo.agent import PPOAgent, Samples
    from esper_telemetry.ppo.environments import TASKS
    from esper_telemetry.ppo.hyperparameters import hyperparameters_for

    task, batch = TASKS[question["task"]], question["minibatch"]
    size = len(batch["returns"])
    # No clipping and no step: the figures and the gradients of these very weights.
    hyper = hyperparameters_for(task.name, {**question["config"], "maxGradNorm": 1e30})
    agent = PPOAgent(task, 1, hyper, 1, torch.device("cpu"))
    agent.optimizer.step = lambda: None  # type: ignore[method-assign]
    weights = {name: torch.tensor(values).reshape(agent.policy.state_dict()[name].shape) for name, values in question["weights"].items()}
    agent.policy.load_state_dict(weights)
    actions = torch.tensor(batch["actions"])
    samples = Samples(
        observations=torch.tensor(batch["observations"]).reshape(size, -1),
        actions=actions.long() if task.actions else actions.reshape(size, -1),
        log_probs=torch.tensor(batch["oldLogProbs"]),
        advantages=torch.tensor(batch["advantages"]),
        returns=torch.tensor(batch["returns"]),
        values=torch.tensor(batch["oldValues"]),
    )
    names = ("total", "policy", "value", "entropy", "approxKl", "clipFraction", "gradNorm")
    figures = dict(zip(names, agent._learn(samples).tolist()))
    gradients = {name: parameter.grad.flatten().tolist() for name, parameter in agent.policy.named_parameters()}
    return {**figures, "gradients": gradients}


def interventions(question: Dict[str, Any]) -> Any:
    """What is done about pressures that follow from the parts, update by update: the events, and the parts of each update."""
    from types import SimpleNamespace

    from esper_telemetry.ppo.interventions import Shrink

    answers, used, emptied = [], [], []
    adjustable = SimpleNamespace(microbatches=1)
    numbers = itertools.count(1)
    shrink = Shrink(
        adjustable, question["minibatchSize"], lambda: emptied.append(1), lambda kind, data: answers.append([kind, data]), numbers.__next__
    )
    for batch, readings in enumerate(question["updates"], 1):
        used.append(adjustable.microbatches)
        shrink.read([readings[str(adjustable.microbatches)]], batch, 10 * adjustable.microbatches)
    return {"events": answers, "microbatches": used, "emptied": len(emptied)}


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    json.dump(globals()[asked["kind"]](asked), sys.stdout)
