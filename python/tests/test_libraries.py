"""The callbacks under the libraries themselves, of the environment `frameworks`: each figure is the library's own record, to the digit.

Tiny models from configuration, on the CPU; nothing is downloaded. TRL's trainers take long: ESPER_TESTS_LONG=1 (npm run long) runs them.
"""

from __future__ import annotations

import csv
import importlib.metadata
import importlib.util
import inspect
import math
import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any, Dict, List
from unittest.mock import patch

from libraries import LONG, QUIET, Libraries, installed
from scratch import Event, environment


@installed("transformers", "accelerate")
class Transformers(Libraries):
    def train(self, resume: Any = None, **options: Any) -> Any:
        import torch
        from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainingArguments

        import esper_telemetry.integrations.transformers  # noqa: F401

        torch.manual_seed(0)
        model = GPT2LMHeadModel(GPT2Config(vocab_size=64, n_positions=32, n_embd=16, n_layer=1, n_head=2, bos_token_id=0, eos_token_id=0))
        rows = [{"input_ids": torch.randint(0, 64, (16,)), "labels": torch.randint(0, 64, (16,))} for _ in range(32)]
        known = inspect.signature(TrainingArguments).parameters  # which have had other names
        renamed = {"use_cpu": "no_cuda", "eval_strategy": "evaluation_strategy"}
        named = {name if name in known else renamed[name]: value for name, value in {"use_cpu": True, **options}.items()}
        arguments = TrainingArguments("out", report_to="esper", disable_tqdm=True, per_device_eval_batch_size=8, **named)
        trainer = Trainer(model=model, args=arguments, train_dataset=rows, eval_dataset=rows[:8])
        with patch("builtins.print"):
            trainer.train(resume_from_checkpoint=resume)
        return trainer

    def same_as_its_record(self, events: List[Event], history: List[Dict[str, Any]]) -> None:
        losses = {data["step"]: data["loss"] for data in self.steps(events) if data["loss"] is not None}
        self.assertEqual(losses, {entry["step"]: entry["loss"] for entry in history if "loss" in entry})
        own = self.logged(events)
        for name in ("eval_loss", "train_loss"):
            self.assertEqual(own.get(name, []), [(entry["step"], entry[name]) for entry in history if name in entry], name)

    def test_real_steps_evaluations_and_a_resume_in_the_same_run(self) -> None:
        trainer = self.train(max_steps=6, logging_steps=2, eval_strategy="steps", eval_steps=3, save_steps=3)
        (events,) = self.logs()
        self.assertEqual([data["step"] for data in self.steps(events)], [1, 2, 3, 4, 5, 6])
        self.same_as_its_record(events, trainer.state.log_history)
        self.assertTrue(all(data["stepMs"] > 0 for data in self.steps(events)))
        self.assertEqual(events[0]["data"]["maxSteps"], 6)
        self.assertEqual([event["data"] for event in events if event["type"] == "CHECKPOINT_SAVED"],
                         [{"batch": n, "path": f"out/checkpoint-{n}"} for n in (3, 6)])  # fmt: skip

        again = self.train(resume="out/checkpoint-3", max_steps=6, logging_steps=2, save_strategy="no")
        from transformers import trainer_callback

        if hasattr(trainer_callback, "ExportableState"):
            self.assertEqual(len(list(self.runs.glob("*/run.json"))), 1, "it goes on in its run")
            (events,) = self.logs()
            after = events[[n for n, event in enumerate(events) if event["type"] == "TRAINING_STARTED"][1] :]
        else:
            _, after = self.logs()  # before 4.43 a checkpoint keeps nothing of a callback
        self.assertEqual([data["step"] for data in self.steps(after)], [4, 5, 6])
        self.same_as_its_record(after, again.state.log_history[2:])

    def test_logging_once_an_epoch_repeats_no_step(self) -> None:
        trainer = self.train(num_train_epochs=2, logging_strategy="epoch", eval_strategy="epoch", save_strategy="no")
        (events,) = self.logs()
        self.assertEqual([data["step"] for data in self.steps(events)], list(range(1, 9)))
        self.assertTrue(all(data["stepMs"] > 0 for data in self.steps(events)))
        self.same_as_its_record(events, trainer.state.log_history)

    def test_an_exception_that_is_caught_ends_the_run_when_training_begins_again(self) -> None:
        from esper_telemetry.integrations.transformers import EsperCallback

        trainer = self.train(max_steps=1, save_strategy="no")
        (callback,) = [found for found in trainer.callback_handler.callbacks if isinstance(found, EsperCallback)]
        collate, trainer.data_collator = trainer.data_collator, lambda rows: 1 / 0
        with self.assertRaises(ZeroDivisionError):
            trainer.train()
        trainer.data_collator = collate
        with patch("builtins.print"):
            trainer.train()
        self.assertIsNone(callback._run.run)
        ends = [events[-1] for events in self.logs()]
        self.assertEqual([end["type"] for end in ends], ["TRAINING_COMPLETED", "TRAINING_FAILED", "TRAINING_COMPLETED"])
        self.assertEqual(ends[1]["data"]["errorType"], "TrainingNotEnded")

    def test_accelerate_logs_with_esper(self) -> None:
        import accelerate.tracking
        from accelerate import Accelerator

        from esper_telemetry.integrations.accelerate import EsperTracker

        if hasattr(accelerate.tracking, "register_tracker_class"):
            accelerator = Accelerator(log_with="esper", cpu=True)
            accelerator.init_trackers("proj", config={"lr": 0.5}, init_kwargs={"esper": QUIET})
        else:
            accelerator = Accelerator(log_with=EsperTracker("proj", **QUIET), cpu=True)
            accelerator.init_trackers("proj", config={"lr": 0.5})
        for step in range(3):
            accelerator.log({"train_loss": 1 / (step + 1)}, step=step)
        accelerator.log({"accuracy": 0.4}, step=2)
        accelerator.end_training()
        (events,) = self.logs()
        self.assertEqual((events[0]["data"]["name"], events[0]["data"]["config"]["lr"]), ("proj", 0.5))
        self.assertEqual([(data["step"], data["loss"]) for data in self.steps(events)], [(0, 1.0), (1, 0.5), (2, 1 / 3)])
        self.assertEqual(self.logged(events)["accuracy"], [(2, 0.4)])
        self.assertEqual(events[-1]["type"], "TRAINING_COMPLETED")

    @unittest.skipUnless(LONG, "takes long: npm run long")
    def test_trl(self) -> None:
        from datasets import Dataset
        from standin.trainers import arguments, llama, text, tokenizer
        from trl import DPOConfig, DPOTrainer, GRPOConfig, GRPOTrainer, RLOOConfig, RLOOTrainer, SFTConfig, SFTTrainer

        import esper_telemetry.integrations.transformers  # noqa: F401

        llama().save_pretrained("model")
        prompts = Dataset.from_dict({"prompt": [text(5, i) for i in range(16)]})
        pairs = Dataset.from_dict({"prompt": [text(4, i) for i in range(16)], "chosen": [text(4, 50 + i) for i in range(16)], "rejected": [text(4, 90 + i) for i in range(16)]})
        rows = Dataset.from_dict({"text": [text(5 + i % 9, i) for i in range(60)]})

        def reward(completions: List[str], **_: Any) -> List[float]:
            return [completion.split().count("cat") / 8 for completion in completions]

        def common(**more: Any) -> Dict[str, Any]:
            return {**arguments("cpu", "out", max_steps=2, **more), "report_to": "esper"}

        few = {"num_generations": 4, "max_completion_length": 8, "per_device_train_batch_size": 4}
        makers = {
            "SFT": lambda: SFTTrainer(model=llama(), args=SFTConfig(**common(per_device_train_batch_size=2), max_length=32), train_dataset=rows, processing_class=tokenizer()),
            "DPO": lambda: DPOTrainer(model="model", args=DPOConfig(**common(per_device_train_batch_size=2), max_length=32), train_dataset=pairs, processing_class=tokenizer()),
            "GRPO": lambda: GRPOTrainer(model="model", reward_funcs=reward, args=GRPOConfig(**common(), **few), train_dataset=prompts, processing_class=tokenizer()),
            "RLOO": lambda: RLOOTrainer(model="model", reward_funcs=reward, args=RLOOConfig(**common(), **few), train_dataset=prompts, processing_class=tokenizer()),
        }  # fmt: skip
        for name, make in makers.items():
            with self.subTest(name):
                trainer = make()
                with patch("builtins.print"):
                    trainer.train()
                events = self.logs()[-1]
                self.same_as_its_record(events, trainer.state.log_history)
                own = self.logged(events)
                history = [entry for entry in trainer.state.log_history if "loss" in entry]
                numbers = {key for key in history[0] if key not in ("loss", "grad_norm", "learning_rate", "step")}
                for key in numbers:
                    self.assertEqual(own[key], [(entry["step"], entry[key]) for entry in history], key)
                self.assertEqual(self.steps(events)[0]["gradNorm"], history[0]["grad_norm"])


LIGHTNING = '''
import inspect, sys, torch
try:
    import lightning as L
    from lightning.pytorch.loggers import CSVLogger
except ImportError:
    import pytorch_lightning as L
    from pytorch_lightning.loggers import CSVLogger
from esper_telemetry.integrations.lightning import EsperCallback, EsperLogger

class Net(L.LightningModule):
    def __init__(self, manual=False):
        super().__init__()
        self.a, self.b, self.automatic_optimization = torch.nn.Linear(4, 1), torch.nn.Linear(4, 1), not manual
    def training_step(self, batch, index):
        loss = (self.a(batch) ** 2).mean() + (self.b(batch) ** 2).mean()
        self.log("train_loss", loss)
        if self.automatic_optimization:
            return loss
        for optimizer in self.optimizers():
            optimizer.zero_grad()
        self.manual_backward(loss)
        for optimizer in self.optimizers():
            optimizer.step()
    def validation_step(self, batch, index):
        self.log("val_loss", (self.a(batch) ** 2).mean())
    def configure_optimizers(self):
        made = [torch.optim.SGD(part.parameters(), 0.1) for part in (self.a, self.b)]
        return torch.optim.SGD(self.parameters(), 0.1) if self.automatic_optimization else made

def rows(n):
    return torch.utils.data.DataLoader(torch.randn(n, 4), batch_size=4)

quiet = dict(sample_host=0, sample_driver=0)
shared = dict(accelerator="cpu", enable_progress_bar=False, enable_model_summary=False, log_every_n_steps=2)
trusted = {"weights_only": False} if "weights_only" in inspect.signature(L.Trainer.fit).parameters else {}
torch.manual_seed(0)
def fit(name):
    if name == "accumulate":
        L.Trainer(max_epochs=2, accumulate_grad_batches=3, callbacks=[EsperCallback(name=name, **quiet)], logger=CSVLogger("csv"), **shared).fit(Net(), rows(24), rows(8))
    elif name == "resume":
        found = __import__("glob").glob("csv/**/*.ckpt", recursive=True)[0]
        L.Trainer(max_epochs=3, accumulate_grad_batches=3, callbacks=[EsperCallback(name=name, **quiet)], logger=False, **shared).fit(Net(), rows(24), rows(8), ckpt_path=found, **trusted)
    elif name == "manual":
        L.Trainer(max_epochs=1, callbacks=[EsperCallback(name=name, **quiet)], logger=False, enable_checkpointing=False, **shared).fit(Net(True), rows(24))
    elif name == "logger":
        L.Trainer(max_epochs=1, logger=[EsperLogger(name=name, **quiet), CSVLogger("csv-logger")], enable_checkpointing=False, **shared).fit(Net(), rows(24), rows(8))
    elif name == "both":
        L.Trainer(max_epochs=1, logger=EsperLogger(name=name, **quiet), callbacks=[EsperCallback()], enable_checkpointing=False, **shared).fit(Net(), rows(24), rows(8))
    elif name == "fails":
        class Fails(Net):
            def training_step(self, batch, index):
                raise ValueError("no good")
        try:
            L.Trainer(max_epochs=1, logger=EsperLogger(name=name, **quiet), enable_checkpointing=False, **shared).fit(Fails(), rows(8))
        except ValueError:
            pass
    else:
        L.Trainer(max_epochs=1, strategy=name, devices=2, callbacks=[EsperCallback(name=name, **quiet)], logger=False, enable_checkpointing=False, **shared).fit(Net(), rows(32))
for name in sys.argv[1:]:
    fit(name)
'''


@installed("lightning" if importlib.util.find_spec("lightning") else "pytorch_lightning")
class Lightning(Libraries):
    def fit(self, *names: str) -> Dict[str, List[List[Event]]]:
        """Trains in a process of its own, which Lightning's launchers start again. Events by the name of the run, each rank's."""
        program = Path("net.py")
        program.write_text(LIGHTNING)
        done = subprocess.run([sys.executable, str(program), *names], env=environment({"ESPER_RUNS": str(self.runs)}), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
        self.assertEqual(done.returncode, 0, done.stdout[-3000:])
        return self.by_name()

    def metrics(self, folder: str, name: str) -> List[Any]:
        """What metrics.csv has of a figure, as (step from 1, value)."""
        (path,) = Path(folder).glob("**/metrics.csv")
        with path.open() as file:
            return [(int(row["step"]) + 1, float(row[name])) for row in csv.DictReader(file) if row.get(name)]

    def test_what_is_recorded_is_what_lightning_logs(self) -> None:
        found = self.fit("accumulate", "resume", "manual", "logger", "both", "fails")
        self.assertNotIn("resume", found, "it goes on in the run of its checkpoint")
        (events,) = found["accumulate"]
        again = [n for n, event in enumerate(events) if event["type"] == "TRAINING_STARTED"][1]
        first, second = events[:again], events[again:]
        self.assertEqual(([d["step"] for d in self.steps(first)], first[0]["data"]["maxSteps"]), ([1, 2, 3, 4], 4))
        self.assertEqual(([d["step"] for d in self.steps(second)], second[0]["data"]["maxSteps"]), ([5, 6], 6))
        own = self.logged(first)
        self.assertEqual(own["train_loss"], self.metrics("csv", "train_loss"))
        self.assertEqual(own["val_loss"], self.metrics("csv", "val_loss"))
        for step, loss in own["train_loss"]:
            self.assertTrue(math.isclose(self.steps(first)[step - 1]["loss"], loss, rel_tol=1e-6), "whole, not divided by the batches accumulated")
        self.assertIn("CHECKPOINT_SAVED", [event["type"] for event in first])

        (events,) = found["manual"]
        self.assertEqual(([d["step"] for d in self.steps(events)], events[0]["data"]["maxSteps"]), ([1, 2, 3, 4, 5, 6], 6))
        self.assertEqual([(d["step"], d["loss"]) for d in self.steps(events) if d["loss"] is not None], self.logged(events)["train_loss"])

        (events,) = found["logger"]
        self.assertEqual([(d["step"], d["loss"]) for d in self.steps(events)], self.metrics("csv-logger", "train_loss"))
        self.assertEqual(self.logged(events)["val_loss"], self.metrics("csv-logger", "val_loss"))

        (events,) = found["both"]
        self.assertEqual([d["step"] for d in self.steps(events)], [1, 2, 3, 4, 5, 6])
        self.assertEqual([step for step, _ in self.logged(events)["train_loss"]], [2, 4, 6])
        self.assertEqual(len(self.logged(events)["val_loss"]), 1)
        self.assertEqual(events[-1]["data"]["reason"], "finished")

        (events,) = found["fails"]
        self.assertEqual((events[-1]["type"], events[-1]["data"]["message"]), ("TRAINING_FAILED", "no good"))

    def test_its_launchers_of_two_processes_give_one_run(self) -> None:
        for name in ("ddp", "ddp_fork") if LONG else ("ddp",):
            with self.subTest(name):
                ranks = self.fit(name)[name]
                self.assertEqual([events[0]["rank"] for events in ranks], [0, 1])
                self.assertEqual([events[0]["data"]["worldSize"] for events in ranks], [2, 2])
                losses = [[d["loss"] for d in self.steps(events) if d["loss"] is not None] for events in ranks]
                self.assertEqual([len(each) for each in losses], [2, 2])
                self.assertNotEqual(losses[0], losses[1], "each its own")


@installed("keras", "torch")
class Keras(Libraries):
    def test_figures_are_those_of_its_history(self) -> None:
        with patch.dict("os.environ", KERAS_BACKEND="torch"):
            import keras
        import numpy

        from esper_telemetry.integrations.keras import EsperCallback

        shown: List[Any] = []

        class Record(keras.callbacks.Callback):  # type: ignore[misc]
            def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
                shown.append(dict(logs))

        keras.utils.set_random_seed(0)
        x = numpy.random.randn(40, 4).astype("float32")
        y = x.sum(1, keepdims=True)
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)], name="tiny")
        model.compile(optimizer=keras.optimizers.SGD(keras.optimizers.schedules.InverseTimeDecay(0.1, 1, 0.5)), loss="mse", metrics=["mae"])
        fit = {"batch_size": 8, "verbose": 0}
        first = model.fit(x, y, epochs=2, validation_split=0.2, callbacks=[Record(), EsperCallback(**QUIET)], **fit).history
        again = model.fit(x, y, epochs=3, initial_epoch=2, callbacks=[Record(), EsperCallback(**QUIET)], **fit).history

        events, more = self.logs()
        start, steps = events[0]["data"], self.steps(events)
        self.assertEqual((start["name"], start["maxSteps"], start["device"], start["config"]["backend"]), ("tiny", 8, "cpu", "torch"))
        self.assertEqual([data["step"] for data in steps], list(range(1, 9)))
        self.assertEqual([(data["loss"], data["extra"]["mae"]) for data in steps + self.steps(more)], [(logs["loss"], logs["mae"]) for logs in shown])
        self.assertTrue(all(data["stepMs"] > 0 for data in steps))
        self.assertAlmostEqual(steps[1]["learningRate"], 0.1 / 2, msg="of the schedule, after two batches")
        self.assertEqual([steps[n]["loss"] for n in (3, 7)], first["loss"], "an epoch's last event has what History keeps")
        own = self.logged(events)
        self.assertEqual({name: own[name] for name in ("val_loss", "val_mae")}, {name: list(zip((4, 8), first[name])) for name in ("val_loss", "val_mae")})
        self.assertEqual({name: len(values) for name, values in own.items()}, {"mae": 8, "val_loss": 2, "val_mae": 2}, "nothing twice")
        self.assertEqual(events[-1]["data"]["reason"], "finished")

        self.assertEqual(more[0]["data"]["maxSteps"], 13)
        self.assertEqual([data["step"] for data in self.steps(more)], [9, 10, 11, 12, 13], "a second fit counts on")
        self.assertEqual(self.steps(more)[-1]["loss"], again["loss"][-1])


DDP = '''
import os, torch, torch.distributed as dist, esper_telemetry as esper
dist.init_process_group("gloo")
model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(4, 1))
optimizer = torch.optim.SGD(model.parameters(), 0.1)
torch.manual_seed(dist.get_rank())
with esper.start("ddp", max_steps=3, sample_host=0, sample_driver=0) as run:
    for step in range(1, 4):
        loss = (model(torch.randn(8, 4)) ** 2).mean()
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        run.step(step=step, loss=loss.item())
        os.write(1, f"{dist.get_rank()} {step} {loss.item()!r}\\n".encode())  # whole, beside the other's
'''


def launcher_fails() -> bool:
    """PyTorch 1's own launcher raises on Python 3.11."""
    return importlib.util.find_spec("torch") is not None and importlib.metadata.version("torch").startswith("1.")


@installed("torch")
@unittest.skipIf(launcher_fails(), "torch.distributed.run of PyTorch 1 raises on Python 3.11")
class TwoProcesses(Libraries):
    def test_ddp_over_gloo_is_one_run_of_two_ranks(self) -> None:
        Path("ddp.py").write_text(DDP)
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "ddp.py"]
        done = subprocess.run(command, env=environment({"ESPER_RUNS": str(self.runs)}), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=600)
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])
        printed = sorted(tuple(line.split()) for line in done.stdout.splitlines() if line[:2] in ("0 ", "1 "))
        self.assertEqual(len(list(self.runs.glob("*/run.json"))), 1)
        recorded = sorted((str(events[0]["rank"]), str(data["step"]), repr(data["loss"])) for events in self.logs() for data in self.steps(events))
        self.assertEqual(recorded, printed)


WORKERS = '''
import sys, torch, esper_telemetry as esper
class Rows(torch.utils.data.Dataset):
    def __init__(self, run): self.run = run
    def __len__(self): return 4
    def __getitem__(self, i):
        self.run.step(step=100 + i, loss=1.0)
        return i, self.run.id
if __name__ == "__main__":
    for method in sys.argv[1:]:
        with esper.start(method, sample_host=0, sample_driver=0) as run:
            loader = torch.utils.data.DataLoader(Rows(run), batch_size=2, num_workers=1, multiprocessing_context=method)
            for step, (_, ids) in enumerate(loader, 1):
                assert set(ids) == {run.id}, ids
                run.step(step=step, loss=0.5)
            print(method, run.failures, flush=True)
'''


@installed("torch")
class Workers(Libraries):
    def test_a_dataset_that_holds_the_run_goes_to_workers(self) -> None:
        Path("workers.py").write_text(WORKERS)
        methods = ("fork", "spawn", "forkserver")
        done = subprocess.run([sys.executable, "workers.py", *methods], env=environment({"ESPER_RUNS": str(self.runs)}), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=600)
        self.assertEqual((done.returncode, done.stdout.split()), (0, ["fork", "0", "spawn", "0", "forkserver", "0"]), done.stderr[-3000:])
        for events in self.logs():
            self.assertEqual([data["step"] for data in self.steps(events)], [1, 2], "workers record nothing")


if __name__ == "__main__":
    unittest.main()
