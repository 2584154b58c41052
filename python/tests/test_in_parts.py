"""Work that is repeated in smaller parts where a device refuses its memory; and the PPO of this package that does so, on the stand-in device."""

import itertools
import subprocess
import sys
import types
import unittest
from unittest import mock

from on_standin import environment, needs
from scratch import PACKAGE

from esper_telemetry import DoesNotFit, retry_in_parts


class OutOfMemoryError(RuntimeError):
    pass


def refusal():
    return OutOfMemoryError(
        "CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 1.00 GiB of which 18.00 MiB is free. "
        "Of the allocated memory 700.00 MiB is allocated by PyTorch, and 5.00 MiB is reserved by PyTorch but unallocated."
    )


class Recorder:
    def __init__(self):
        self.events = []
        self.number_intervention = itertools.count(1).__next__

    def record_intervention(self, kind, data):
        self.events.append((kind, data["id"], data["microbatches"] if "microbatches" in data else data["helped"]))


class Retry(unittest.TestCase):
    def setUp(self):
        self.cuda = mock.Mock()
        torch = types.ModuleType("torch")
        torch.cuda = self.cuda
        patch = mock.patch.dict(sys.modules, {"torch": torch})
        patch.start()
        self.addCleanup(patch.stop)

    def fits_from(self, parts, tried):
        def work(now):
            tried.append(now)
            if now < parts:
                raise refusal()
            return "learned"

        return work

    def test_doubles_the_parts_until_it_fits_and_undoes_before_each(self):
        tried, undone, run = [], [], Recorder()
        found = retry_in_parts(self.fits_from(8, tried), 2, undo=lambda: undone.append(len(tried)), run=run)
        self.assertEqual((found, tried, undone), (("learned", 8), [2, 4, 8], [1, 2]))
        self.assertEqual(self.cuda.empty_cache.call_count, 2)
        applied, ended = "INTERVENTION_APPLIED", "INTERVENTION_ENDED"
        self.assertEqual(run.events, [(applied, 1, 4), (ended, 1, False), (applied, 2, 8), (ended, 2, True)])

    def test_does_nothing_where_it_fits(self):
        run = Recorder()
        self.assertEqual(retry_in_parts(self.fits_from(1, []), run=run), ("learned", 1))
        self.assertEqual((run.events, self.cuda.empty_cache.call_count), ([], 0))

    def test_ends_in_a_sentence_where_the_smallest_part_is_refused(self):
        tried = []
        with self.assertRaisesRegex(DoesNotFit, r"^\S+ refused 20\.0 MiB with 18\.0 MiB free, with the work already in 16 parts: ") as raised:
            retry_in_parts(self.fits_from(99, tried))
        self.assertEqual(tried, [1, 2, 4, 8, 16])
        self.assertIsInstance(raised.exception.__cause__, OutOfMemoryError)

    def test_another_error_is_the_works_own(self):
        def work(parts):
            raise ValueError("no rows")

        with self.assertRaisesRegex(ValueError, "^no rows$"):
            retry_in_parts(work)

    def test_tensors_of_the_failed_attempt_are_let_go_before_the_cache(self):
        class Tensor:
            alive = 0

            def __init__(self):
                Tensor.alive += 1

            def __del__(self):
                Tensor.alive -= 1

        held = []
        self.cuda.empty_cache.side_effect = lambda: held.append(Tensor.alive)

        def work(parts):
            activations = Tensor()
            if parts < 2:
                raise refusal()
            return activations and parts

        retry_in_parts(work)
        self.assertEqual(held, [0])


    def test_waits_until_threads_have_let_go_of_the_failed_attempt(self):
        looks = iter([900, 900, 700, 700, 300])
        released = []
        self.cuda.memory_allocated.side_effect = lambda: next(looks, 300)
        self.cuda.empty_cache.side_effect = lambda: released.append(next(looks, "settled"))
        retry_in_parts(self.fits_from(2, []))
        self.assertEqual(released, ["settled"])


class Training(unittest.TestCase):
    """bench/standin/shrink.py tries every size; here are some around the edges, of a smaller rollout, and one that a rollout has no room on."""

    @needs("torch-current")
    def test_trains_in_the_parts_that_fit_with_the_same_losses_and_names_the_steps_that_would(self):
        bench = PACKAGE.parent / "bench" / "standin" / "shrink.py"
        ended = subprocess.run([sys.executable, bench, "1024x8:1,18,22,26", "2048x40:24"], env=environment(), capture_output=True, text=True)
        self.assertEqual((ended.returncode, ended.stderr), (0, ""), ended.stdout)
        none, small, parts, fewer, named = [line for line in ended.stdout.splitlines() if "MiB: " in line]
        self.assertRegex(none, "^✓ 1 MiB: esper: The network does not fit on cuda")
        self.assertRegex(small, "^✓ 18 MiB: .*: not even one step has room.$")
        self.assertRegex(parts, "^✓ 22 MiB: 16 parts, 4 retries, losses within ")
        self.assertRegex(fewer, "^✓ 26 MiB: 4 parts, 2 retries, losses within ")
        self.assertRegex(named, r"^✓ 24 MiB: .*: --steps \d+ would fit\. It does\.$")
