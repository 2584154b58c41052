"""Several ranks of one launch: one folder, a log each, no server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unittest
from typing import Dict, List

from scratch import Scratch, environment

from esper_telemetry import run_folder
from esper_telemetry.launch import Launch, launch, shared_run_id

#: A rank that reads its own device of two; it waits for a line, so that all ranks live at once.
RANK = """
import os, sys
from unittest.mock import patch
from standin_torch import GIB, Card, stats, torch_module
rank = int(os.environ["RANK"])
cards = [Card([stats(0, 0)], uuid=f"0000000{i}-0000-0000-0000-000000000000", pci=(0, 0x10 + i, 0)) for i in range(2)]
cards[rank].script[0] = stats((rank + 1) * GIB, 10 * GIB)
sys.modules["torch"] = torch_module(*cards)
import esper_telemetry as esper
with esper.start("job", runs=sys.argv[1], sample_driver=0) as run:
    print(run.id, flush=True)
    sys.stdin.readline()
    run.ppo_update(batch=1)
"""


class Launching(Scratch):
    def ranks(self, variables: List[Dict[str, str]]) -> List[str]:
        """Starts them all at once, then lets them end. :returns: the run id that each printed."""
        children = [
            subprocess.Popen(
                [sys.executable, "-c", RANK, str(self.runs)], env=environment(env), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            for env in variables
        ]
        ids = [child.stdout.readline().strip() for child in children if child.stdout]
        for child in children:
            child.communicate("\n", timeout=300)
            self.assertEqual(child.returncode, 0)
        return ids

    def test_two_ranks_on_two_devices_of_one_host(self) -> None:
        rendezvous = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500", "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2"}
        first, second = self.ranks([{**rendezvous, "RANK": str(r), "LOCAL_RANK": str(r)} for r in (1, 0)])
        self.assertEqual(first, second)
        for rank in (0, 1):
            events = self.only_events(rank)
            (entry,) = next(e for e in events if e["type"] == "PPO_UPDATE_COMPLETED")["data"]["memory"]
            self.assertEqual({e["rank"] for e in events}, {rank})
            self.assertEqual(
                (entry["device"], entry["allocatedBytes"], entry["pciBusId"]),
                (f"cuda:{rank}", (rank + 1) * 2**30, f"00000000:1{rank}:00.0"),
            )
            self.assertEqual(events[0]["data"]["worldSize"], 2)
            self.assertEqual(any(e["type"] == "HOST_SAMPLED" for e in events), rank == 0, "the host's first rank samples it")

    def test_a_second_launch_of_the_same_rendezvous_is_another_run(self) -> None:
        rendezvous = {"MASTER_ADDR": "10.0.0.1", "MASTER_PORT": "29500", "WORLD_SIZE": "2"}
        variables = [{**rendezvous, "RANK": str(r)} for r in (0, 1)]
        once, again = self.ranks(variables), self.ranks(variables)
        self.assertEqual([len(set(once)), len(set(again)), len(set(once + again))], [1, 1, 2])

    def test_an_id_given_to_all(self) -> None:
        self.assertEqual(self.ranks([{"RANK": str(r), "ESPER_RUN_ID": "given"} for r in (0, 1)]), ["given"] * 2)
        self.assertEqual(sorted(p.name for p in (self.runs / "given").glob("*.jsonl")), ["events-0.jsonl", "events-1.jsonl"])

    def test_single_processes_share_nothing(self) -> None:
        first, second = self.ranks([{"RANK": "0"}, {"RANK": "0"}])
        self.assertNotEqual(first, second)


class Claims(Scratch):
    """Who joins what, rank by rank."""

    def join(self, place: Launch, logs: Dict[str, List[int]], make: str) -> str:
        run = shared_run_id(self.runs, place, "job", new_id=lambda: make, has_log=lambda run: place.rank in logs.get(run, []))
        logs.setdefault(run, []).append(place.rank)
        return run

    def test_every_rank_decides_alike_whoever_comes_first(self) -> None:
        logs: Dict[str, List[int]] = {}
        two = [Launch(rank=r, world_size=2, key="k") for r in (0, 1)]
        self.assertEqual([self.join(two[1], logs, "a"), self.join(two[0], logs, "b")], ["a", "a"])
        self.assertEqual([self.join(two[0], logs, "c"), self.join(two[1], logs, "d")], ["c", "c"])
        self.assertEqual(self.join(Launch(rank=0, world_size=2, key="other"), logs, "e"), "e")

    def test_a_rank_that_came_second_leaves_no_folder_of_its_own(self) -> None:
        two = [Launch(rank=r, world_size=2, key="k") for r in (0, 1)]
        made: List[str] = []

        def join(place: Launch) -> str:
            def new_id() -> str:
                if place.rank == 0:
                    join(two[1])  # the other rank is there in between
                made.append(run_folder.claim_new_run(self.runs, "job", 0))
                return made[-1]

            return shared_run_id(self.runs, place, "job", new_id=new_id, has_log=lambda _: False)

        self.assertEqual(join(two[0]), made[0])
        self.assertEqual([path.name for path in self.runs.glob("*-job-*")], made[:1])

    def test_restarted_workers_go_on_with_their_run(self) -> None:
        logs: Dict[str, List[int]] = {}
        self.join(Launch(rank=0, world_size=2, key="k"), logs, "a")
        self.assertEqual(self.join(Launch(rank=0, world_size=2, key="k", restarts=1), logs, "b"), "a")

    def test_an_old_claim_is_of_another_launch(self) -> None:
        logs: Dict[str, List[int]] = {}
        self.join(Launch(rank=0, world_size=2, key="k"), logs, "a")
        (claim,) = self.runs.glob(".launches/*/0")
        claim.write_text(json.dumps({"run": "a", "timeMs": 0}))
        self.assertEqual(self.join(Launch(rank=1, world_size=2, key="k"), logs, "b"), "b")


class Places(unittest.TestCase):
    def test_of_the_environment(self) -> None:
        place = launch(environment={"RANK": "5", "LOCAL_RANK": "1", "WORLD_SIZE": "8", "TORCHELASTIC_RESTART_COUNT": "2"})
        self.assertEqual((place.rank, place.local_rank, place.world_size, place.restarts), (5, 1, 8, 2))

    def test_arguments_win_and_nonsense_is_a_single_process(self) -> None:
        place = launch(3, 4, environment={"RANK": "0"})
        self.assertEqual((place.rank, place.local_rank, place.world_size), (3, 3, 4))
        place = launch(environment={"RANK": "", "WORLD_SIZE": "many"})
        self.assertEqual((place.rank, place.world_size), (0, 1))

    def test_on_one_host_the_parent_tells_launches_apart_and_over_hosts_it_does_not(self) -> None:
        shared = {"MASTER_ADDR": "a", "MASTER_PORT": "1", "WORLD_SIZE": "2"}
        here = launch(environment={**shared, "LOCAL_WORLD_SIZE": "2"}).key
        self.assertIn(str(os.getppid()), here)
        self.assertNotIn("parent", launch(environment=shared).key)
        self.assertIn("parent", launch(1, 2, environment={}).key)


if __name__ == "__main__":
    unittest.main()
