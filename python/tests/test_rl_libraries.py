"""The callbacks of libraries of reinforcement learning under the libraries themselves, of the environment `frameworks`: each figure is the library's own
record, to the digit. Tiny agents, on the CPU.
"""

from __future__ import annotations

import csv
import itertools
import logging
import unittest
from pathlib import Path
from typing import Any, Dict, List
from unittest.mock import Mock, patch

from libraries import QUIET, Libraries, installed


@installed("stable_baselines3", "gymnasium")
class StableBaselines3(Libraries):
    def test_off_policy_gives_steps_of_the_environment(self) -> None:
        from stable_baselines3 import DQN
        from stable_baselines3.common.logger import Logger

        from esper_telemetry.integrations.stable_baselines3 import EsperCallback

        model = DQN("MlpPolicy", "CartPole-v1", learning_starts=50, device="cpu", seed=0)
        model.set_logger(Logger(None, []))
        model.learn(400, callback=EsperCallback(**QUIET))
        (events,) = self.logs()
        start, steps = events[0]["data"], self.steps(events)
        self.assertEqual((start["algorithm"], start["maxBatches"], start["maxSteps"], start["config"]["buffer_size"]), ("DQN", None, 400, 1_000_000))
        self.assertEqual(steps[-1]["step"], 400)
        self.assertLess(len(steps), 8, "not one event an update")
        self.assertTrue(all(isinstance(data["loss"], float) and data["stepMs"] > 0 for data in steps))
        self.assertEqual(steps[-1]["extra"]["train/n_updates"], model._n_updates)
        returns = [episode["r"] for episode in model.ep_info_buffer]
        self.assertAlmostEqual(steps[-1]["rollout"]["episodicReturn"], sum(returns) / len(returns))

    def test_evaluations_are_recorded_and_spoil_no_update(self) -> None:
        import gymnasium
        from stable_baselines3 import PPO
        from stable_baselines3.common.callbacks import EvalCallback
        from stable_baselines3.common.logger import KVWriter, Logger
        from stable_baselines3.common.monitor import Monitor

        from esper_telemetry.integrations.stable_baselines3 import EsperCallback

        printed: List[Dict[str, Any]] = []

        class Record(KVWriter):
            def write(self, key_values: Dict[str, Any], key_excluded: Dict[str, Any], step: int = 0) -> None:
                printed.append(dict(key_values))

            def close(self) -> None:
                pass

        model = PPO("MlpPolicy", "CartPole-v1", n_steps=64, batch_size=32, n_epochs=1, device="cpu", seed=0)
        model.set_logger(Logger(None, [Record()]))
        evaluation = EvalCallback(Monitor(gymnasium.make("CartPole-v1")), eval_freq=50, n_eval_episodes=1, verbose=0)
        model.learn(192, callback=[evaluation, EsperCallback(**QUIET)])
        (events,) = self.logs()
        updates = [event["data"] for event in events if event["type"] == "PPO_UPDATE_COMPLETED"]
        self.assertEqual([data["batch"] for data in updates], [1, 2, 3])
        self.assertEqual([value for _, value in self.logged(events)["eval/mean_reward"]], [entry["eval/mean_reward"] for entry in printed if "eval/mean_reward" in entry])
        self.assertTrue(set(value for entry in printed for name, value in entry.items() if name == "train/value_loss") <= {data["loss"]["value"] for data in updates})
        self.assertEqual(len(model.logger.output_formats), 1, "the logger is left as it was")


@installed("skrl", "gymnasium")
class Skrl(Libraries):
    def agent(self, maker: str, environments: int, **settings: Any) -> Any:
        """An agent of skrl's on a tiny network that writes every 32 timesteps into `tensorboard/agent`, and its environment."""
        import gymnasium
        from skrl.agents.torch import dqn, ppo
        from skrl.envs.wrappers.torch import wrap_env
        from skrl.memories.torch import RandomMemory
        from skrl.models.torch import CategoricalMixin, DeterministicMixin, Model
        from skrl.utils import set_seed
        from torch import nn

        logging.getLogger("skrl").setLevel(logging.WARNING)
        set_seed(0)
        env = wrap_env(gymnasium.make_vec("CartPole-v1", num_envs=environments, vectorization_mode="sync"))
        shared: Dict[str, Any] = {"observation_space": env.observation_space, "action_space": env.action_space, "device": "cpu"}

        def model(mixin: Any, outputs: int) -> Any:
            class Net(mixin, Model):  # type: ignore[misc]
                def __init__(self) -> None:
                    Model.__init__(self, **shared)
                    mixin.__init__(self)
                    self.net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, outputs))

                def compute(self, inputs: Any, role: str) -> Any:
                    return self.net(inputs["observations"]), {}

            return Net()

        memory = RandomMemory(memory_size=settings.get("rollouts", 256), num_envs=environments, device="cpu")
        if maker == "PPO":
            models = {"policy": model(CategoricalMixin, 2), "value": model(DeterministicMixin, 1)}
            agent = ppo.PPO(models=models, memory=memory, cfg=ppo.PPO_CFG(**settings), **shared)
        else:
            models = {"q_network": model(DeterministicMixin, 2), "target_q_network": model(DeterministicMixin, 2)}
            agent = dqn.DQN(models=models, memory=memory, cfg=dqn.DQN_CFG(**settings), **shared)
        return agent, env

    def train(self, agent: Any, env: Any, timesteps: int) -> Dict[str, List[Any]]:
        """Trains; what TensorBoard's file has then, by name, each as (timestep, value of 32 bits)."""
        from skrl.trainers.torch import SequentialTrainer, SequentialTrainerCfg
        from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

        settings = SequentialTrainerCfg(timesteps=timesteps, headless=True, disable_progressbar=True, close_environment_at_exit=False)
        SequentialTrainer(cfg=settings, env=env, agents=agent).train()
        agent.writer.close()
        (file,) = Path(agent.experiment_dir).glob("events.out.tfevents*")
        found: Dict[str, List[Any]] = {}
        for event in EventFileLoader(str(file)).Load():
            for value in event.summary.value:
                found.setdefault(value.tag, []).append((event.step, value.tensor.float_val[0] if value.HasField("tensor") else value.simple_value))
        return found

    @staticmethod
    def rounded(value: float) -> float:
        import numpy

        return float(numpy.float32(value))

    def test_rollouts_give_updates(self) -> None:
        from skrl.agents.torch.base import ExperimentCfg

        from esper_telemetry.integrations.skrl import track

        experiment = ExperimentCfg(directory="tensorboard", experiment_name="agent", write_interval=32, checkpoint_interval=0)
        agent, env = self.agent("PPO", 2, rollouts=32, learning_epochs=2, mini_batches=2, entropy_loss_scale=0.01, experiment=experiment)
        written = self.train(track(agent, **QUIET), env, 96)
        (events,) = self.logs()
        updates = [event["data"] for event in events if event["type"] == "PPO_UPDATE_COMPLETED"]
        start = events[0]["data"]
        self.assertEqual((start["algorithm"], start["maxBatches"], start["config"]["learning_epochs"]), ("PPO", 3, 2))
        self.assertEqual([(data["batch"], data["rollout"]["steps"], data["rollout"]["totalSteps"]) for data in updates], [(1, 64, 64), (2, 64, 128), (3, 64, 192)])
        for name, theirs in (("policy", "Loss / Policy loss"), ("value", "Loss / Value loss")):
            self.assertEqual([self.rounded(data["loss"][name]) for data in updates], [value for _, value in written[theirs]], name)
        self.assertEqual([self.rounded(-0.01 * data["policy"]["entropy"]) for data in updates], [value for _, value in written["Loss / Entropy loss"]])
        own = self.logged(events)
        self.assertEqual(set(own), set(written), "all that it writes")
        for name, values in written.items():
            same = [repr(self.rounded(value)) for _, value in own[name]]  # a policy of categories has a deviation that is NaN
            self.assertEqual(same, [repr(value) for _, value in values], name)
        self.assertEqual(events[-1]["data"]["reason"], "finished")

    def test_other_agents_give_timesteps(self) -> None:
        from skrl.agents.torch.base import ExperimentCfg

        from esper_telemetry.integrations.skrl import track

        experiment = ExperimentCfg(directory="tensorboard", experiment_name="agent", write_interval=32, checkpoint_interval=0)
        agent, env = self.agent("DQN", 1, batch_size=8, learning_starts=8, experiment=experiment)
        ticks = itertools.count()
        with patch("esper_telemetry.integrations.skrl.time", Mock(perf_counter=lambda: float(next(ticks)))):
            written = self.train(track(agent, **QUIET), env, 96)
        (events,) = self.logs()
        steps = self.steps(events)
        self.assertEqual([data["stepMs"] for data in steps[1:]], [33e3 / 32] * 2, "of 32 timesteps: an update each, and the event")
        self.assertEqual((events[0]["data"]["algorithm"], events[0]["data"]["maxSteps"]), ("DQN", 96))
        self.assertEqual([data["step"] for data in steps], [32, 64, 96])
        own = self.logged(events)
        self.assertEqual(set(own), set(written))
        for name, values in written.items():
            self.assertEqual([(step, self.rounded(value)) for step, value in own[name]], values, name)
        returns = [self.rounded(data["rollout"]["episodicReturn"]) for data in steps]
        self.assertEqual(returns, [value for _, value in written["Reward / Total reward (mean)"]])


@installed("torchrl", "gymnasium")
class TorchRL(Libraries):
    def test_what_a_loop_logs_is_recorded_as_csv_logger_has_it(self) -> None:
        import torch
        from tensordict import TensorDict
        from tensordict.nn import TensorDictModule
        from torchrl import collectors
        from torchrl.envs import GymEnv
        from torchrl.modules import NormalParamExtractor, ProbabilisticActor, TanhNormal, ValueOperator
        from torchrl.objectives import ClipPPOLoss
        from torchrl.objectives.value import GAE
        from torchrl.record.loggers.csv import CSVLogger

        from esper_telemetry.integrations.torchrl import EsperLogger

        torch.manual_seed(0)
        env = GymEnv("Pendulum-v1")
        net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2), NormalParamExtractor())
        actor = ProbabilisticActor(
            TensorDictModule(net, ["observation"], ["loc", "scale"]), in_keys=["loc", "scale"], spec=env.action_spec, distribution_class=TanhNormal, return_log_prob=True
        )
        critic = ValueOperator(torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1)), in_keys=["observation"])
        advantage, losses = GAE(gamma=0.99, lmbda=0.95, value_network=critic), ClipPPOLoss(actor, critic)
        optimizer = torch.optim.Adam(losses.parameters(), 1e-3)
        ours = EsperLogger("pendulum", **QUIET)
        loggers = [CSVLogger("csv", log_dir="csv"), ours]
        for logger in loggers:
            logger.log_hparams({"lr": 1e-3})
        frames = 0
        collector = getattr(collectors, "Collector", None) or collectors.SyncDataCollector
        for data in collector(env, actor, frames_per_batch=16, total_frames=48):
            frames += data.numel()
            advantage(data)
            loss = losses(data)
            total = loss["loss_objective"] + loss["loss_critic"] + loss["loss_entropy"]
            optimizer.zero_grad()
            total.backward()
            optimizer.step()
            figures = TensorDict({"loss": total.detach(), "train": loss.select("loss_objective", "loss_critic").detach()})
            for logger in loggers:
                logger.log_metrics(figures, step=frames)
                logger.log_scalar("reward", data["next", "reward"].mean().item(), step=frames)
                logger.log_scalar("counted", float(frames))
        ours.shutdown()
        (events,) = self.logs()
        steps, own = self.steps(events), self.logged(events)
        self.assertEqual((events[0]["data"]["name"], events[0]["data"]["config"]), ("pendulum", {"lr": 1e-3}))
        self.assertEqual([data["step"] for data in steps], [16, 32, 48], "one event a step")
        self.assertEqual([set(data["extra"]) for data in steps], [{"train/loss_objective", "train/loss_critic"}] * 3, "what is logged together is one event")
        recorded = {"loss": [(data["step"], data["loss"]) for data in steps], **own}
        written: Dict[str, List[Any]] = {}
        for file in Path("csv").glob("**/scalars/**/*.csv"):
            with file.open() as rows:
                written[str(file.relative_to("csv/csv/scalars").with_suffix(""))] = [(int(step), float(value)) for step, value in csv.reader(rows)]
        self.assertEqual(recorded, written)
        self.assertEqual(events[-1]["data"]["reason"], "finished")


@installed("rsl_rl", "tensordict")
class RslRl(Libraries):
    def test_an_iteration_is_an_event_of_what_the_runner_logs(self) -> None:
        import torch
        from rsl_rl.env import VecEnv
        from rsl_rl.runners import OnPolicyRunner
        from tensordict import TensorDict

        from esper_telemetry.integrations.rsl_rl import EsperLogWriter

        handed: Dict[str, List[Any]] = {}

        class Writer(EsperLogWriter):
            def add_scalar(self, tag: str, scalar_value: Any, global_step: int) -> None:
                handed.setdefault(tag, []).append((global_step, float(scalar_value)))
                super().add_scalar(tag, scalar_value, global_step)

        class Toy(VecEnv):  # type: ignore[misc]
            num_envs, num_actions, max_episode_length, device, cfg = 4, 2, 10, "cpu", {}

            def __init__(self) -> None:
                self.x, self.episode_length_buf = torch.randn(4, 4), torch.zeros(4, dtype=torch.long)

            def get_observations(self) -> Any:
                return TensorDict({"policy": self.x}, batch_size=[4])

            def step(self, actions: Any) -> Any:
                self.x = self.x + 0.1 * torch.cat([actions, actions], 1)
                reward = -self.x.pow(2).mean(1)
                self.episode_length_buf += 1
                done = self.episode_length_buf >= 10
                self.episode_length_buf[done] = 0
                return self.get_observations(), reward, done, {"log": {"/reward/dist": reward.mean()}}

        torch.manual_seed(0)
        net = {"class_name": "rsl_rl.models.MLPModel", "hidden_dims": [4], "activation": "elu"}
        noise = {"class_name": "rsl_rl.modules.GaussianDistribution", "init_std": 1.0}
        cfg = {
            "num_steps_per_env": 8,
            "save_interval": 50,
            "obs_groups": {"actor": ["policy"], "critic": ["policy"]},
            "algorithm": {"class_name": "rsl_rl.algorithms.PPO", "rnd_cfg": None, "symmetry_cfg": None},
            "actor": {**net, "distribution_cfg": noise},
            "critic": net,
            "logger": {"class_name": Writer, **QUIET},
        }
        with patch("builtins.print"):
            OnPolicyRunner(Toy(), cfg, log_dir="logs/toy", device="cpu").learn(3)
        (events,) = self.logs()
        updates = [event["data"] for event in events if event["type"] == "PPO_UPDATE_COMPLETED"]
        self.assertEqual((events[0]["data"]["name"], events[0]["data"]["algorithm"], events[0]["data"]["config"]["num_steps_per_env"]), ("toy", "PPO", 8))
        recorded: Dict[str, List[Any]] = {}
        for data in updates:
            named = {
                "Loss/surrogate": data["loss"]["policy"],
                "Loss/value": data["loss"]["value"],
                "Loss/entropy": data["policy"]["entropy"],
                "Loss/learning_rate": data["policy"]["learningRate"],
                "Train/mean_reward": data["rollout"]["episodicReturn"],
                "Train/mean_episode_length": data["rollout"]["episodicLength"],
                "Perf/total_fps": data["timing"]["stepsPerSecond"],
                **data["extra"],
            }
            for name, value in named.items():
                if value is not None:
                    recorded.setdefault(name, []).append((data["batch"] - 1, value))
        durations = {name: handed.pop(name) for name in ("Perf/collection_time", "Perf/learning_time")}
        self.assertEqual(recorded, {name: values for name, values in handed.items() if not name.endswith("/time")})
        self.assertEqual([(data["batch"] - 1, data["timing"]["rolloutMs"]) for data in updates], [(n, value * 1e3) for n, value in durations["Perf/collection_time"]])
        self.assertEqual(recorded["Train/mean_episode_length"][0][0], 1, "none ends in the first iteration, whose event waits for the second")
        self.assertIn("CHECKPOINT_SAVED", [event["type"] for event in events])
        self.assertEqual(events[-1]["data"]["reason"], "finished")


if __name__ == "__main__":
    unittest.main()
