"""The PyTorch trainer; needs torch."""

from __future__ import annotations

import importlib.util
import json
import math
import random
import signal
import subprocess
import sys
import unittest
from typing import Any, Dict, List
from unittest.mock import patch

from scratch import Scratch, environment, events_in

from esper_telemetry.ppo.__main__ import arguments
from esper_telemetry.ppo.environments import TASKS, VectorEnvironment

HAS_TORCH = importlib.util.find_spec("torch") is not None
needs_torch = unittest.skipUnless(HAS_TORCH, f"{sys.executable} has no torch")


def torch_device(name: str) -> Any:
    import torch

    return torch.device(name)


class Environments(unittest.TestCase):
    def test_cart_pole_falls_and_pays_a_point_a_step(self) -> None:
        task = TASKS["CartPole-v1"]
        state, reward, done = task.advance((0.0, 0.0, 0.0, 0.0), 1)
        push = 10 / 1.1
        turn = -push / (0.5 * (4 / 3 - 0.1 / 1.1))
        for found, due in zip(state, (0, 0.02 * (push - 0.05 * turn / 1.1), 0, 0.02 * turn)):
            self.assertAlmostEqual(found, due)
        while not done:
            self.assertEqual(reward, 1.0)
            state, reward, done = task.advance(state, 1)
        self.assertGreater(abs(state[2]), 12 * 2 * math.pi / 360)

    def test_an_undriven_acrobot_keeps_its_energy(self) -> None:
        def energy(s: Any) -> float:
            t1, t2, w1, w2 = s
            kinetic = 0.5 * (1.25 + 1 + 0.25 + math.cos(t2) + 1) * w1**2 + 0.5 * 1.25 * w2**2 + (0.25 + 0.5 * math.cos(t2) + 1) * w1 * w2
            return kinetic - 9.8 * (1.5 * math.cos(t1) + 0.5 * math.cos(t1 + t2))

        state = (0.5, -0.3, 0.0, 0.0)
        before = energy(state)
        for _ in range(50):
            state = TASKS["Acrobot-v1"].advance(state, 1).state
        self.assertAlmostEqual(energy(state), before, delta=0.05)

    def test_a_pendulum_pays_for_angle_speed_and_torque(self) -> None:
        after = TASKS["Pendulum-v1"].advance((math.pi, 1.0), 5.0)
        self.assertAlmostEqual(after.reward, -(math.pi**2 + 0.1 + 0.004))
        self.assertEqual(TASKS["Pendulum-v1"].advance((math.pi / 2, 8.0), 2.0).state[1], 8.0)

    def test_a_time_limit_is_no_end_of_the_task(self) -> None:
        envs = VectorEnvironment(TASKS["Pendulum-v1"], 2, seed=1)
        for _ in range(199):
            _, ended, cut_off = envs.step([0.0, 0.0])
            self.assertEqual((ended, cut_off), ([False, False], {}))
        before = envs.observations()
        _, ended, cut_off = envs.step([0.0, 0.0])
        self.assertEqual((ended, sorted(cut_off), envs.total_episodes), ([True, True], [0, 1], 2))
        self.assertNotEqual(list(cut_off.values()), envs.observations(), "the cut-off state, not the next episode's first")
        self.assertEqual(len(before), 2)
        self.assertLess(envs.episodic_return or 0, 0)

    def test_state_goes_on_where_it_was(self) -> None:
        def act(envs: VectorEnvironment, choose: random.Random) -> List[Any]:
            return [envs.step([choose.randrange(2) for _ in range(3)]) for _ in range(60)]

        first = VectorEnvironment(TASKS["CartPole-v1"], 3, seed=1)
        act(first, random.Random(1))
        second = VectorEnvironment(TASKS["CartPole-v1"], 3, seed=9)
        second.restore(json.loads(json.dumps(first.state())))
        self.assertEqual(act(first, random.Random(2)), act(second, random.Random(2)))
        self.assertEqual(first.episodic_return, second.episodic_return)
        with self.assertRaises(ValueError):
            VectorEnvironment(TASKS["Acrobot-v1"], 3, seed=1).restore(first.state())


class CommandLine(unittest.TestCase):
    def run_it(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([sys.executable, "-m", "esper_telemetry.ppo", *words], env=environment(), capture_output=True, text=True, timeout=300)

    def test_what_cannot_be_is_said_in_one_sentence(self) -> None:
        done = self.run_it("--device", "cuda:7")
        self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (1, "", 1), done.stderr)
        self.assertTrue(done.stderr.startswith("esper: "))
        if not HAS_TORCH:
            self.assertIn("has no usable torch", done.stderr)

    def test_wrong_words(self) -> None:
        self.assertEqual(self.run_it("--episodes", "0").returncode, 2)
        self.assertEqual(self.run_it("--env", "Chess-v0").returncode, 2)


@needs_torch
class Learning(Scratch):
    def test_advantages_of_a_rollout_by_hand(self) -> None:
        import torch

        from esper_telemetry.ppo.rollout import generalised_advantages

        found = generalised_advantages(
            torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([[0.5], [0.5], [0.5]]), torch.tensor([[0.5], [0.0], [4.0]]),
            torch.tensor([[False], [True], [False]]), gamma=0.9, gae_lambda=0.5,
        )  # fmt: skip
        last = 3 + 0.9 * 4 - 0.5
        middle = 2 - 0.5  # its episode ended there: nothing of the next
        self.assertTrue(torch.allclose(found[:, 0], torch.tensor([1 + 0.9 * 0.5 - 0.5 + 0.45 * middle, middle, last])))

    def test_the_update_reads_its_figures_once(self) -> None:
        """Until its end nothing waits for the device."""
        import torch

        from esper_telemetry.ppo.agent import PPOAgent
        from esper_telemetry.ppo.hyperparameters import hyperparameters_for
        from esper_telemetry.ppo.rollout import collect_rollout

        task = TASKS["CartPole-v1"]
        agent = PPOAgent(task, 4, hyperparameters_for(task.name), 1, torch.device("cpu"))
        samples = collect_rollout(agent, VectorEnvironment(task, 4, 1), 16)
        reads: List[str] = []

        def watch(name: str, call: Any) -> Any:
            def read(*args: Any) -> Any:
                if "optim" not in sys._getframe(1).f_code.co_filename:  # Adam's step counter lies on the CPU
                    reads.append(name)
                return call(*args)

            return read

        with patch.object(torch.Tensor, "tolist", watch("tolist", torch.Tensor.tolist)), patch.object(
            torch.Tensor, "item", watch("item", torch.Tensor.item)
        ), patch.object(torch.Tensor, "__float__", watch("float", torch.Tensor.__float__)):
            figures = agent.update(samples, 1e-3)
        self.assertEqual(reads, ["tolist"])
        self.assertEqual((figures.epochs, figures.early_stopped), (agent.hyper.epochs, False))
        self.assertGreater(figures.entropy, 0.5)

    def train(self, *words: str, end_after: int = 0) -> None:
        import torch

        from esper_telemetry.ppo import train

        batches: List[int] = []
        batch = train._batch

        def counted(*args: Any) -> None:
            batches.append(args[4])
            batch(*args)

        options = arguments(["--quiet", "--runs", str(self.runs), "--envs", "2", "--steps", "16", *words])
        with patch.object(train, "_batch", counted):
            train.train(options, torch.device("cpu"), lambda: batches[-1:] == [end_after])

    def figures(self, name: str) -> List[Dict[str, Any]]:
        (log,) = self.runs.glob(f"*-{name}-*/events-0.jsonl")
        return [
            {k: v for k, v in e["data"].items() if k not in ("timing", "memory")} for e in events_in(log) if e["type"] == "PPO_UPDATE_COMPLETED"
        ]

    def test_equal_seeds_give_equal_runs_and_a_resumed_run_is_one_of_them(self) -> None:
        for env in TASKS:
            with self.subTest(env=env):
                self.train("--env", env, "--episodes", "6", "--name", f"whole-{env}")
                self.train("--env", env, "--episodes", "6", "--name", f"parts-{env}", end_after=4)
                self.train("--resume", f"parts-{env}")
                whole, parts = self.figures(f"whole-{env}"), self.figures(f"parts-{env}")
                self.assertEqual([u["batch"] for u in parts], [1, 2, 3, 4, 5, 6])
                self.assertEqual(parts, whole)

    def test_a_run_without_a_checkpoint_cannot_go_on(self) -> None:
        from esper_telemetry.ppo.train import CannotTrain

        self.train("--episodes", "2", "--name", "done")
        next(self.runs.glob("*-done-*/checkpoint.pt")).unlink()
        with self.assertRaisesRegex(CannotTrain, "has no checkpoint"):
            self.train("--resume", "done")
        with self.assertRaisesRegex(CannotTrain, "There is no run"):
            self.train("--resume", "never")
        self.train("--episodes", "1", "--name", "full")
        with self.assertRaisesRegex(CannotTrain, "has made 1 batches"):
            self.train("--resume", "full")
        (log,) = self.runs.glob("*-full-*/events-0.jsonl")
        self.assertEqual(events_in(log)[-1]["type"], "TRAINING_COMPLETED", "a refused resume leaves the run alone")

    def test_settings_by_the_names_of_the_wire(self) -> None:
        from esper_telemetry.ppo.train import CannotTrain

        self.train("--episodes", "1", "--set", "targetKl=0.5", "--set", "epochs=2", "--set", "valueClipRange=0.2")
        events = self.only_events()
        self.assertEqual({name: events[0]["data"]["config"][name] for name in ("targetKl", "epochs", "valueClipRange", "env")},
                         {"targetKl": 0.5, "epochs": 2, "valueClipRange": 0.2, "env": "CartPole-v1"})  # fmt: skip
        with self.assertRaisesRegex(CannotTrain, 'no hyperparameter "kl": choose learningRate, '):
            self.train("--set", "kl=1")

    def test_a_minibatch_learned_in_parts_has_the_same_gradient_and_figures(self) -> None:
        import torch

        from esper_telemetry.ppo.agent import PPOAgent, Samples
        from esper_telemetry.ppo.hyperparameters import hyperparameters_for

        for env, task in TASKS.items():
            with self.subTest(env=env):
                size = 37
                settings = {"valueClipRange": 0.3, "entropyCoefficient": 0.01, "maxGradNorm": 1e30}
                agent = PPOAgent(task, 1, hyperparameters_for(env, settings), 3, torch.device("cpu"))
                agent.optimizer.step = lambda: None  # type: ignore[method-assign]
                random = torch.Generator().manual_seed(5)
                actions = torch.randint(task.actions, (size,), generator=random) if task.actions else torch.randn(size, task.action_size, generator=random)
                rest = [torch.randn(size, generator=random) for _ in range(4)]
                samples = Samples(torch.randn(size, task.observation_size, generator=random), actions, *rest)

                def learn(parts: int, agent: Any = agent, samples: Any = samples) -> Any:
                    agent.microbatches = parts
                    figures = agent._learn(samples)
                    return figures, torch.cat([p.grad.flatten() for p in agent.policy.parameters() if p.grad is not None])

                whole, gradient = learn(1)
                in_four, accumulated = learn(4)
                self.assertGreater(float(gradient.norm()), 0.01)
                torch.testing.assert_close(in_four, whole, rtol=1e-5, atol=1e-6)
                torch.testing.assert_close(accumulated, gradient, rtol=1e-5, atol=1e-6)

    def test_memory_pressure_shrinks_the_work_and_learns_the_same(self) -> None:
        from esper_telemetry.memory import MemoryReader
        from esper_telemetry.ppo import train

        parts: List[int] = []
        batch = train._batch

        def counted(run: Any, agent: Any, *rest: Any) -> None:
            parts.append(agent.microbatches)
            batch(run, agent, *rest)

        def pressed(_: Any) -> List[Dict[str, Any]]:
            peak = int(1000 * (0.5 + 0.48 / parts[-1])) if parts else 0
            return [{"device": "cuda:0", "reservedBytes": 400, "deviceTotalBytes": 1000, "deviceFreeBytes": 600, "peakActiveBytes": peak}]

        words = ["--episodes", "12", "--envs", "4", "--steps", "32"]
        self.train(*words, "--name", "left")
        with patch.object(MemoryReader, "read", pressed), patch.object(train, "_batch", counted):
            options = arguments(["--quiet", "--runs", str(self.runs), *words, "--name", "shrunk", "--on-pressure", "shrink"])
            train.train(options, torch_device("cpu"))
        self.assertEqual(parts, [1] + [2] * 11)
        (log,) = self.runs.glob("*-shrunk-*/events-0.jsonl")
        applied, ended = [e["data"] for e in events_in(log) if e["type"].startswith("INTERVENTION")]
        self.assertEqual((applied["batch"], applied["kind"], applied["microbatches"], applied["pressureFraction"]), (1, "shrink", 2, 0.98))
        self.assertEqual((ended["batch"], ended["helped"], ended["reverted"], ended["pressureAfter"]), (7, True, False, 0.74))
        for left, shrunk in zip(self.figures("left"), self.figures("shrunk")):
            self.assertEqual(left["rollout"]["totalEpisodes"], shrunk["rollout"]["totalEpisodes"])
            self.assertAlmostEqual(left["loss"]["value"], shrunk["loss"]["value"], places=3)

    def test_ctrl_c_ends_it_cleanly(self) -> None:
        for sent in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=sent):
                self.setUp()
                words = ["-m", "esper_telemetry.ppo", "--episodes", "100000", "--runs", str(self.runs), "--envs", "2", "--steps", "8"]
                child = subprocess.Popen([sys.executable, *words], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                assert child.stdout is not None
                child.stdout.readline()
                child.send_signal(sent)
                _, errors = child.communicate(timeout=300)
                self.assertEqual((child.returncode, errors), (130, ""))
                last = self.only_events()[-1]
                self.assertEqual((last["type"], last["data"]["reason"]), ("TRAINING_COMPLETED", "interrupted"))


if __name__ == "__main__":
    unittest.main()
