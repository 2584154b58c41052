"""What a rehearsal makes of what it is given: cards, variations, the allocator's trace, when enough was seen, the answer and its words."""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
import unittest
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, Dict, List, Optional
from unittest import mock

import scratch  # noqa: F401

from esper_telemetry import rehearse as package
from esper_telemetry.rehearse import answer, command, finding, offline, words
from esper_telemetry.rehearse import question as ask
from esper_telemetry.rehearse import rehearsal as running
from esper_telemetry.rehearse.cards import UnknownCard, card_named, cards, of_size
from esper_telemetry.rehearse.parts import Parts
from esper_telemetry.rehearse.progress import Progress, TerminalProgress
from esper_telemetry.rehearse.rehearsal import Options, Rehearsal
from esper_telemetry.rehearse.settling import PATIENCE, Settling, Update
from esper_telemetry.rehearse.together import Together
from esper_telemetry.rehearse.trace import Held, Peak, library_line, peak_of, program_line, sorted_sums
from esper_telemetry.rehearse.vary import CannotVary, Variation, largest, parse_variation, varied
from esper_telemetry.standin.settings import size

GIB = 2**30
MIB = 2**20


class Cards(unittest.TestCase):
    def test_each_card_is_whole(self) -> None:
        known = cards()
        self.assertGreaterEqual(len(known), 40)
        self.assertEqual(len({card.name for card in known}), len(known))
        self.assertEqual([card.total for card in known], sorted(card.total for card in known))
        for card in known:
            with self.subTest(card=card.name):
                self.assertTrue(card.source)
                self.assertIn(card.threads, (1024, 1536, 2048))
                self.assertEqual(card_named(card.name), card)
                self.assertEqual(card_named(f"NVIDIA {card.name.replace(' ', '-').lower()}"), card)

    def test_names_as_people_write_them(self) -> None:
        for text, name in [("4090", "RTX 4090"), ("a100-80g", "A100 80GB"), ("A100-SXM4-80GB", "A100 80GB"), ("Tesla T4", "T4")]:
            self.assertEqual(card_named(text).name, name)

    def test_names_that_fit_none_or_several(self) -> None:
        for text, word in [("A100", "which one"), ("RTX 9999", "none of the known cards"), ("RTX 4091", "RTX 4090"), ("", "none")]:
            with self.assertRaisesRegex(UnknownCard, word):
                card_named(text)


    def test_a_card_of_which_only_the_memory_is_known(self) -> None:
        for total, name in [(24 * GIB, "a card of 24 GiB"), (1.5 * GIB, "a card of 1.5 GiB"), (512 * MIB, "a card of 512 MiB")]:
            self.assertEqual(of_size(int(total)).name, name)


class Variations(unittest.TestCase):
    def changed(self, words: List[str], name: str, value: str = "8") -> List[str]:
        return varied(words, name, value, Path(tempfile.gettempdir()))[0]

    def test_how_an_argument_is_written(self) -> None:
        for before, after in [
            (["p", "--batch-size", "4", "-x"], ["p", "--batch-size", "8", "-x"]),
            (["p", "--batch_size=4"], ["p", "--batch_size=8"]),
            (["p", "batch_size=4"], ["p", "batch_size=8"]),
            # Where it is nowhere: in one word, which nanoGPT's own reader takes too; as an override beside others.
            (["p", "-x"], ["p", "-x", "--batch-size=8"]),
            (["p", "t.py", "--lr=1"], ["p", "t.py", "--lr=1", "--batch-size=8"]),
            (["A=1", "t.py"], ["A=1", "t.py", "--batch-size=8"]),
            (["p", "t.py", "model.depth=2", "+x=1"], ["p", "t.py", "model.depth=2", "+x=1", "batch-size=8"]),
        ]:
            self.assertEqual(self.changed(before, "batch-size"), after)
        self.assertEqual(self.changed(["p", "train.batch_size=4"], "train.batch_size"), ["p", "train.batch_size=8"])

    def test_a_variable_of_the_environment(self) -> None:
        self.assertEqual(varied(["p"], "env:BATCH", "8", Path(".")), (["p"], {"BATCH": "8"}))
        with mock.patch.dict(os.environ, {"BATCH": "4"}):
            self.assertEqual(varied(["p"], "BATCH", "8", Path(".")), (["p"], {"BATCH": "8"}))

    def test_a_key_of_a_yaml_file(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "config.yaml"
            file.write_text("train:\n  batch_size: 4  # of each GPU\n  lr: 1\neval:\n  batch_size: 2\n")
            made = self.changed(["p", str(file)], "train.batch_size")[1]
            self.assertEqual(Path(made).read_text(), "train:\n  batch_size: 8  # of each GPU\n  lr: 1\neval:\n  batch_size: 2\n")
            self.assertEqual(file.read_text().count("8"), 0)
            # Two keys of that name: it is none of them.
            self.assertEqual(self.changed(["p", str(file)], "batch_size"), ["p", str(file), "--batch_size=8"])

    def test_a_script_of_hydra_s_takes_overrides(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            script = str(Path(folder) / "train.py")
            for code, after in [("import hydra\n", "train.batch_size=8"), ("from hydra import main\n", "train.batch_size=8"), ("# import hydra\n", "--train.batch_size=8")]:
                Path(script).write_text(code)
                self.assertEqual(self.changed(["p", script], "train.batch_size"), ["p", script, after])
            Path(script).write_text("import hydra\n")
            self.assertEqual(self.changed(["p", script], "--config-name"), ["p", script, "--config-name=8"])

    def test_what_is_asked_for(self) -> None:
        self.assertEqual(parse_variation("b=4,8"), Variation("b", ("4", "8")))
        self.assertEqual(parse_variation("b=1..64"), Variation("b", (), (1, 64)))
        self.assertEqual(parse_variation("b=../x,../y"), Variation("b", ("../x", "../y")))
        for text in ("b", "=4", "b=", "b=9..3", "b=0..3", "b=1..x", "b=..8", "b=0.1..0.5"):
            with self.assertRaises(CannotVary):
                parse_variation(text)

    def test_the_largest_that_fits(self) -> None:
        for limit in range(1, 70):
            asked: List[int] = []

            def fits(value: int, limit: int = limit, asked: List[int] = asked) -> bool:
                asked.append(value)
                return value <= limit

            found = largest(1, 64, fits)
            assert found is not None
            self.assertLessEqual(found, limit)
            self.assertGreaterEqual(found, min(limit, 64) * 15 // 16)
            self.assertLessEqual(len(asked), 12)
        self.assertIsNone(largest(4, 8, lambda value: False))


def frames(*lines: str) -> List[Dict[str, Any]]:
    return [{"filename": line.split(":")[0], "line": int(line.split(":")[1])} for line in lines]


class Trace(unittest.TestCase):
    def snapshot(self, events: List[Any], held: Dict[int, int]) -> Dict[str, Any]:
        trace = [{"action": action, "addr": address, "size": size, "frames": frames(f"/p.py:{i}")} for i, (action, address, size) in enumerate(events)]
        blocks = [{"state": "active_allocated", "address": a, "size": s, "requested_size": s, "frames": []} for a, s in held.items()]
        return {"segments": [{"device": 0, "address": 0, "blocks": [*blocks, {"state": "inactive", "size": 1}]}], "device_traces": [trace]}

    def test_the_highest_sum_and_what_it_was_made_of(self) -> None:
        events = [("alloc", 1, 10), ("alloc", 2, 5), ("free_requested", 1, 10), ("free_completed", 1, 10), ("alloc", 1, 3), ("alloc", 3, 4)]
        peak = peak_of(self.snapshot(events, {1: 3, 2: 5, 3: 4}), 0, 104, 100)
        assert peak is not None
        self.assertEqual((peak.held, peak.ordinal, {a: b.size for a, b in peak.blocks.items()}), (15, 102, {1: 10, 2: 5}))
        self.assertEqual({a: b.ordinal for a, b in peak.blocks.items()}, {1: 101, 2: 102})
        # The same, looked at after the second allocation alone.
        later = peak_of(self.snapshot(events, {1: 3, 2: 5, 3: 4}), 0, 104, 102)
        assert later is not None
        self.assertEqual((later.held, later.ordinal, sorted(later.blocks)), (12, 104, [1, 2, 3]))
        self.assertIsNone(later.blocks[2].ordinal if later.blocks[2].ordinal == 101 else None)

    def test_a_refusal(self) -> None:
        events = [("alloc", 1, 10), ("alloc", 2, 5), ("oom", 0, 99), ("free_requested", 2, 5), ("free_requested", 1, 10)]
        peak = peak_of(self.snapshot(events, {}), 0, 2, 0, at_refusal=True)
        assert peak is not None
        self.assertEqual((peak.held, peak.refused, sorted(peak.blocks)), (15, 99, [1, 2]))
        self.assertIsNone(peak_of(self.snapshot(events[:2], {1: 10, 2: 5}), 0, 2, 0, at_refusal=True))

    def test_the_program_s_own_line(self) -> None:
        here = os.path.abspath("train.py")
        own = frames("/v/site-packages/torch/nn/modules/linear.py:1", "/v/site-packages/transformers/trainer.py:2", f"{here}:3")
        self.assertEqual(program_line(own), "train.py:3")
        self.assertEqual(program_line(own[:2]), "transformers/trainer.py:2")
        self.assertIsNone(program_line(own[:1]))
        self.assertIsNone(program_line(frames(f"/tmp/torchinductor_me/fr/c{'frxti2bxi7b' * 4}4nkyypl.py:344", *["/v/site-packages/torch/x.py:1"])))

    def test_the_library_s_line_that_it_called(self) -> None:
        here = os.path.abspath("train.py")
        layer, trainer = "/v/site-packages/torch/nn/modules/linear.py:1", "/v/site-packages/transformers/trainer.py:2"
        self.assertEqual(library_line(frames(layer, "/v/site-packages/peft/lora.py:7", trainer, f"{here}:3")), "peft/lora.py:7")
        for without in ([layer, f"{here}:3"], [layer, f"{here}:9", trainer, f"{here}:3"], [layer, trainer], []):
            self.assertIsNone(library_line(frames(*without)), without)


class Phases(unittest.TestCase):
    MODULE = {"filename": "/v/site-packages/torch/nn/modules/module.py", "name": "_call_impl", "line": 1}

    def phases(self, parts: Parts, *ordinals: int) -> List[str]:
        return [parts.described(Peak(1, ordinal))["phase"] for ordinal in ordinals]

    def test_gradients_that_accumulate_have_a_forward_each(self) -> None:
        parts = Parts()
        for allocations, phase in [(10, "backward"), (20, "after backward"), (30, "backward"), (40, "after backward"), (45, "optimizer")]:
            parts.mark(allocations, phase, None)
        self.assertEqual(self.phases(parts, 5, 15, 25, 35, 42, 50), ["before the first update", "backward", "forward", "backward", "after backward", "optimizer"])

    def test_a_closure_s_forward_is_none_of_the_step(self) -> None:
        parts = Parts()
        parts.begin_update(0)
        for allocations, phase in [(10, "optimizer"), (20, "backward"), (30, "optimizer"), (40, "backward"), (50, "optimizer")]:
            parts.mark(allocations, phase, None)
        self.assertEqual(self.phases(parts, 5, 15, 25, 35, 45, 55), ["forward", "forward", "backward", "forward", "backward", "optimizer"])

    def test_a_refusal_within_a_module_was_a_forward(self) -> None:
        """Its backward never came."""
        for stack, phase in [([self.MODULE], "forward"), ([{**self.MODULE, "name": "_apply"}], "after backward"), ([], "after backward")]:
            parts = Parts()
            parts.mark(10, "backward", None)
            parts.mark(20, "after backward", None)
            held = Held(8, 22)
            found = parts.described(Peak(8, 25, stack, {1: held}))
            self.assertEqual((found["phase"], found["parts"]), (phase, {"activations" if phase == "forward" else "temporary": 8}))

    def test_a_block_is_known_by_its_address_and_size(self) -> None:
        """At the peak, a gradient's address may have been that of an output."""
        for kind in ("parameters", "gradients", "optimizer state", "workspace"):
            parts = Parts()
            parts.known[kind] = {1: 8, 2: 8}
            self.assertEqual(parts.described(Peak(24, 9, (), {1: Held(8, 3), 2: Held(7, 4), 3: Held(8, 5)}))["parts"], {kind: 8, "activations": 15})


    def test_gradients_of_the_update_before_are_known_while_they_are_held(self) -> None:
        """Where they are set to none only after the forward, this update's own are elsewhere."""
        parts = Parts()
        parts.known["gradients"] = {1: 8, 2: 8}
        parts.begin_update(10)
        parts.known["gradients"] = {5: 8}
        blocks = {1: Held(8, 4), 2: Held(8, 12), 3: Held(8, 6), 5: Held(8, 13)}
        self.assertEqual(parts.described(Peak(32, 14, (), blocks))["parts"], {"gradients": 16, "activations": 8, "held from before": 8})


class Ends(unittest.TestCase):
    def test_ranks_end_after_the_same_update(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            one, other = Together(Path(folder), 24), Together(Path(folder), 24)
            seen = [(one.have_enough(0, 2, number, number >= 3), other.have_enough(1, 2, number, number >= 5)) for number in range(1, 7)]
        # The second has enough in 5, which the first sees in 6.
        self.assertEqual(seen, [(False, False)] * 5 + [(True, True)])

    def test_a_rank_without_updates_is_not_waited_for_without_end(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            alone = Together(Path(folder), 4)
            self.assertEqual([alone.have_enough(0, 2, number, True) for number in range(1, 7)], [False] * 5 + [True])


class Enough(unittest.TestCase):
    def until(self, alike: Optional[int], updates: List[Update]) -> int:
        settling = Settling(alike)
        for number, update in enumerate(updates, 1):
            if settling.add(update):
                return number
        return 0

    def test_as_many_as_asked_that_bring_nothing_new(self) -> None:
        first, usual = Update(5, 8, 1), Update(9, 10, 3)
        self.assertEqual(self.until(3, [first, *[usual] * 9]), 5)
        self.assertEqual(self.until(1, [first, *[usual] * 9]), 3)

    def test_peak_reserved_and_held_must_all_rest(self) -> None:
        for moving in ([Update(i, 99, 1) for i in range(99)], [Update(9, i, 1) for i in range(99)], [Update(9, 99, i) for i in range(99)]):
            self.assertEqual(self.until(2, moving), 2 * PATIENCE)

    def test_no_fewer_than_are_to_be_seen(self) -> None:
        settling = Settling(1, 20)
        self.assertEqual(next(number for number in range(1, 99) if settling.add(Update(9, 10, 3))), 20)
        moving = Settling(1, 20)
        self.assertEqual(next(number for number in range(1, 99) if moving.add(Update(number, 99, 1))), 20 + PATIENCE)

    def test_the_whole_program(self) -> None:
        self.assertEqual(self.until(None, [Update(1, 1, 1)] * 50), 0)

    def test_growth_is_of_what_is_held_after_each(self) -> None:
        settling = Settling(3)
        for held in (5, 10, 20, 30, 40, 50, 60, 70):
            settling.updates.append(Update(100, 100, held))
        self.assertEqual(settling.growth, 10)
        settling.updates.append(Update(100, 100, 70))
        self.assertIsNone(settling.growth)

    def test_what_is_let_go_once_an_epoch_is_no_growth(self) -> None:
        settling = Settling(None)
        for i in range(60):
            settling.updates.append(Update(100, 100, 10 * (i % 17)))
        self.assertIsNone(settling.growth, "it grew in the last nine, and was let go before")


def process(**more: Any) -> Dict[str, Any]:
    return {
        **{"refused": None, "over": True, "error": None, "rank": 0, "world": 1, "device": 0, "run": "runs/x", "retries": 0},
        **{"updates": [[2 * GIB, 3 * GIB, GIB]] * 5, "settled": True, "growth": None, "requested": None, "reserved": 3 * GIB},
        **{"peak": {"update": 2, "allocated": 2 * GIB, "phase": "backward", "at": "t.py:3", "parts": {"parameters": GIB}, "holders": [{"kind": "parameters", "at": None, "bytes": GIB}]}},
        **{"convolutions": False, "values": None, "written": [], "nccl": 0},
        **more,
    }


def rehearsal(*processes: Dict[str, Any], status: Optional[int] = 0, output: str = "") -> Rehearsal:
    return Rehearsal(list(processes), status, 4.2, 500 * MIB, output, [])


REFUSED = {"update": 1, "phase": "forward", "at": "t.py:2", "tried": GIB, "parts": {"activations": GIB}, "holders": []}


class Answers(unittest.TestCase):
    def test_it_fits(self) -> None:
        card = card_named("RTX 3070")
        result = answer.answer(card, rehearsal(process()), None, GIB)
        self.assertEqual((result["fits"], result["spareBytes"]), (True, card.total - card.context - 4 * GIB))
        self.assertEqual(words.headline(result), f"✓ Fits on RTX 3070: {size(result['spareBytes'])} to spare")
        self.assertEqual(result["parts"], {"parameters": GIB, "rounding": GIB})
        self.assertLessEqual(result["needs"]["lowBytes"], result["needs"]["bytes"])
        self.assertLessEqual(result["needs"]["bytes"], result["needs"]["highBytes"])

    def test_it_fits_closely_where_what_is_not_known_may_take_the_rest(self) -> None:
        card = of_size(3 * GIB + of_size(GIB).context + 20 * MIB)
        result = answer.answer(card, rehearsal(process()), None, 0)
        self.assertEqual((result["fits"], result["spareBytes"]), (True, card.total - card.context - 3 * GIB))
        unknown = result["needs"]["highBytes"] - result["needs"]["bytes"]
        self.assertGreater(unknown, result["spareBytes"])
        self.assertEqual(
            words.headline(result), f"✓ Fits on {card.name}, closely: {size(result['spareBytes'])} to spare, and what is not known may take {size(unknown)}"
        )

    def test_it_does_not_and_by_how_much(self) -> None:
        refused = rehearsal(process(refused=REFUSED, over=False, updates=[]), status=1)
        card = of_size(2 * GIB)
        result = answer.answer(card, refused, rehearsal(process()), 0)
        self.assertEqual(result["fits"], False)
        # What tensors hold at least is what must have room.
        self.assertEqual(result["short"], {"lowBytes": card.context, "highBytes": card.context + GIB})
        self.assertEqual(words.headline(result), "✗ Does not fit on a card of 2 GiB: short by 300 MiB to 1.29 GiB; refused in update 1, forward, t.py:2")
        self.assertIn("0 updates until memory was refused, 5 where it does not end, in 8 s", "\n".join(words.lines(result)))
        result["refused"]["phase"] = "before the first update"
        self.assertTrue(words.headline(result).endswith("; refused before the first update, t.py:2"))
        self.assertEqual(result["cards"]["smallest"][0]["name"], "RTX 2060 SUPER")
        self.assertTrue(all(card["spareBytes"] >= 0 for card in result["cards"]["smallest"]))

    def test_parts_of_next_to_nothing_are_left_to_the_json(self) -> None:
        parts = {"parameters": 2 * GIB - GIB // 50, "gradients": GIB // 50 - 700}
        result = answer.answer(card_named("T4"), rehearsal(process(peak={**process()["peak"], "parts": parts})), None, 0)
        self.assertEqual(result["parts"], {**parts, "rounding": 700})
        self.assertIn("  made of     parameters 1.98 GiB · gradients 20 MiB", words.lines(result))

    def test_the_library_s_lines_stand_before_the_program_s_own(self) -> None:
        inner = [("activations", "t.py:14", "transformers/activations.py:66", 4), ("activations", "t.py:14", None, 2), ("activations", "t.py:9", None, 5), ("parameters", "t.py:14", "a.py:1", 1)]
        holders = sorted_sums({(kind, at, within): size * GIB for kind, at, within, size in inner}, 8)
        self.assertEqual([(holder["kind"], holder["at"], holder["bytes"] // GIB) for holder in holders], [("activations", "t.py:14", 6), ("activations", "t.py:9", 5), ("parameters", "t.py:14", 1)])
        result = answer.answer(card_named("T4"), rehearsal(process(peak={**process()["peak"], "holders": holders})), None, 0)
        rows = [line.strip() for line in words.lines(result) if "GiB activations, " in line]
        self.assertEqual(rows, ["5.00 GiB activations, t.py:9", "4.00 GiB activations, transformers/activations.py:66 (from t.py:14)", "2.00 GiB activations, t.py:14"])

    def test_a_program_without_a_step_has_the_peak_of_all_it_did(self) -> None:
        peak = {**process()["peak"], "update": None, "phase": None}
        result = answer.answer(card_named("T4"), rehearsal(process(over=False, updates=[], settled=False, peak=peak)), None, 0)
        self.assertEqual((result["problem"], result["fits"], result["peakAllocatedBytes"]), (None, True, 2 * GIB))
        text = "\n".join(words.lines(result))
        self.assertIn("2.00 GiB allocated, 3.00 GiB reserved, t.py:3", text)
        self.assertIn("no optimizer made a step", text)

    def test_what_nccl_holds_is_reckoned_with(self) -> None:
        card = card_named("RTX 3090")
        without, with_ = (answer.answer(card, rehearsal(process(world=2, nccl=held)), None, 0) for held in (0, 24 * MIB))
        self.assertEqual(without["spareBytes"] - with_["spareBytes"], 24 * MIB)
        self.assertEqual(with_["needs"]["bytes"] - without["needs"]["bytes"], 24 * MIB)
        self.assertEqual(without["cards"]["smallest"][0]["spareBytes"] - with_["cards"]["smallest"][0]["spareBytes"], 24 * MIB)
        self.assertIn("NCCL's buffers beyond the 24 MiB counted", "\n".join(words.lines(with_)))
        self.assertIn("rank 0 of 2, alone", "\n".join(words.lines(with_)))

    def test_what_comes_later_is_not_known(self) -> None:
        for over, later in [(True, True), (False, False)]:
            result = answer.answer(card_named("T4"), rehearsal(process(over=over)), None, 0)
            self.assertEqual("what comes after update 5, such as an evaluation" in "\n".join(words.lines(result)), later)

    def test_a_process_that_held_nothing_is_no_rank(self) -> None:
        """Workers of torch.compile import torch too."""
        worker = process(updates=[], reserved=0, peak=None, over=False)
        result = answer.answer(card_named("T4"), rehearsal(worker, process()), None, 0)
        self.assertEqual([other["peakReservedBytes"] for other in result["processes"]], [3 * GIB])
        self.assertNotIn("ranks", "\n".join(words.lines(result)))

    def test_a_program_that_waits_for_input(self) -> None:
        result = answer.answer(None, None, rehearsal(status=1, output="Traceback\nEOFError: EOF when reading a line\n"), 0)
        self.assertIn("EOFError: EOF when reading a line (a rehearsed command's input is empty)", words.headline(result))

    def test_what_a_worker_of_a_launcher_failed_with(self) -> None:
        report = "torch.distributed.elastic.multiprocessing.errors.ChildFailedError: \n====\ntrain.py FAILED\n----\n  exitcode  : 1 (pid: 7)\n====\n"
        raised = "[rank1]: Traceback (most recent call last):\n[rank1]: ValueError: no\n"
        ordinal = "Traceback (most recent call last):\ntorch.AcceleratorError: CUDA error: invalid device ordinal\nCUDA kernel errors might be reported later\n"
        for output, ending in [
            (raised + "Traceback (most recent call last):\n" + report, "used the device: ValueError: no"),
            (ordinal + report, "AcceleratorError: CUDA error: invalid device ordinal (it asks for more devices than it is given: --gpus N)"),
            ("Error: 3 samples are left out\nstopped\n====\n", "used the device: stopped"),
            ("subprocess.CalledProcessError: Command 'x' returned 1\n", "CalledProcessError: Command 'x' returned 1"),
            ("----\n====\n", "it printed nothing"),
        ]:
            result = answer.answer(None, None, rehearsal(status=1, output=output), 0)
            self.assertTrue(result["problem"].endswith(ending), result["problem"])

    def test_what_grows_ends(self) -> None:
        growing = [[GIB + i * MIB, GIB + i * MIB, i * MIB] for i in range(24)]
        held = {"kind": "held from before", "at": "t.py:9", "bytes": GIB}
        peak = {**process()["peak"], "holders": [held]}
        result = answer.answer(of_size(2 * GIB), rehearsal(process(updates=growing, growth=MIB, settled=False, peak=peak, reserved=GIB + 24 * MIB)), None, 0)
        self.assertEqual(result["ends"], {"firstUpdate": 724, "lastUpdate": 725})
        self.assertIsNone(result["cards"])
        self.assertIn("out of memory between updates 724 and 725; 1 MiB more is held after each update, made at t.py:9", words.headline(result))
        died = process(refused={**REFUSED, "update": 25, "holders": [held]}, over=False, updates=growing, growth=MIB)
        result = answer.answer(of_size(GIB), rehearsal(died, status=1), None, 0)
        self.assertEqual(words.headline(result), "✗ Ends on a card of 1 GiB: out of memory in update 25; 1 MiB more is held after each update, made at t.py:9")

    def test_reserved_memory_that_grows_faster_than_what_is_held_ends_earlier(self) -> None:
        """Of a program that was refused in update 297 of an RTX 4090, its tensors in pieces: 60 MiB were held more after each update."""
        updates = [[(1314 + 60 * i) * MIB, (1698 + 226 * ((i - 3) // 3)) * MIB, (540 + 60 * i) * MIB] for i in range(1, 25)]
        result = answer.answer(card_named("RTX 4090"), rehearsal(process(updates=updates, growth=60 * MIB, settled=False, reserved=3280 * MIB)), None, 0)
        self.assertTrue(290 <= result["ends"]["firstUpdate"] <= 297 <= result["ends"]["lastUpdate"] <= 380, result["ends"])

    def test_a_few_numbers_an_update_change_no_verdict(self) -> None:
        growing = [[GIB + i * 512, GIB, i * 512] for i in range(24)]
        result = answer.answer(of_size(4 * GIB), rehearsal(process(updates=growing, growth=512, settled=False, reserved=GIB)), None, 0)
        self.assertEqual((result["fits"], result["ends"], result["growthBytes"]), (True, None, 512))
        self.assertTrue(words.headline(result).startswith("✓"), words.headline(result))
        self.assertIn("512 B more is held after each update", "\n".join(words.lines(result)))

    def test_a_helper_that_was_refused_and_went_on(self) -> None:
        """It trains nothing: a server, a loader, another's share of the device."""
        helper = process(refused=REFUSED, over=False, updates=[], peak=None, reserved=5 * GIB)
        for status, error, fits in [(0, None, True), (1, "OutOfMemoryError: no", False)]:
            run = rehearsal({**helper, "error": error}, process(over=False), status=status)
            result = answer.answer(of_size(8 * GIB), run, None if fits else rehearsal(process()), 0)
            self.assertEqual((result["fits"], result["problem"]), (fits, None))
        self.assertIsNotNone(rehearsal(helper, status=1).refused, "alone it is what was rehearsed")

    def test_what_the_verdict_finds_is_in_the_first_line(self) -> None:
        ends = {"firstUpdate": 60, "lastUpdate": 90}
        for kind, at, refused, headline in [
            ("leak", "t.py:7", False, "✗ Fits on a card of 4 GiB at first: out of memory between updates 60 and 90; more and more is held after updates, made at t.py:7"),
            ("growth", None, False, "✗ Fits on a card of 4 GiB at first: out of memory between updates 60 and 90; updates need more and more"),
            ("leak", "t.py:7", True, "✗ Ends on a card of 4 GiB: out of memory in update 25, t.py:2; more and more is held after updates, made at t.py:7"),
            ("spike", "t.py:2", True, "✗ Does not fit on a card of 4 GiB; refused in update 25, forward, t.py:2"),
        ]:
            run = rehearsal(process(refused={**REFUSED, "update": 25}, over=False) if refused else process(), status=int(refused))
            with self.subTest(kind=kind, refused=refused), mock.patch.object(ask, "rehearse_once", mock.Mock(return_value=run)):
                found = self.found(kind, at and f"{at} <module>", ends)
                result = ask.ask(ask.Question(Options(["p"], Path("runs"), steps=None), of_size(4 * GIB)))
                self.assertEqual(result["finding"], found)
                self.assertTrue(words.headline(result).startswith(headline), words.headline(result))
                self.assertIn(f"{kind}: It is so.", "\n".join(words.lines(result)))

    def test_a_program_that_came_to_its_end_needs_no_more(self) -> None:
        run = rehearsal(process(over=False), status=0)
        ends = {"firstUpdate": 60, "lastUpdate": 90}
        for kind, at, headline in [
            ("growth", "t.py:7", "✓ Fits on a card of 4 GiB"),
            ("leak", "t.py:7", "✗ Fits on a card of 4 GiB for its 5 updates, longer ones do not: out of memory between updates 60 and 90; more and more"),
        ]:
            with self.subTest(kind=kind), mock.patch.object(ask, "rehearse_once", mock.Mock(return_value=run)):
                self.found(kind, at and f"{at} <module>", ends)
                result = ask.ask(ask.Question(Options(["p"], Path("runs"), steps=None), of_size(4 * GIB)))
                self.assertTrue(words.headline(result).startswith(headline), words.headline(result))
                self.assertEqual(result["ends"], None if kind == "growth" else ends)
                self.assertIn(f"{kind}: It is so.", "\n".join(words.lines(result)))

    def found(self, kind: str, line: Optional[str], ends: Dict[str, int]) -> Dict[str, Any]:
        """Lets a command stand in for the one that reports a run; what is to be made of its report."""
        fact = {"kind": kind, "confidence": "certain", "says": "It is so.", "next": ["Do this."], **({"line": {"line": line}} if line else {})}
        forecast = {"status": "ahead", "batch": {"low": ends["firstUpdate"], "mid": 70, "high": ends["lastUpdate"]}}
        devices = [{"rank": 0, "device": "a", "findings": [fact], "forecast": forecast}]
        report = json.dumps({"verdict": {"rank": 0, "device": "a"}, "devices": devices})
        reporter = mock.patch.dict(os.environ, {finding.REPORTER: json.dumps([sys.executable, "-c", f"print({report!r})"])})
        reporter.start()
        self.addCleanup(reporter.stop)
        at = line.split(" ")[0] if line else None
        return {"kind": kind, "confidence": "certain", "says": "It is so.", "next": ["Do this."], "at": at, "ends": ends if kind in ("leak", "growth") else None}

    def test_without_a_verdict_nothing_is_found(self) -> None:
        self.assertIsNone(finding.finding_of({"run": "runs/x"}))
        for words_ in (["no-such-command"], [sys.executable, "-c", "print('{}')"], [sys.executable, "-c", "raise SystemExit('no log')"]):
            with mock.patch.dict(os.environ, {finding.REPORTER: json.dumps(words_)}):
                self.assertIsNone(finding.finding_of({"run": "runs/x"}))

    def test_where_the_verdict_names_no_line_the_rehearsal_does(self) -> None:
        holders = [{"kind": kind, "at": at, "bytes": 1} for kind, at in (("parameters", "t.py:1"), ("held from before", "t.py:2"), ("activations", "t.py:3"))]
        for kind, refused, at in [("leak", None, "t.py:2"), ("fragmentation", None, "t.py:2"), ("growth", None, "t.py:3"), ("spike", None, "t.py:3"),
                                  ("spike", {"at": "t.py:9", "phase": "forward", "mostAt": "t.py:6"}, "t.py:9"),
                                  ("spike", {"at": "t.py:9", "phase": "backward", "mostAt": "t.py:6"}, "t.py:6"), ("allocator configuration", None, "t.py:8"), ("neighbour", None, None)]:  # fmt: skip
            with self.subTest(kind=kind, refused=refused):
                self.found(kind, None, {"firstUpdate": 1, "lastUpdate": 2})
                found = finding.finding_of({"run": "runs/x", "holders": holders, "refused": refused, "limitedAt": "t.py:8"})
                assert found is not None
                self.assertEqual(found["at"], at)

    def test_of_a_peak_in_the_backward_pass_the_forward_pass_has_the_line(self) -> None:
        holders = [{"kind": kind, "at": at, "bytes": 1} for kind, at in (("temporary", "t.py:4"), ("activations", "t.py:3"))]
        for phase, of, at in [("backward", holders, "t.py:3"), ("backward", holders[:1], "t.py:4"), ("forward", holders, "t.py:4"), ("backward", [], None)]:
            with self.subTest(phase=phase, at=at):
                self.found("growth", None, {"firstUpdate": 1, "lastUpdate": 2})
                found = finding.finding_of({"run": "runs/x", "holders": of, "peak": {"update": 1, "phase": phase}})
                assert found is not None
                self.assertEqual(found["at"], at)

    def test_problems_are_one_sentence(self) -> None:
        for given, sentence in [
            (rehearsal(status=2, output="usage: p\np: error: unknown option\n"), "the command ended with 2 before it used the device: p: error: unknown option"),
            (rehearsal(), "the command used no CUDA device"),
            (rehearsal(status=None), "the time was over before the command used the device"),
            (rehearsal(process(over=False), status=None), "the time was over after 5 updates"),
            (rehearsal(process(over=False, error="ValueError: no"), status=1), "the command ended with 1: ValueError: no"),
            (rehearsal(process(over=False, updates=[], peak=None)), "no optimizer made a step"),
        ]:
            result = answer.answer(None, None, given, 0)
            self.assertEqual(result["problem"], sentence)
            self.assertTrue(words.lines(result)[0].endswith(sentence))

    def test_what_is_not_known_is_named(self) -> None:
        reads = [
            {"at": "/lib/python3.11/site-packages/boxes.py:3", "program": "t.py:7", "count": 3, "decides": True},
            {"at": "/lib/python3.11/site-packages/boxes.py:9", "program": "t.py:7", "count": 2, "decides": True},
            {"at": "t.py:9", "program": None, "count": 4, "decides": True},
            {"at": "t.py:12", "program": "t.py:12", "count": 90, "decides": False},
        ]
        more = process(convolutions=True, world=2, nccl=24 * MIB, settled=False, values={"reads": reads})
        result = answer.answer(None, None, rehearsal(more, process(rank=1, reserved=2 * GIB)), 0)
        needs = result["needs"]
        self.assertTrue(needs["lowBytes"] <= needs["bytes"] <= needs["highBytes"], needs)
        self.assertEqual([(read["at"], read["decides"], read["count"]) for read in result["reads"]], [("t.py:7", True, 5), ("t.py:9", True, 4), ("t.py:12", False, 90)])
        text = "\n".join(words.lines(result))
        for part in ("cuDNN", "NCCL", "decisions on values that were not computed, at t.py:7, t.py:9: size not known", "memory had not settled", "ranks", "1: 2.00 GiB"):
            self.assertIn(part, text)

    def test_what_the_allocator_would_keep_beyond_the_card_is_not_called_need(self) -> None:
        card = {"name": "small", "totalBytes": 8 * GIB}
        roomy = rehearsal(process(reserved=30 * GIB))
        self.assertEqual(words._needs(card, {"lowBytes": 2 * GIB, "bytes": 3 * GIB, "highBytes": 4 * GIB}), "3.00 GiB (2.00 GiB to 4.00 GiB)")
        self.assertRegex(words._needs(card, {"lowBytes": 2 * GIB, "bytes": 30 * GIB, "highBytes": 31 * GIB}), r"^2.00 GiB or more; .* 30.00 GiB")
        # Nor where it is most of all, and tensors alone are too much for the card.
        self.assertRegex(words._needs(card, {"lowBytes": 9 * GIB, "bytes": 30 * GIB, "highBytes": 31 * GIB}), r"^9.00 GiB or more; .* 30.00 GiB")
        self.assertEqual(words._needs(card, {"lowBytes": 9 * GIB, "bytes": 13 * GIB, "highBytes": 14 * GIB}), "13.00 GiB (9.00 GiB to 14.00 GiB)")
        refused = rehearsal(process(refused=REFUSED, over=False, updates=[]), status=1)
        result = answer.answer(of_size(2 * GIB), refused, roomy, 0, is_whole=True)
        self.assertEqual(words.headline(result), "✗ Does not fit on a card of 2 GiB: short by 300 MiB or more; refused in update 1, forward, t.py:2")
        large = answer.answer(of_size(3 * GIB), refused, roomy, 0)
        self.assertEqual(words.headline(large), "✗ Does not fit on a card of 3 GiB; refused in update 1, forward, t.py:2")
        text = "\n".join(words.lines(result))
        self.assertRegex(text, r"to be tried RTX 2060 SUPER to .*, \d+ cards: tensors have room")
        self.assertIn("what comes after update 5: size not known", text)
        self.assertIn("update 5, such as an evaluation (--steps all)", "\n".join(words.lines(answer.answer(of_size(2 * GIB), refused, roomy, 0))))
        self.assertRegex(words._needs(None, {"lowBytes": 2 * GIB, "bytes": 30 * GIB, "highBytes": 31 * GIB}), r"^2.00 GiB or more; .* 30.00 GiB")
        self.assertEqual(words.headline(answer.answer(None, None, roomy, 0)), "Needs 2.29 GiB or more")

    def test_on_a_terminal_rows_go_on_below_their_text(self) -> None:
        rows = words.wrapped(["✗ Does not fit: " + "x " * 40, "  to try      " + "do this or that " * 9, "  run         /a"], 60)
        self.assertTrue(all(len(row) <= 60 for row in rows), rows)
        self.assertEqual((rows[0][0], rows[1][:2], rows[1][2]), ("✗", "  ", "x"))
        self.assertTrue(all(row.startswith(" " * 14 + "d") or row.startswith(" " * 14 + "o") or row.startswith(" " * 14 + "t") for row in rows[3:-1]), rows)
        self.assertEqual(rows[-1], "  run         /a")

    def test_tries_are_a_table_with_the_least_first(self) -> None:
        made: List[Options] = []

        def once(options: Options, settings: Any, label: str, progress: Progress) -> Rehearsal:
            made.append(options)
            batch = int(options.command[-1])
            if batch > 4:
                return rehearsal(process(refused=REFUSED, over=False, updates=[]), status=1) if settings.memory[0] < ask.ROOMY else rehearsal(process(reserved=batch * GIB))
            return rehearsal(process(reserved=batch * GIB))

        options = Options(["p", "--batch", "2"], Path("runs"))
        question = ask.Question(options, of_size(6 * GIB), vary=[Variation("batch", ("8",)), Variation("batch", (), (1, 8))], allocator=True)
        with mock.patch.object(ask, "rehearse_once", once):
            result = ask.ask(question)
        reserved = [one["answer"]["peakReservedBytes"] for one in result["tries"]]
        self.assertEqual(reserved, sorted(reserved))
        self.assertEqual([one["option"] for one in result["tries"] if one.get("largest")], ["batch=4"])
        self.assertIn("expandable_segments:True", [one.environment.get("PYTORCH_CUDA_ALLOC_CONF") for one in made])
        self.assertIn("does not fit", "\n".join(words.table(result["tries"])))
        self.assertEqual(words.lines(result)[1].split(), ["largest", "batch=4", "fits"])
        never = {**result, "tries": [{**one, "largest": False} for one in result["tries"]]}
        self.assertIn("none of those tried fits", words.lines(never)[1])
        with self.assertRaisesRegex(CannotVary, "on which card"):
            ask.ask(ask.Question(options, None, vary=[Variation("batch", (), (1, 8))]))

    def test_the_need_is_that_of_no_fewer_updates_than_were_made_until_the_refusal(self) -> None:
        least: List[int] = []

        def once(options: Options, settings: Any, *_: Any) -> Rehearsal:
            least.append(options.least)
            is_card = settings.memory[0] < ask.ROOMY
            return rehearsal(process(refused={**REFUSED, "update": 21}, over=False), status=1) if is_card else rehearsal(process(reserved=9 * GIB))

        with mock.patch.object(ask, "rehearse_once", once):
            ask.ask(ask.Question(Options(["p"], Path("runs")), of_size(6 * GIB)))
        self.assertEqual(least, [0, 21])

    def test_a_table_in_a_terminal_and_a_variation_without_effect(self) -> None:
        def tried(option: str, allocated: Optional[int], problem: Optional[str] = None) -> Dict[str, Any]:
            made = {"peakReservedBytes": allocated, "peakAllocatedBytes": allocated, "fits": None if problem else True, "problem": problem}
            return {"option": option, "answer": made}

        long = "the command ended with 2 before it used the device: train.py: error: unrecognized arguments: --nonsense=1"
        tries = [tried("b=1", GIB), tried("b=2", GIB), tried("c=1", GIB), tried("c=2", 2 * GIB), tried("as it is", GIB), tried("d=1", None, long)]
        shown = words.table(tries, 80)
        self.assertLessEqual(max(map(len, shown)), 80)
        self.assertIn("d=1", shown[-4])
        self.assertEqual(" ".join(" ".join(shown[-3:-1]).split()), long)
        self.assertEqual(shown[-1], "  b changed nothing: does the command take it?")


class HowFarItIs(unittest.TestCase):
    def screen(self, rewrites: bool) -> str:
        """What a terminal of 60 columns is given while a command runs whose process has left word of itself."""
        terminal = io.StringIO()
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            facts = process(updates=[[GIB, 2 * GIB, 0]] * 1204, reserved=2 * GIB)
            (folder / "probe-1.json").write_text(json.dumps(facts), encoding="utf-8")
            until_seen = "import os, time\nwhile not os.path.exists('seen'): time.sleep(0.02)"

            class Seen(TerminalProgress):
                def at(self, updates: int, reserved: int, seconds: float) -> None:
                    super().at(updates, reserved, seconds)
                    (folder / "seen").touch()

            progress = Seen(terminal, rewrites)
            waiting = [sys.executable, "-c", f"import os; os.chdir({name!r}); exec({until_seen!r})"]
            with mock.patch.dict(os.environ, {"COLUMNS": "60"}), mock.patch.object(running, "_SECONDS_BETWEEN_LOOKS", 0.2):
                progress.begin("on a card of 24 GiB")
                status = running._run(waiting, os.environ, folder, Options(waiting, folder), progress)
        self.assertEqual(status, 0)
        return terminal.getvalue()

    def test_a_line_is_written_again_and_leaves_nothing(self) -> None:
        shown = self.screen(rewrites=True).split("\r")
        self.assertEqual(shown[1], "esper: rehearsing on a card of 24 GiB …\x1b[K")
        self.assertEqual(shown[2].split(", 2.00")[0], "esper: rehearsing on a card of 24 GiB: update 1,204")
        self.assertTrue(all(len(line.replace("\x1b[K", "")) < 60 for line in shown), shown)
        self.assertEqual(shown[-1], "\x1b[K")

    def test_beside_what_the_command_prints_it_is_one_line(self) -> None:
        self.assertEqual(self.screen(rewrites=False), "esper: rehearsing on a card of 24 GiB …\n")


class Commands(unittest.TestCase):
    def output(self, *arguments: str, result: Optional[Dict[str, Any]] = None) -> Any:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err), mock.patch.object(command, "ask", lambda question: result):
            try:
                status = command.main(list(arguments))
            except SystemExit as end:
                status = end.code
        return status, out.getvalue(), err.getvalue()

    def test_wrong_arguments_are_one_sentence(self) -> None:
        for arguments, word in [
            (["--gpu", "nothing", "--", "p"], "none of the known cards"),
            (["--memory", "8GiX", "--", "p"], "8GiX"),
            (["--steps", "some", "--", "p"], "some"),
            (["--timeout", "soon", "--", "p"], "soon"),
            (["--vary", "x", "--", "p"], "no variation"),
            (["--gpus", "0", "--", "p"], "0"),
            (["--memory", "24", "--", "p"], "24 bytes"),
            (["--memory", "8GiB", "--gpu", "T4", "--", "p"], "--memory"),
            ([], "which command"),
        ]:
            status, _, errors = self.output(*arguments)
            self.assertEqual((status, len(errors.splitlines())), (command.NO_ANSWER, 1), "2 is the status of what does not fit")
            self.assertIn(word, errors)

    def test_status_and_output(self) -> None:
        fits = answer.answer(of_size(8 * GIB), rehearsal(process()), None, 0)
        self.assertEqual(self.output("--memory", "8GiB", "--", "p", result=fits)[0], 0)
        status, out, _ = self.output("--json", "--memory", "8GiB", "--", "p", result={**fits, "fits": False})
        self.assertEqual((status, json.loads(out)["fits"]), (2, False))
        self.assertEqual(self.output("--", "p", result={**fits, "fits": None, "problem": "so"})[0], 1)
        self.assertIn("A100 80GB", self.output("--gpus-known")[1])

    def test_folders_in_place_of_those_that_are_named(self) -> None:
        """Of an argument and of a variable; they go away, whatever the command left there."""
        asked: List[ask.Question] = []

        def write(question: ask.Question) -> Dict[str, Any]:
            asked.append(question)
            for place in (question.options.command[-1], question.options.environment["OUT"]):
                (Path(place) / "model.pt").touch()
            return answer.answer(of_size(8 * GIB), rehearsal(process()), None, 0)

        with mock.patch.object(command, "ask", write), redirect_stdout(io.StringIO()):
            self.assertEqual(command.main(["--memory", "8GiB", "--scratch", "out", "--scratch", "env:OUT", "--", "p", "--out", "mine"]), 0)
        (question,) = asked
        assert question.options.scratch is not None
        self.assertEqual(question.options.command[:-1], ["p", "--out"])
        self.assertEqual(Path(question.options.command[-1]).parent, question.options.scratch)
        self.assertFalse(question.options.scratch.exists())

    def test_a_command_that_is_not_there(self) -> None:
        err = io.StringIO()
        with redirect_stderr(err):
            self.assertEqual(command.main(["--memory", "8GiB", "--", "no-such-command"]), 1)
        self.assertEqual(err.getvalue(), "esper rehearse: there is no command no-such-command.\n")


class FromPython(unittest.TestCase):
    def test_a_function_of_a_module(self) -> None:
        asked: List[ask.Question] = []
        with mock.patch.object(package, "ask", lambda question: asked.append(question) or {}):
            package.rehearse(offline.now, memory="2GiB", others="1GiB", vary=["b=1..4"])
            package.rehearse(["python", "t.py"], gpu="T4")
        first, second = asked
        self.assertEqual(first.card, of_size(2 * GIB))
        self.assertEqual(first.others, GIB)
        self.assertTrue(first.options.command[1].endswith("now.py"))
        self.assertEqual(second.options.command, ["python", "t.py"])

    def test_arguments_that_make_no_sense(self) -> None:
        for program, options in [(lambda: None, {}), (["p"], {"gpu": "T4", "memory": 1}), (["p"], {"gpu": "none"})]:
            with self.assertRaises(ValueError):
                package.rehearse(program, **options)  # type: ignore[arg-type]


class World(unittest.TestCase):
    def test_written_files_are_listed(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder).resolve()
            (root / "old").touch()
            os.utime(root / "old", (1, 1))
            (root / "runs").mkdir()
            (root / "runs" / "log").touch()
            (root / "sub").mkdir()
            (root / "sub" / "new").touch()
            found = offline.written_since(offline.now() - 5, root, [str(root / "old"), str(root / "gone")], [root / "runs"])
            self.assertEqual(found, ["old", os.path.join("sub", "new")])

    def test_trackers_are_offline(self) -> None:
        made = offline.offline_environment(Path("/x"))
        self.assertEqual((made["WANDB_MODE"], made["HF_HUB_OFFLINE"], made["MLFLOW_TRACKING_URI"]), ("offline", "1", "file:///x/mlruns"))


if __name__ == "__main__":
    unittest.main()
