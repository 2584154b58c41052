"""A run from start to end, however it ends."""

from __future__ import annotations

import copy
import functools
import json
import os
import pickle
import sys
import threading
import types
import unittest
from typing import Any
from unittest.mock import patch

from scratch import Scratch, Shell, events_in, python
from standin_torch import GIB, Card, stats, torch_module

import esper_telemetry as esper


class Runs(Scratch):
    def start(self, **options: Any) -> esper.Run:
        return esper.start("test", runs=self.runs, **{"sample_host": 0, "sample_driver": 0, **options})

    def test_the_configuration_names_the_folder_of_runs(self) -> None:
        place = self.runs.parent
        below = place / "a" / "b"
        below.mkdir(parents=True)
        (place / "esper.config.json").write_text('\ufeff{"runs": "data"}', encoding="utf-8")
        code = "import esper_telemetry.opening as o; print(o.runs_folder(None))"
        for env, expected in (({}, place / "data"), ({"ESPER_CONFIG": "off"}, below / "runs"), ({"ESPER_RUNS": "x"}, below / "x")):
            with self.subTest(env):
                self.assertEqual(python(code, env=env, cwd=below).stdout.strip(), str(expected.resolve()))
        (place / "esper.config.json").write_text("{")
        self.assertEqual(python(code, cwd=below).stdout.strip(), str((below / "runs").resolve()))

    def test_other_dashboards_are_shown_the_memory(self) -> None:
        rows: "list[Any]" = []
        summary: "dict[str, Any]" = {}
        wandb = types.SimpleNamespace(run=types.SimpleNamespace(log=lambda row, commit: rows.append((row, commit)), summary=summary))
        board: "list[Any]" = []
        writer = types.SimpleNamespace(add_scalar=lambda *scalar: board.append(scalar), add_text=lambda *text: board.append(text))
        torch = torch_module(Card([stats(allocated=GIB, reserved=2 * GIB)], free=6 * GIB, total=8 * GIB))
        with patch.dict(sys.modules, {"wandb": wandb, "torch": torch}):  # type: ignore[dict-item]
            with self.start().to_wandb().to_tensorboard(writer) as run:
                run.step(step=4, step_ms=12.5)
        row, commit = rows[0]
        self.assertFalse(commit, "it makes no step of its own")
        self.assertEqual((row["esper/step"], row["esper/update_ms"]), (4, 12.5))
        self.assertEqual((row["esper/cuda:0/allocated_bytes"], row["esper/cuda:0/memory_usage_percent"]), (GIB, 50.0))
        self.assertEqual(summary["esper/run"], run.id)
        self.assertIn(("esper/cuda:0/reserved_bytes", 2 * GIB, 4), board)
        self.assertEqual(board[-1], ("esper/look", f"esper report {run.id}"))
        self.assertEqual(run.failures, 0)

    def test_a_dashboard_that_fails_stops_no_training(self) -> None:
        with patch.dict(sys.modules, {"wandb": None}):  # type: ignore[dict-item]
            with self.start().to_wandb().to_tensorboard(object()) as run:
                run.step(step=1, step_ms=1.0)
        self.assertGreaterEqual(run.failures, 2)
        self.assertEqual(self.only_events()[-1]["type"], "TRAINING_COMPLETED")

    def test_a_copy_is_a_run_that_records_nothing(self) -> None:
        with esper.start("x", runs=self.runs, sample_host=0, sample_driver=0) as run:
            for made in (pickle.loads(pickle.dumps(run)), copy.copy(run), copy.deepcopy({"run": run})["run"]):
                made.step(step=7)
                made.log(a=1)
                made.finish()
                self.assertEqual((made.id, made.path, made.failures), (run.id, run.path, 0))
            run.step(step=1)
        self.assertEqual([e["type"] for e in self.only_events()], ["TRAINING_STARTED", "STEP_COMPLETED", "TRAINING_COMPLETED"])

    def test_what_a_notebook_shows(self) -> None:
        with esper.start("<b>", runs=self.runs, sample_host=0, sample_driver=0) as run:
            self.assertIn("none yet", run._repr_html_())
            run.step(step=3, loss=0.25)
            shown = run._repr_html_()
            for part in ("<td><code>3</code>", "<td><code>0.25</code>", "recording", f"sanctum {run.id}"):
                self.assertIn(part, shown)
            run.ppo_update(batch=4, total_loss=float("nan"))
            self.assertIn("NaN", run._repr_html_())
            self.assertIn(f"Run {run.id}: recording to {run.path}", repr(run))
        self.assertIn("ended", run._repr_html_())

    def test_a_run_that_a_notebook_leaves_open_ends_as_its_last_training_cell(self) -> None:
        def cell(run: esper.Run, steps: int, error: "BaseException | None") -> None:
            for _ in range(steps):
                run.step()
            if error is not None:
                raise error

        lack = type("OutOfMemoryError", (RuntimeError,), {})("CUDA out of memory.")
        for cells, end in [
            ([(2, None), (0, NameError("a slip"))], "finished"),
            ([(2, ValueError("bad")), (0, None)], "ValueError"),
            ([(2, ValueError("bad")), (2, None)], "finished"),
            ([(0, lack)], "OutOfMemoryError"),
            ([(2, KeyboardInterrupt())], "interrupted"),
        ]:
            shell = Shell()
            with self.subTest(cells=cells), shell.open(), patch.object(sys, "ps1", ">", create=True):
                run = self.start()
                for steps, error in cells:
                    shell.run_cell(functools.partial(cell, run, steps, error))
                run._at_exit()
                assert run.path is not None
                last = events_in(run.path / "events-0.jsonl")[-1]["data"]
                self.assertEqual((last.get("errorType") or last["reason"], shell.hooks), (end, []))

    def test_keyword_arguments_land_in_their_groups(self) -> None:
        with self.start() as run:
            run.ppo_update(batch=3, policy_loss=-0.1, value_loss=float("nan"), clip_fraction=0.2, epochs=4, early_stopped=True, kl_target=0.02)
            run.ppo_update()
        _, first, second, _ = self.only_events()
        self.assertEqual(first["data"]["batch"], 3)
        self.assertEqual(first["data"]["loss"], {"total": None, "policy": -0.1, "value": "NaN"})
        self.assertEqual((first["data"]["policy"]["epochs"], first["data"]["policy"]["earlyStopped"]), (4, True))
        self.assertEqual(first["data"]["extra"], {"kl_target": 0.02})
        self.assertEqual((second["data"]["batch"], second["data"]["memory"]), (4, []))
        self.assertNotIn("extra", second["data"])

    def test_figures_of_your_own(self) -> None:
        """Beside a step, or by themselves; what is no number, or has no name, costs itself alone."""

        class Tensor:
            shape = (1, 1)

            def reshape(self, shape: object) -> float:
                return 0.5

        class Broken:
            shape = (1,)

            def __str__(self) -> str:
                raise RuntimeError("gone")

        with self.start() as run:
            run.step(step=4, loss=1.0, accuracy=0.25)
            run.log(val_accuracy=0.75, f1=float("nan"))
            run.log({"val/loss": Tensor(), "bad": Broken(), 7: 1.0}, step=4)
            run.log("no mapping")  # type: ignore[arg-type]
            run.log(batch=-1)
        _, step, own, mapped, nothing, empty, _ = self.only_events()
        self.assertEqual(step["data"]["extra"], {"accuracy": 0.25})
        self.assertEqual((own["type"], own["data"]), ("FIGURES_LOGGED", {"batch": None, "figures": {"val_accuracy": 0.75, "f1": "NaN"}}))
        self.assertEqual(mapped["data"], {"batch": 4, "figures": {"val/loss": 0.5, "bad": None}})
        self.assertEqual((nothing["data"]["figures"], empty["data"]["figures"]), ({}, {}))
        self.assertEqual(run.failures, 3)

    def test_the_start_says_what_is_known(self) -> None:
        torch = torch_module(Card([stats(GIB, 2 * GIB)]))
        with patch.dict(sys.modules, {"torch": torch}), patch.dict(os.environ, {"PYTORCH_CUDA_ALLOC_CONF": "expandable_segments:True"}):
            with self.start(max_batches=7, task="CartPole-v1", algorithm="PPO", config={"lr": 1e-3}) as run:
                run.ppo_update(batch=1)
        started, update, _ = self.only_events()
        found = started["data"]
        self.assertEqual((found["maxBatches"], found["task"], found["algorithm"], found["config"]), (7, "CartPole-v1", "PPO", {"lr": 1e-3}))
        self.assertEqual((found["device"], found["allocatorBackend"], found["expandableSegments"]), ("cuda:0", "native", True))
        self.assertEqual((found["versions"]["torch"], found["versions"]["cuda"], found["worldSize"]), ("2.4.0", "12.4", 1))
        self.assertEqual(update["data"]["memory"][0]["allocatedBytes"], GIB)

    def test_every_event_carries_what_it_cost(self) -> None:
        """Gathering it, and writing the one before; the card's clock is the client's."""
        card = Card([stats(GIB, 2 * GIB)], delays=[0.5])
        with patch.dict(sys.modules, {"torch": torch_module(card)}):
            with self.start() as run:
                with patch.object(run, "_timer", card.clock):
                    run.ppo_update(batch=1)
        costs = [e["telemetryMs"] for e in self.only_events()]
        self.assertGreaterEqual(costs[1], 500)
        self.assertTrue(all(0 <= cost < 500 for cost in costs[2:]), costs)

    def test_steps_and_checkpoints(self) -> None:
        with self.start(max_steps=9) as run:
            run.step(step=5, loss=float("inf"), tokens_per_second=12.5, grad_scale=1024.0, episodic_return=float("nan"), total_episodes=4)
            run.step()
            run.memory("backward", when="after")
            assert run.path is not None
            run.checkpoint(run.path / "model.pt", batch=5)
            run.checkpoint("/elsewhere/model.pt")
        events = self.only_events()
        self.assertEqual([e["type"] for e in events[1:6]], ["STEP_COMPLETED"] * 2 + ["MEMORY_SAMPLED"] + ["CHECKPOINT_SAVED"] * 2)
        self.assertEqual((events[1]["data"]["loss"], events[1]["data"]["extra"]), ("Infinity", {"grad_scale": 1024.0}))
        self.assertEqual(events[1]["data"]["rollout"], {"episodicReturn": "NaN", "totalEpisodes": 4})
        self.assertNotIn("rollout", events[2]["data"])
        self.assertEqual((events[2]["data"]["step"], events[3]["data"]["when"]), (6, "after"))
        self.assertEqual([e["data"]["path"] for e in events[4:6]], ["model.pt", "/elsewhere/model.pt"])

    def test_how_it_ends(self) -> None:
        oom = type("OutOfMemoryError", (RuntimeError,), {})
        for raised, kind, found in (
            (None, "TRAINING_COMPLETED", {"reason": "finished"}),
            (KeyboardInterrupt(), "TRAINING_COMPLETED", {"reason": "interrupted"}),
            (SystemExit(0), "TRAINING_COMPLETED", {"reason": "finished"}),
            (SystemExit(3), "TRAINING_FAILED", {"errorType": "SystemExit", "message": "3", "outOfMemory": None}),
            (ValueError("bad shape"), "TRAINING_FAILED", {"errorType": "ValueError", "message": "bad shape", "outOfMemory": None}),
            (oom("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 1 has …"), "TRAINING_FAILED", {"errorType": "OutOfMemoryError"}),
        ):
            try:
                with self.start() as run:
                    if raised is not None:
                        raise raised
            except BaseException as error:
                self.assertIs(error, raised)
            assert run.path is not None
            events = [json.loads(line) for line in (run.path / "events-0.jsonl").read_text().splitlines()]
            self.assertEqual(events[-1]["type"], kind)
            self.assertEqual({name: events[-1]["data"][name] for name in found}, found)
            self.assertGreaterEqual(events[-1]["data"]["durationMs"], 0)
            if kind == "TRAINING_FAILED":
                ending = events[-1]["data"]["ending"]
                self.assertEqual(ending["kind"], "out of memory" if isinstance(raised, oom) else "error")
                self.assertRegex(ending["evidence"], r"test_run\.py, line \d+, in test_how_it_ends$")
            if isinstance(raised, oom):
                self.assertEqual((events[-1]["data"]["outOfMemory"]["device"], events[-1]["data"]["outOfMemory"]["triedBytes"]), ("cuda:1", 2 * GIB))

    def test_what_comes_after_the_end_is_ignored(self) -> None:
        run = self.start()
        run.finish()
        run.ppo_update(batch=1)
        run.fail(ValueError())
        run.finish()
        self.assertEqual([e["type"] for e in self.only_events()], ["TRAINING_STARTED", "TRAINING_COMPLETED"])

    def test_a_run_goes_on_where_it_ended(self) -> None:
        with self.start() as run:
            run.ppo_update(batch=4)
        with self.start(resume="latest") as again:
            self.assertEqual((again.id, again.resumed_at_batch), (run.id, 4))
            again.ppo_update()
        events = self.only_events()
        self.assertEqual([e["seq"] for e in events], list(range(6)))
        self.assertEqual((events[3]["data"]["resumedAtBatch"], events[4]["data"]["batch"]), (4, 5))

    def test_nothing_raises_where_nothing_can_be_written(self) -> None:
        blocked = self.runs.parent / "file"
        blocked.write_text("")
        with patch("sys.stderr") as stderr:
            for options in ({"runs": blocked / "runs"}, {"resume": "nothing"}):
                with esper.start("x", **{"runs": self.runs, **options}) as run:
                    run.ppo_update(batch=1)
                    run.step(step=1)
                    run.memory("x")
                    run.checkpoint("x")
                self.assertIsNone(run.path)
                self.assertEqual(run.failures, 1)
        found = [call.args[0] for call in stderr.write.call_args_list if call.args[0].strip()]
        self.assertEqual(len(found), 2, found)

    def test_bad_values_are_counted_told_once_and_cost_no_event(self) -> None:
        with patch("sys.stderr") as stderr:
            with self.start(max_batches="many") as run:
                for _ in range(5):
                    run.ppo_update(policy_loss="high", value_loss=1.0)
                run.ppo_update(batch="one")
        found = "".join(call.args[0] for call in stderr.write.call_args_list)
        self.assertEqual(found.count("policy_loss is no number"), 1)
        self.assertEqual(run.failures, 7)
        updates = [e for e in self.only_events() if e["type"] == "PPO_UPDATE_COMPLETED"]
        self.assertEqual([e["data"]["loss"]["value"] for e in updates], [1.0] * 5 + [None])
        self.assertEqual([e["data"]["batch"] for e in updates], [1, 2, 3, 4, 5, 6], "counted on where the number is none")

    def test_threads_share_one_sequence(self) -> None:
        with self.start() as run:
            threads = [threading.Thread(target=lambda: [run.step(loss=0.1) for _ in range(50)]) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual([e["seq"] for e in self.only_events()], list(range(202)))


class Processes(Scratch):
    """What only a whole interpreter shows."""

    def events_of(self, body: str, returncode: int = 0) -> "list[dict[str, Any]]":
        done = python(f"import os, sys, esper_telemetry as esper\nrun = esper.start('p', runs={str(self.runs)!r})\n{body}")
        self.assertEqual(done.returncode, returncode, done.stderr)
        return [e for e in self.only_events() if e["type"] != "HOST_SAMPLED"]

    def test_the_interpreters_exit_ends_the_run(self) -> None:
        self.assertEqual(self.events_of("run.ppo_update(batch=1)")[-1]["data"]["reason"], "finished")

    def test_an_exception_that_nobody_caught_is_why_it_failed(self) -> None:
        last = self.events_of("raise ValueError('bad')", returncode=1)[-1]
        self.assertEqual((last["type"], last["data"]["errorType"], last["data"]["message"]), ("TRAINING_FAILED", "ValueError", "bad"))

    def test_a_ctrl_c_that_nobody_caught(self) -> None:
        # A shell's background job inherits that SIGINT is ignored.
        code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); os.kill(os.getpid(), signal.SIGINT)"
        last = self.events_of(code, returncode=-2)[-1]
        self.assertEqual((last["type"], last["data"]["reason"]), ("TRAINING_COMPLETED", "interrupted"))

    def test_a_forked_child_writes_nothing_to_its_parents_run(self) -> None:
        events = self.events_of(
            "run.ppo_update(batch=1)\n"
            "child = os.fork()\n"
            "if child == 0:\n"
            "    run.ppo_update(batch=99); run.finish()\n"
            "    sys.exit(0)\n"  # its atexit handlers run too
            "assert os.waitpid(child, 0)[1] == 0\n"
            "run.ppo_update(batch=2)"
        )
        self.assertEqual([e["seq"] for e in events if e["type"] == "PPO_UPDATE_COMPLETED"][-1], events[-1]["seq"] - 1)
        self.assertEqual([e["data"]["batch"] for e in events if "batch" in e["data"]], [1, 2])
        self.assertFalse((self.only_run() / "events-0.lock").exists())

    def test_a_worker_process_of_multiprocessing(self) -> None:
        events = self.events_of(
            "import multiprocessing\n"
            "worker = multiprocessing.get_context('fork').Process(target=lambda: run.ppo_update(batch=99))\n"
            "worker.start(); worker.join()\n"
            "run.ppo_update(batch=1)"
        )
        self.assertEqual([e["data"]["batch"] for e in events if "batch" in e["data"]], [1])

    def test_a_fork_while_a_sampler_holds_the_lock_does_not_hang(self) -> None:
        self.events_of(
            "import threading, time\n"
            "def busy():\n"
            "    while True: run.step(loss=0.1)\n"
            "threading.Thread(target=busy, daemon=True).start()\n"
            "for _ in range(20):\n"
            "    child = os.fork()\n"
            "    if child == 0: run.step(loss=1.0); os._exit(0)\n"
            "    os.waitpid(child, 0)\n"
        )

    def test_torch_is_not_imported_by_the_client(self) -> None:
        self.events_of("assert not {'torch', 'numpy', 'transformers', 'lightning'} & set(sys.modules)")


if __name__ == "__main__":
    unittest.main()
