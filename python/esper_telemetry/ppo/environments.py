"""CartPole-v1, Acrobot-v1 and Pendulum-v1: their published equations, in plain Python floats.

A task is pure: ``start`` makes a state, ``advance`` the next one with its reward, ``observe`` what the agent sees.
A :class:`VectorEnvironment` holds several episodes of one, and their time limits.
"""

from __future__ import annotations

import math
import random
from collections import deque
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Any, Callable, Deque, Dict, List, NamedTuple, Optional, Sequence, Tuple

#: Finished episodes that the means of :class:`VectorEnvironment` are over.
EPISODE_WINDOW = 100

State = Tuple[float, ...]


class Transition(NamedTuple):
    state: State
    reward: float
    #: The task itself ended: nothing follows, so nothing is bootstrapped.
    terminated: bool


@dataclass(frozen=True)
class Task:
    #: Gymnasium's name of it.
    name: str
    observation_size: int
    #: Number of discrete actions; 0 for continuous ones.
    actions: int
    #: Dimensions of a continuous action; 0 for discrete ones.
    action_size: int
    #: Steps after which an episode is cut off.
    time_limit: int
    start: Callable[[random.Random], State]
    advance: Callable[[State, float], Transition]
    observe: Callable[[State], Sequence[float]]


def _clamp(value: float, low: float, high: float) -> float:
    return low if value < low else high if value > high else value


def _cart_pole(state: State, action: float) -> Transition:
    """x (m), its speed, θ from upright (rad), its speed; Florian (2007) without friction, explicit Euler."""
    x, x_dot, theta, theta_dot = state
    force = 10.0 if action == 1 else -10.0
    push = (force + 0.05 * theta_dot * theta_dot * sin(theta)) / 1.1
    theta_acceleration = (9.8 * sin(theta) - cos(theta) * push) / (0.5 * (4 / 3 - 0.1 * cos(theta) ** 2 / 1.1))
    x_acceleration = push - 0.05 * theta_acceleration * cos(theta) / 1.1
    x, theta = x + 0.02 * x_dot, theta + 0.02 * theta_dot
    after = (x, x_dot + 0.02 * x_acceleration, theta, theta_dot + 0.02 * theta_acceleration)
    return Transition(after, 1.0, abs(x) > 2.4 or abs(theta) > 12 * 2 * pi / 360)


def _acrobot_slope(state: State, torque: float) -> State:
    """Sutton and Barto's book: links of mass 1, length 1 and inertia 1, their centres of mass half way."""
    theta1, theta2, speed1, speed2 = state
    d1 = 0.25 + (1.25 + cos(theta2)) + 2
    d2 = (0.25 + 0.5 * cos(theta2)) + 1
    phi2 = 0.5 * 9.8 * cos(theta1 + theta2 - pi / 2)
    phi1 = (
        -0.5 * speed2**2 * sin(theta2)
        - speed2 * speed1 * sin(theta2)
        + 1.5 * 9.8 * cos(theta1 - pi / 2)
        + phi2
    )
    acceleration2 = (torque + d2 / d1 * phi1 - 0.5 * speed1**2 * sin(theta2) - phi2) / (1.25 - d2**2 / d1)
    return speed1, speed2, -(d2 * acceleration2 + phi1) / d1, acceleration2


def _along(state: State, slope: State, scale: float) -> State:
    return tuple(s + scale * d for s, d in zip(state, slope))


def _wrap(angle: float) -> float:
    while angle > pi:
        angle -= 2 * pi
    while angle < -pi:
        angle += 2 * pi
    return angle


def _acrobot(state: State, action: float) -> Transition:
    """θ1 from hanging down, θ2 from the first link (rad), their speeds; one Runge–Kutta step of 0.2 s."""
    torque, h = action - 1, 0.2
    k1 = _acrobot_slope(state, torque)
    k2 = _acrobot_slope(_along(state, k1, h / 2), torque)
    k3 = _acrobot_slope(_along(state, k2, h / 2), torque)
    k4 = _acrobot_slope(_along(state, k3, h), torque)
    weighted = tuple(a + 2 * b + 2 * c + d for a, b, c, d in zip(k1, k2, k3, k4))
    theta1, theta2, speed1, speed2 = _along(state, weighted, h / 6)
    theta1, theta2 = _wrap(theta1), _wrap(theta2)
    after = (theta1, theta2, _clamp(speed1, -4 * pi, 4 * pi), _clamp(speed2, -9 * pi, 9 * pi))
    terminated = -cos(theta1) - cos(theta2 + theta1) > 1
    return Transition(after, 0.0 if terminated else -1.0, terminated)


def _pendulum(state: State, action: float) -> Transition:
    """θ from upright (rad, not wrapped) and its speed; a torque of at most 2 N·m."""
    theta, speed = state
    torque = _clamp(action, -2.0, 2.0)
    angle = (theta + pi) % (2 * pi) - pi
    cost = angle**2 + 0.1 * speed**2 + 0.001 * torque**2
    speed = _clamp(speed + (15 * sin(theta) + 3 * torque) * 0.05, -8.0, 8.0)
    return Transition((theta + speed * 0.05, speed), -cost, False)


TASKS: Dict[str, Task] = {
    task.name: task
    for task in (
        Task("CartPole-v1", 4, 2, 0, 500, lambda r: tuple(r.uniform(-0.05, 0.05) for _ in range(4)), _cart_pole, tuple),
        Task(
            "Acrobot-v1", 6, 3, 0, 500, lambda r: tuple(r.uniform(-0.1, 0.1) for _ in range(4)), _acrobot,
            lambda s: (cos(s[0]), sin(s[0]), cos(s[1]), sin(s[1]), s[2], s[3]),
        ),
        Task(
            "Pendulum-v1", 3, 0, 1, 200, lambda r: (r.uniform(-pi, pi), r.uniform(-1, 1)), _pendulum,
            lambda s: (cos(s[0]), sin(s[0]), s[1]),
        ),
    )
}  # fmt: skip


class VectorEnvironment:
    """Several episodes of one task, each restarted where it ends."""

    def __init__(self, task: Task, count: int, seed: int):
        self.task = task
        self.count = count
        #: Episodes that ended since the run began.
        self.total_episodes = 0
        self._random = random.Random(seed)
        self._states = [task.start(self._random) for _ in range(count)]
        self._elapsed = [0] * count
        self._returns = [0.0] * count
        self._finished: Deque[Tuple[float, int]] = deque(maxlen=EPISODE_WINDOW)

    def observations(self) -> List[Sequence[float]]:
        """[count][observation_size]"""
        return [self.task.observe(state) for state in self._states]

    def step(self, actions: Sequence[float]) -> Tuple[List[float], List[bool], Dict[int, Sequence[float]]]:
        """One step in each.

        :returns: rewards; whether each episode ended; and the last observation of each that its time limit cut
            off, by its place: its return would have gone on.
        """
        rewards: List[float] = []
        ended: List[bool] = []
        cut_off: Dict[int, Sequence[float]] = {}
        for i, action in enumerate(actions):
            self._states[i], reward, terminated = self.task.advance(self._states[i], action)
            self._elapsed[i] += 1
            self._returns[i] += reward
            truncated = not terminated and self._elapsed[i] >= self.task.time_limit
            rewards.append(reward)
            ended.append(terminated or truncated)
            if truncated:
                cut_off[i] = self.task.observe(self._states[i])
            if terminated or truncated:
                self.total_episodes += 1
                self._finished.append((self._returns[i], self._elapsed[i]))
                self._states[i], self._elapsed[i], self._returns[i] = self.task.start(self._random), 0, 0.0
        return rewards, ended, cut_off

    @property
    def episodic_return(self) -> Optional[float]:
        """Mean undiscounted return of the last finished episodes; None before the first."""
        return math.fsum(r for r, _ in self._finished) / len(self._finished) if self._finished else None

    @property
    def episodic_length(self) -> Optional[float]:
        """Mean length of the same episodes, steps."""
        return sum(n for _, n in self._finished) / len(self._finished) if self._finished else None

    def state(self) -> Dict[str, Any]:
        """Plain data, to be saved."""
        version, words, gauss = self._random.getstate()
        return {
            "task": self.task.name,
            "states": [list(state) for state in self._states],
            "elapsed": list(self._elapsed),
            "returns": list(self._returns),
            "finished": [list(episode) for episode in self._finished],
            "total_episodes": self.total_episodes,
            "random": [version, list(words), gauss],
        }

    def restore(self, state: Dict[str, Any]) -> None:
        """:raises ValueError: where the state is of another task or another number of environments."""
        if state["task"] != self.task.name or len(state["states"]) != self.count:
            raise ValueError(f"the checkpoint is of {len(state['states'])} × {state['task']}")
        self._states = [tuple(s) for s in state["states"]]
        self._elapsed = list(state["elapsed"])
        self._returns = list(state["returns"])
        self._finished = deque(((r, n) for r, n in state["finished"]), maxlen=EPISODE_WINDOW)
        self.total_episodes = int(state["total_episodes"])
        version, words, gauss = state["random"]
        self._random.setstate((version, tuple(words), gauss))
