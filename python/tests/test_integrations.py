"""The callbacks, driven as their libraries drive them.

The libraries are stood in for by modules with their documented hooks, called in their documented order; where
Stable-Baselines3 is installed its own PPO is trained as well.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
import unittest
from collections import defaultdict
from typing import Any, Dict, List
from unittest.mock import patch

from scratch import Scratch, Shell, events_in

import esper_telemetry as esper

QUIET = {"sample_host": 0, "sample_driver": 0}


def module(name: str, **contents: Any) -> types.ModuleType:
    made = types.ModuleType(name)
    made.__dict__.update(contents)
    return made


class Callbacks(Scratch):
    """Imports one integration with stand-ins for its library, and forgets it afterwards."""

    def integration(self, name: str, *modules: types.ModuleType) -> Any:
        full = f"esper_telemetry.integrations.{name}"
        patched = patch.dict(sys.modules, {m.__name__: m for m in modules})
        patched.start()
        self.addCleanup(patched.stop)
        sys.modules.pop(full, None)
        return importlib.import_module(full).EsperCallback

    def updates(self) -> "list[dict[str, Any]]":
        return [e["data"] for e in self.only_events() if e["type"] in ("PPO_UPDATE_COMPLETED", "STEP_COMPLETED")]


class BaseCallback:
    """Stable-Baselines3's, as far as it matters: public hooks wrap the underscored ones."""

    def __init__(self, verbose: int = 0):
        self.locals: Dict[str, Any] = {}

    @property
    def logger(self) -> Any:
        return self.model.logger  # type: ignore[attr-defined]


class PPO:
    """Its on-policy loop: rollout, print (which empties the logger) every ``log_interval``, train."""

    n_steps, n_envs, n_epochs, gamma, device, max_grad_norm = 8, 2, 4, 0.99, "cpu", 0.5

    def __init__(self) -> None:
        self.num_timesteps = self._n_updates = 0
        self.logger = types.SimpleNamespace(name_to_value=defaultdict(float))
        self.ep_info_buffer: List[Dict[str, float]] = []

    def learn(self, total_timesteps: int, callback: Any, log_interval: int = 1) -> None:
        callback.model = self
        callback.locals = {"total_timesteps": total_timesteps, "reset_num_timesteps": True}
        callback._on_training_start()
        iteration = 0
        while self.num_timesteps < total_timesteps:
            callback._on_rollout_start()
            self.num_timesteps += self.n_steps * self.n_envs
            assert callback._on_step()
            self.ep_info_buffer.append({"r": 10.0 * (iteration + 1), "l": 5})
            callback._on_rollout_end()
            iteration += 1
            if iteration % log_interval == 0:
                self.logger.name_to_value.clear()
            self._n_updates += self.n_epochs
            self.logger.name_to_value.update({
                "train/policy_gradient_loss": -0.01 * iteration, "train/value_loss": 2.0, "train/entropy_loss": -0.69,
                "train/n_updates": self._n_updates, "train/clip_range": 0.2, "train/std": 0.9, "rollout/other": 1.0,
            })  # fmt: skip
        callback._on_training_end()


class StableBaselines3(Callbacks):
    def callback(self) -> Any:
        return self.integration(
            "stable_baselines3",
            module("stable_baselines3"),
            module("stable_baselines3.common"),
            module("stable_baselines3.common.callbacks", BaseCallback=BaseCallback),
        )

    def test_every_update_is_recorded_once_with_its_own_figures(self) -> None:
        callback = self.callback()
        for interval in (1, 2, 100):
            with self.subTest(log_interval=interval), esper.start("x", runs=self.runs / str(interval), **QUIET) as run:
                PPO().learn(48, callback(run), interval)
                assert run.path is not None
            self.runs, kept = run.path.parent, self.runs
            updates = self.updates()
            self.runs = kept
            self.assertEqual([u["batch"] for u in updates], [1, 2, 3])
            self.assertEqual([u["loss"]["policy"] for u in updates], [-0.01, -0.02, -0.03])
            self.assertEqual([u["rollout"]["totalSteps"] for u in updates], [16, 32, 48])
            first = updates[0]
            self.assertEqual((first["policy"]["entropy"], first["policy"]["epochs"], first["policy"]["clipRange"]), (0.69, 4, 0.2))
            self.assertEqual((first["rollout"]["steps"], first["rollout"]["episodicReturn"], first["extra"]), (16, 10.0, {"std": 0.9}))
            self.assertGreater(first["timing"]["stepsPerSecond"], 0)

    def test_its_own_run_begins_and_ends_with_the_training(self) -> None:
        PPO().learn(20, self.callback()(runs=self.runs, name="mine", **QUIET))
        events = self.only_events()
        self.assertEqual((events[0]["data"]["name"], events[0]["data"]["maxBatches"], events[0]["data"]["algorithm"]), ("mine", 2, "PPO"))
        self.assertEqual(events[-1]["data"]["reason"], "finished")

    @unittest.skipUnless(importlib.util.find_spec("stable_baselines3") and importlib.util.find_spec("gymnasium"), "Stable-Baselines3 is not installed")
    def test_the_real_library(self) -> None:
        from stable_baselines3 import PPO as Real

        from esper_telemetry.integrations.stable_baselines3 import EsperCallback

        model = Real("MlpPolicy", "CartPole-v1", n_steps=64, batch_size=32, n_epochs=2, device="cpu")
        with patch.dict("os.environ", SB3_LOGDIR=str(self.runs.parent)):  # its logger leaves a folder behind
            model.learn(192, callback=EsperCallback(runs=self.runs, **QUIET))
        updates = self.updates()
        self.assertEqual([u["rollout"]["totalSteps"] for u in updates], [64, 128, 192])
        self.assertTrue(all(u["loss"]["policy"] is not None and u["policy"]["entropy"] > 0 for u in updates))


class Transformers(Callbacks):
    """The Trainer's order: step begin, step end, then log and save where the flow callback has asked for them."""

    def drive(self, callback: Any, steps: int, logging_steps: int) -> None:
        args = types.SimpleNamespace(output_dir="out/bert", run_name=None, device="cpu", to_dict=lambda: {"learning_rate": 5e-5})
        state = types.SimpleNamespace(global_step=0, max_steps=steps)
        control = types.SimpleNamespace(should_log=False)
        callback.on_train_begin(args, state, control, model=None)
        for step in range(1, steps + 1):
            control.should_log = False
            callback.on_step_begin(args, state, control)
            state.global_step = step
            control.should_log = step % logging_steps == 0
            callback.on_step_end(args, state, control)
            if control.should_log:
                control.should_log = False
                callback.on_log(args, state, control, logs={"loss": 1.0 / step, "learning_rate": 5e-5, "grad_norm": 0.7, "epoch": 0.1})
        callback.on_save(args, state, control)
        callback.on_log(args, state, control, logs={"train_loss": 0.3, "train_runtime": 1.0})
        callback.on_train_end(args, state, control)

    def test_one_event_a_step_with_the_loss_where_it_is_logged(self) -> None:
        self.known: Dict[str, Any] = {}
        callback = self.integration(
            "transformers",
            module("transformers", TrainerCallback=type("TrainerCallback", (), {})),
            module("transformers.trainer_callback"),
            module("transformers.integrations"),
            module("transformers.integrations.integration_utils", INTEGRATION_TO_CALLBACK=self.known),
        )
        self.assertIs(self.known["esper"], callback)
        self.drive(callback(runs=self.runs, **QUIET), steps=4, logging_steps=2)
        events = self.only_events()
        self.assertEqual((events[0]["data"]["name"], events[0]["data"]["maxSteps"], events[0]["data"]["config"]), ("bert", 4, {"learning_rate": 5e-5}))
        found = self.updates()
        self.assertEqual([(u["step"], u["loss"]) for u in found], [(1, None), (2, 0.5), (3, None), (4, 0.25)])
        self.assertEqual((found[1]["gradNorm"], found[1]["extra"]), (0.7, {"epoch": 0.1}))
        self.assertTrue(all(u["stepMs"] >= 0 for u in found))
        self.assertEqual([e["data"]["path"] for e in events if e["type"] == "CHECKPOINT_SAVED"], ["out/bert/checkpoint-4"])
        self.assertEqual(events[-1]["type"], "TRAINING_COMPLETED")


class Notebook(Callbacks):
    """A cell that fails ends the run that a callback began in it, with the error; the next cell begins another."""

    def test_an_exception_that_the_notebook_shows(self) -> None:
        from esper_telemetry.integrations._owned_run import OwnedRun

        shell = Shell()
        with shell.open():
            for error in (ValueError("bad"), KeyboardInterrupt()):
                owned = OwnedRun(None, {"runs": self.runs, **QUIET})
                folders = set(self.runs.glob("*/run.json"))

                def cell(owned: Any = owned, error: BaseException = error) -> None:
                    owned.begin("cell")
                    raise error

                shell.run_cell(cell)
                (folder,) = set(self.runs.glob("*/run.json")) - folders
                end = events_in(folder.parent / "events-0.jsonl")[-1]
                self.assertEqual((end["type"], end["data"].get("message", end["data"].get("reason"))),
                                 ("TRAINING_FAILED", "bad") if isinstance(error, ValueError) else ("TRAINING_COMPLETED", "interrupted"))  # fmt: skip
                self.assertEqual((owned.run, shell.hooks), (None, []))
            # A cell that ends well leaves the run to the next.
            owned = OwnedRun(None, {"runs": self.runs, **QUIET})
            shell.run_cell(lambda: owned.begin("next"))
            self.assertIsNotNone(owned.run)
            owned.finish()
            self.assertEqual(shell.hooks, [])


class Tensor:
    reads = 0

    def item(self) -> float:
        Tensor.reads += 1
        return 0.5


class Lightning(Callbacks):
    def drive(self, callback: Any, batches: int, accumulate: int, error: "BaseException | None" = None) -> None:
        optimizer = types.SimpleNamespace(param_groups=[{"lr": 0.1}])
        trainer = types.SimpleNamespace(
            global_step=0, max_steps=-1, log_every_n_steps=2, optimizers=[optimizer], strategy=types.SimpleNamespace(root_device="cpu")
        )
        model = type("Net", (), {"hparams": {"width": 8}})()
        callback.on_train_start(trainer, model)
        for batch in range(batches):
            callback.on_train_batch_start(trainer, model, None, batch)
            trainer.global_step += (batch + 1) % accumulate == 0
            callback.on_train_batch_end(trainer, model, {"loss": Tensor()}, None, batch)
        if error is None:
            callback.on_train_end(trainer, model)
        else:
            callback.on_exception(trainer, model, error)

    def callback(self, **options: Any) -> Any:
        callbacks = module("lightning.pytorch.callbacks", Callback=object)
        return self.integration("lightning", module("lightning"), module("lightning.pytorch"), callbacks)(runs=self.runs, **QUIET, **options)

    def test_one_event_an_optimizer_step_and_few_reads_of_the_loss(self) -> None:
        Tensor.reads = 0
        self.drive(self.callback(), batches=8, accumulate=2)
        events = self.only_events()
        self.assertEqual((events[0]["data"]["name"], events[0]["data"]["config"], events[0]["data"]["maxSteps"]), ("Net", {"width": 8}, None))
        self.assertEqual([(u["step"], u["loss"], u["learningRate"]) for u in self.updates()], [(1, None, 0.1), (2, 0.5, 0.1), (3, None, 0.1), (4, 0.5, 0.1)])
        self.assertEqual(Tensor.reads, 2)

    def test_how_it_ends(self) -> None:
        for error, kind in ((ValueError("bad"), "TRAINING_FAILED"), (KeyboardInterrupt(), "TRAINING_COMPLETED")):
            with self.subTest(error=error):
                self.setUp()
                self.drive(self.callback(), batches=1, accumulate=1, error=error)
                self.assertEqual(self.only_events()[-1]["type"], kind)

    def test_the_older_package(self) -> None:
        hidden = {"lightning": None, "lightning.pytorch": None, "lightning.pytorch.callbacks": None}
        with patch.dict(sys.modules, hidden):  # type: ignore[dict-item]
            callback = self.integration("lightning", module("pytorch_lightning"), module("pytorch_lightning.callbacks", Callback=object))
        self.assertTrue(issubclass(callback, object))

    def test_a_run_of_the_caller_is_left_to_the_caller(self) -> None:
        with esper.start("mine", runs=self.runs, **QUIET) as run:
            callbacks = module("lightning.pytorch.callbacks", Callback=object)
            cls = self.integration("lightning", module("lightning"), module("lightning.pytorch"), callbacks)
            self.drive(cls(run), batches=1, accumulate=1)
            run.step(step=9)
        self.assertEqual([u["step"] for u in self.updates()], [1, 9])


if __name__ == "__main__":
    unittest.main()
