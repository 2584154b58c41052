"""The client that begins by itself: which steps are updates, when a run begins, and what it leaves alone.

Where torch is needed, a module with its hooks stands in its place; the programs of test/run run the real one.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import textwrap
import types
import unittest
from pathlib import Path
from typing import Any, Callable, List
from unittest import mock

from scratch import PACKAGE, Scratch, Shell, events_in, python

import esper_telemetry as esper
from esper_telemetry import opening, site_hook
from esper_telemetry.attach import session, step_hooks
from esper_telemetry.attach.session import Printed, Session
from esper_telemetry.attach.updates import Updates, key_of
from esper_telemetry.attach.watcher import Watcher


class Optimizer:
    """As torch's: ``step`` calls the hooks that were registered."""

    def __init__(self, *parameters: object, lr: float = 0.1, inner: Any = None):
        self.param_groups = [{"params": list(parameters), "lr": lr}]
        self.inner = inner


class Torch:
    """The hooks of torch.optim.optimizer, old and new."""

    def __init__(self, old: bool = False):
        self.before: List[Callable[..., None]] = []
        self.after: List[Callable[..., None]] = []
        self.module = types.ModuleType("torch")
        self.optim = types.ModuleType("torch.optim")
        self.optimizer = types.ModuleType("torch.optim.optimizer")
        if not old:
            self.optimizer.register_optimizer_step_pre_hook = self.before.append  # type: ignore[attr-defined]
            self.optimizer.register_optimizer_step_post_hook = self.after.append  # type: ignore[attr-defined]

    def installed(self) -> Any:
        return mock.patch.dict(
            sys.modules, {"torch": self.module, "torch.optim": self.optim, "torch.optim.optimizer": self.optimizer}
        )

    def step(self, optimizer: Optimizer) -> None:
        for hook in self.before:
            hook(optimizer, (), {})
        if optimizer.inner is not None:
            self.step(optimizer.inner)
        for hook in self.after:
            hook(optimizer, (), {})


def counted(*steps: Optimizer) -> List[bool]:
    updates, torch, seen = Updates(), Torch(), []
    torch.before.append(lambda optimizer, *_: updates.before(optimizer))
    torch.after.append(lambda optimizer, *_: seen.append(updates.after(optimizer)))
    for optimizer in steps:
        torch.step(optimizer)
    return seen


class WhatAnUpdateIs(unittest.TestCase):
    def test_each_step_of_one_optimizer(self) -> None:
        one = Optimizer(object())
        self.assertEqual(counted(one, one, one), [True] * 3)

    def test_the_first_leads_and_others_belong_to_its_updates(self) -> None:
        critic, actor = Optimizer(object()), Optimizer(object())
        self.assertEqual(counted(critic, actor, critic, actor), [True, False, True, False])
        # Five steps of the one for each of the other.
        self.assertEqual(counted(critic, critic, actor, critic), [True, True, False, True])

    def test_an_optimizer_for_each_layer(self) -> None:
        layers = [Optimizer(object()) for _ in range(4)]
        self.assertEqual(counted(*layers, *layers), [True, False, False, False] * 2)

    def test_one_that_goes_on_alone_leads(self) -> None:
        first, second = Optimizer(object()), Optimizer(object())
        self.assertEqual(counted(first, first, second, second, second), [True, True, False, True, True])

    def test_one_that_is_made_anew_over_the_same_model(self) -> None:
        weight = object()
        self.assertEqual(counted(*(Optimizer(weight) for _ in range(3))), [True] * 3)

    def test_a_wrapper_counts_once(self) -> None:
        weight = object()
        wrapper = Optimizer(weight, inner=Optimizer(weight))
        self.assertEqual(counted(wrapper, wrapper), [False, True, False, True])

    def test_a_step_that_was_left_by_an_exception(self) -> None:
        updates, one, other = Updates(), Optimizer(object()), Optimizer(object())
        self.assertTrue(updates.before(one))
        self.assertTrue(updates.before(one))
        self.assertTrue(updates.after(one))
        self.assertTrue(updates.before(other))
        self.assertFalse(updates.after(other))

    def test_an_optimizer_without_parameters(self) -> None:
        empty = Optimizer()
        self.assertEqual(key_of(empty), id(empty))


class OutOfMemoryError(RuntimeError):
    pass


class Watching(Scratch):
    def setUp(self) -> None:
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.session = Path(folder.name)
        (self.session / "printed.jsonl").touch()
        self.torch = Torch()
        patches = [
            self.torch.installed(),
            mock.patch.dict(os.environ, {"ESPER_RUNS": str(self.runs)}),
            mock.patch.object(opening, "on_start", None),
            mock.patch.object(opening, "SAMPLE_SECONDS", 0.0),
        ]
        for patch in patches:
            patch.start()
            self.addCleanup(patch.stop)
        self.shell = Shell()
        self.watcher = Watcher(self.torch.module, Session(self.session, "mine"))
        self.watcher.options = {"sample_host": 0, "sample_driver": 0}
        with self.shell.open():
            self.watcher.install()
        self.addCleanup(lambda: self.watcher.run and self.watcher.run.finish())

    def facts(self) -> List[Any]:
        return [json.loads(path.read_text()) for path in sorted(self.session.glob("run-*.json"))]

    def test_no_run_begins_before_the_first_step(self) -> None:
        self.assertFalse(self.runs.exists())
        self.assertEqual([path.name for path in self.session.glob("torch-*")], [f"torch-{os.getpid()}.json"])
        self.torch.step(Optimizer(object()))
        self.assertEqual(self.facts(), [{"pid": os.getpid(), "path": str(self.only_run()), "rank": 0, "own": False}])

    def test_updates_are_steps_with_their_learning_rate_and_what_was_printed(self) -> None:
        one = Optimizer(object(), lr=0.5)
        self.torch.step(one)
        with open(self.session / "printed.jsonl", "a") as file:
            file.write('{"loss": 3, "gradNorm": 9}\n{"loss": 2, "extra": {"kl": 1, "step": 7}}\nnot JSON\n[1]\n{"loss": 1')
        self.torch.step(one)
        with open(self.session / "printed.jsonl", "a") as file:
            file.write(', "learningRate": 0.25}\n')
        self.torch.step(one)
        first, second, third = (event["data"] for event in self.only_events()[1:])
        self.assertEqual([first["loss"], first["learningRate"], first["stepMs"]], [None, 0.5, None])
        self.assertEqual([second["loss"], second["gradNorm"], second["extra"]], [2, 9, {"kl": 1}])
        self.assertEqual([third["loss"], third["learningRate"], third["step"]], [1, 0.25, 3])
        self.assertIsNotNone(third["stepMs"])

    def test_printed_figures_of_no_update_are_recorded_beside_the_newest(self) -> None:
        one = Optimizer(object())
        self.torch.step(one)
        with open(self.session / "printed.jsonl", "a") as file:
            file.write('{"logged": {"eval_loss": 3}}\n{"loss": 2}\n{"logged": {"eval_loss": 1, "eval_f1": 0.5}}\n{"logged": 4}\n')
        self.torch.step(one)
        with open(self.session / "printed.jsonl", "a") as file:
            file.write('{"logged": {"test_loss": 7}}\n')
        self.watcher._before_exit()
        events = [(event["type"], event["data"]) for event in self.only_events()[1:]]
        self.assertEqual([kind for kind, _ in events], ["STEP_COMPLETED", "FIGURES_LOGGED", "STEP_COMPLETED", "FIGURES_LOGGED"])
        self.assertEqual([data["figures"] for kind, data in events if kind == "FIGURES_LOGGED"], [{"eval_loss": 1, "eval_f1": 0.5}, {"test_loss": 7}])
        self.assertEqual(events[2][1]["loss"], 2)

    def test_each_replay_of_a_captured_step_is_an_update(self) -> None:
        one = Optimizer(object(), lr=0.5)
        state = {"captures": False}

        class CUDAGraph:
            def capture_begin(self, pool: object = None) -> None:
                state["captures"] = True

            def capture_end(self) -> None:
                state["captures"] = False

            def replay(self) -> str:
                return "replayed"

        cuda = types.SimpleNamespace(CUDAGraph=CUDAGraph, is_initialized=lambda: True, is_current_stream_capturing=lambda: state["captures"])
        self.watcher._graphs._cuda = cuda
        self.watcher._graphs.install()
        whole, forward = CUDAGraph(), CUDAGraph()
        self.torch.step(one)
        forward.capture_begin(pool=3)
        forward.capture_end()
        whole.capture_begin()
        self.torch.step(one)
        whole.capture_end()
        self.assertEqual(self.watcher.updates, 1, "what is captured is not executed")
        self.assertEqual([forward.replay(), whole.replay(), whole.replay()], ["replayed"] * 3)
        self.torch.step(one)
        steps = [event["data"] for event in self.only_events()[1:]]
        self.assertEqual([(step["step"], step["learningRate"]) for step in steps], [(1, 0.5), (2, 0.5), (3, 0.5), (4, 0.5)])

    def test_a_program_that_begins_its_own_run_is_left_alone(self) -> None:
        with esper.start("own", runs=self.runs, sample_host=0, sample_driver=0):
            self.torch.step(Optimizer(object()))
        self.assertEqual([event["type"] for event in self.only_events()], ["TRAINING_STARTED", "TRAINING_COMPLETED"])
        self.assertEqual([fact["own"] for fact in self.facts()], [True])

    def test_a_program_that_begins_its_own_run_late(self) -> None:
        one = Optimizer(object())
        self.torch.step(one)
        ours = self.only_run()
        with esper.start("own", runs=self.runs, sample_host=0, sample_driver=0):
            self.torch.step(one)
        last = events_in(ours / "events-0.jsonl")[-1]
        self.assertEqual((last["type"], last["data"]["why"]), ("TRAINING_COMPLETED", "the program began a run of its own"))
        self.assertEqual([fact["own"] for fact in self.facts()], [False, True])

    def test_the_rank_is_the_process_group_s(self) -> None:
        group = types.SimpleNamespace(
            is_available=lambda: True, is_initialized=lambda: True, get_rank=lambda: 1, get_world_size=lambda: 2
        )
        self.torch.module.distributed = group  # type: ignore[attr-defined]
        self.torch.step(Optimizer(object()))
        self.assertTrue((self.only_run() / "events-1.jsonl").exists())
        self.assertEqual(self.facts()[0]["rank"], 1)

    def test_a_forked_child_records_nothing(self) -> None:
        with mock.patch.object(os, "getpid", lambda: -1):
            self.torch.step(Optimizer(object()))
        self.assertFalse(self.runs.exists())

    def test_a_lack_of_memory_before_the_first_step_is_recorded(self) -> None:
        for other in (ValueError("no"), RuntimeError("pin_memory: out of memory")):
            with mock.patch.object(sys, "last_value", other, create=True):
                self.watcher._at_exit()
            self.assertFalse(self.runs.exists())
        with mock.patch.object(sys, "last_value", OutOfMemoryError("CUDA out of memory."), create=True):
            self.watcher._at_exit()
        self.assertEqual(self.only_events()[-1]["data"]["errorType"], "OutOfMemoryError")

    def run_cell(self, steps: int, error: "BaseException | None" = None) -> "tuple[str, int]":
        """A cell that trains; how the newest run stands after it, and how many runs there are."""

        def cell() -> None:
            for _ in range(steps):
                self.torch.step(self.optimizer)
            if error is not None:
                raise error

        self.shell.run_cell(cell)
        runs = [json.loads(path.read_text())["path"] for path in sorted(self.session.glob("run-*.json"))]
        if not runs:
            return "", 0
        last = events_in(Path(runs[-1]) / "events-0.jsonl")[-1]
        return last["data"].get("errorType") or last["data"].get("reason") or "open", len(runs)

    def test_a_cell_of_a_notebook_that_trained_and_failed_ends_its_run(self) -> None:
        self.optimizer = Optimizer(object())
        self.assertEqual(self.run_cell(0, ValueError("a slip before")), ("", 0))
        self.assertEqual(self.run_cell(3), ("open", 1))
        self.assertEqual(self.run_cell(0, NameError("a slip between")), ("open", 1))
        self.assertEqual(self.run_cell(3), ("open", 1))
        self.assertEqual(self.run_cell(2, ValueError("bad")), ("ValueError", 1))
        self.assertEqual(self.run_cell(2), ("open", 2))
        self.assertEqual(self.run_cell(2, KeyboardInterrupt()), ("interrupted", 2))
        self.assertEqual(self.run_cell(2), ("open", 3))
        for runs in (3, 4):  # after steps of an earlier cell; without any
            lack = OutOfMemoryError("CUDA out of memory.")
            self.assertEqual(self.run_cell(0, lack), ("OutOfMemoryError", runs))
        with mock.patch.object(sys, "last_value", lack, create=True):
            self.watcher._at_exit()
        self.assertEqual(len(self.facts()), 4)

    def test_where_no_run_can_be_opened_the_program_goes_on(self) -> None:
        self.runs.write_text("a file")
        one = Optimizer(object())
        self.torch.step(one)
        self.torch.step(one)
        self.assertEqual(self.facts(), [])


class OldTorch(unittest.TestCase):
    def test_steps_are_wrapped_where_there_are_no_hooks_for_all(self) -> None:
        torch, seen = Torch(old=True), []

        class Base:
            def _hook_for_profile(self) -> None:
                pass

            def __init__(self) -> None:
                self._hook_for_profile()

        class Sgd(Base):
            def step(self) -> str:
                """Doc."""
                seen.append("step")
                return "result"

        torch.optimizer.Optimizer = Base  # type: ignore[attr-defined]
        with torch.installed():
            step_hooks.hook_every_step(lambda *_: seen.append("before"), lambda *_: seen.append("after"))
        Sgd()
        self.assertEqual(Sgd().step(), "result")
        self.assertEqual(seen, ["before", "step", "after"])
        self.assertEqual(Sgd.step.__doc__, "Doc.")


class TheSession(unittest.TestCase):
    def test_without_a_folder_nothing_is_told_and_nothing_read(self) -> None:
        alone = Session.of_environment({})
        alone.has_torch()
        alone.began(Path("/nowhere"), 0, False)
        self.assertEqual(alone.printed().read(), {})
        self.assertEqual(Printed(Path("/nowhere/printed.jsonl")).read(), {})

    def test_a_folder_that_is_gone(self) -> None:
        Session(Path("/nowhere"), None).has_torch()

    def test_a_notebook_s_kernel_is_killed_when_it_is_done(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for program, is_killed in (("/v/lib/ipykernel_launcher.py", True), ("/w/train.py", False)):
            with mock.patch.object(sys, "argv", [program, "-f", "kernel.json"]):
                Session(Path(folder.name), None).began(Path("/runs/r"), 0, own=False)
            fact = json.loads(next(Path(folder.name).glob("run-*.json")).read_text())
            self.assertEqual(fact.get("killed_when_done", False), is_killed)

    def test_names_of_programs(self) -> None:
        for argument, name in [("/x/train.py", "train"), ("-c", "run"), ("", "run"), ("/x/pack/__main__.py", "pack")]:
            with mock.patch.object(sys, "argv", [argument]):
                self.assertEqual(session._program(), name)

    def test_a_notebook_has_its_file_s_name(self) -> None:
        for file, name in [("/home/me/fit.ipynb", "fit"), ("", "notebook")]:
            with mock.patch.object(sys, "argv", ["/v/ipykernel_launcher.py"]), mock.patch.dict(os.environ, {"JPY_SESSION_NAME": file}):
                self.assertEqual(session._program(), name)


class AfterTorch(unittest.TestCase):
    """In interpreters of their own, with a torch of a few lines on the path."""

    def program(self, code: str, **files: str) -> str:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        root = Path(folder.name)
        (root / "torch" / "optim").mkdir(parents=True)
        (root / "torch" / "__init__.py").write_text("import torch.optim.optimizer\n__version__ = 'of a test'\n")
        (root / "torch" / "optim" / "__init__.py").touch()
        (root / "torch" / "optim" / "optimizer.py").write_text(
            "hooks = []\nregister_optimizer_step_pre_hook = register_optimizer_step_post_hook = hooks.append\n"
        )
        (root / "session").mkdir()
        for name, text in files.items():
            (root / f"{name}.py").write_text(textwrap.dedent(text))
        site = PACKAGE / "esper_telemetry" / "attach" / "site"
        path = os.pathsep.join([str(site), str(root)])
        done = python(textwrap.dedent(code), env={"PYTHONPATH": path, "ESPER_ATTACH": str(root / "session")}, cwd=root)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.facts = sorted(entry.name.partition("-")[0] for entry in (root / "session").iterdir())
        return done.stdout + done.stderr

    def test_the_client_comes_with_torch_and_not_before(self) -> None:
        output = self.program(
            """
            import sys
            assert "esper_telemetry" not in sys.modules
            import torch
            print(len(torch.optim.optimizer.hooks), "esper_telemetry" in sys.modules, torch.__version__)
            """
        )
        self.assertEqual(output, "2 True of a test\n")
        self.assertEqual(self.facts, ["torch"])

    def test_a_library_that_looks_for_torch_first(self) -> None:
        """transformers and accelerate ask whether there is one, and what its version is, before anything imports it."""
        output = self.program(
            """
            import importlib.util, sys
            assert importlib.util.find_spec("torch") is not None
            assert importlib.util.find_spec("torch").origin.endswith("torch/__init__.py")
            before = "torch" in sys.modules
            import torch, importlib
            importlib.reload(torch)
            print(before, len(torch.optim.optimizer.hooks))
            """
        )
        self.assertTrue(output.endswith(" 2\n"), output)
        self.assertEqual(self.facts, ["torch"])

    def test_one_that_looks_for_a_broken_torch_twice(self) -> None:
        output = self.program(
            """
            import os
            with open("torch/__init__.py", "w") as file: file.write("raise ImportError('broken')")
            for _ in range(2):
                try:
                    import torch
                except ImportError:
                    pass
            with open("torch/__init__.py", "w") as file: file.write("import torch.optim.optimizer  # mended: another size\\n")
            import torch
            print(len(torch.optim.optimizer.hooks))
            """
        )
        self.assertEqual(output, "2\n")

    def test_a_process_without_torch_is_not_touched(self) -> None:
        self.assertEqual(self.program("import sys; print('esper_telemetry' in sys.modules)"), "False\n")
        self.assertEqual(self.facts, [])

    def test_the_program_s_own_sitecustomize_still_runs(self) -> None:
        self.assertEqual(self.program("pass", sitecustomize="print('mine')"), "mine\n")

    def test_a_torch_that_cannot_be_imported_fails_as_it_would(self) -> None:
        output = self.program(
            """
            import os
            with open("torch/__init__.py", "w") as file: file.write("raise ImportError('broken')")
            try:
                import torch
            except ImportError as error:
                print(error)
            """
        )
        self.assertEqual(output, "broken\n")

    def test_a_client_without_this_part_is_left_alone(self) -> None:
        output = self.program("import esper_telemetry, torch; print(len(torch.optim.optimizer.hooks))", esper_telemetry="")
        self.assertEqual(output.splitlines()[0], "0")
        self.assertIn("this process is not recorded", output)

    def test_no_torch_at_all(self) -> None:
        output = self.program(
            """
            import sys
            sys.path[:] = [entry for entry in sys.path if entry and not __import__("os").path.exists(entry + "/torch")]
            try:
                import torch
            except ModuleNotFoundError as error:
                print(error)
            """
        )
        self.assertIn("No module named 'torch'", output)

    def test_a_notebook_s_extension(self) -> None:
        torch = Torch()
        with torch.installed(), mock.patch.object(opening, "on_start", None), mock.patch("esper_telemetry.attach._watcher", None):
            esper.load_ipython_extension(None)
            esper.load_ipython_extension(None)
        self.assertEqual((len(torch.before), len(torch.after)), (1, 1))

    def test_the_finder_waits_for_torch_alone(self) -> None:
        with mock.patch.dict(sys.modules), mock.patch.object(sys, "meta_path", list(sys.meta_path)):
            sys.modules.pop("torch", None)
            site_hook.after_torch(lambda torch: None)
            (finder,) = [f for f in sys.meta_path if type(f).__name__ == "_AfterTorch"]
            self.assertIsNone(finder.find_spec("json"))
            with mock.patch("importlib.util.find_spec", lambda name: None):
                self.assertIsNone(finder.find_spec("torch"))
            self.assertIn(finder, sys.meta_path)


if __name__ == "__main__":
    unittest.main()
