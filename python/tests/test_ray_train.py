"""``track`` under Ray Train itself: each figure is Ray's own record, to the digit. Ray starts some ten processes: ESPER_TESTS_LONG=1 (npm run long)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any, Dict, List

from libraries import LONG, Libraries, installed
from scratch import Event, environment

import esper_telemetry

PROGRAM = '''
import json, os, sys, tempfile
import ray, ray.train, torch
from ray.train import Checkpoint, RunConfig, ScalingConfig, report
from ray.train.torch import TorchTrainer

def loop(config):
    torch.manual_seed(ray.train.get_context().get_world_rank())
    model = ray.train.torch.prepare_model(torch.nn.Linear(4, 1))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for epoch in range(config["epochs"]):
        loss = (model(torch.randn(8, 4)) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with tempfile.TemporaryDirectory() as folder:
            figures = {"loss": loss.item(), "epoch": epoch, "accuracy": 1 / (epoch + 3), "note": "text"}
            (report if epoch % 2 else ray.train.report)(figures, checkpoint=Checkpoint.from_directory(folder))
    if config.get("fails"):
        raise ValueError("no good")

def fit(name, workers, loop, **config):
    trainer = TorchTrainer(loop, train_loop_config={"epochs": 3, **config}, scaling_config=ScalingConfig(num_workers=workers),
                           run_config=RunConfig(name=name, storage_path=os.path.abspath("storage")))
    return trainer.fit().metrics_dataframe

ray.init(num_cpus=3, include_dashboard=False, log_to_driver=False)
if sys.argv[1:] == ["attached"]:
    fit("plain", 1, loop)
else:
    from esper_telemetry.integrations.ray_train import track
    json.dump(fit("one", 1, track(loop)).to_dict("records"), open("one.json", "w"), default=float)
    fit("two", 2, track(loop, name="pair"))
    try:
        fit("fails", 1, track(loop), fails=True)
    except Exception as error:
        print(type(error).__name__)
'''


@unittest.skipUnless(LONG, "takes long: npm run long")
@installed("ray")
class RayTrain(Libraries):
    def train(self, *arguments: str, **variables: str) -> Dict[str, List[List[Event]]]:
        """Trains in a process of its own. Events by the name of the run, each rank's."""
        Path("train.py").write_text(PROGRAM)
        variables = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0", **variables}
        done = subprocess.run([sys.executable, "train.py", *arguments], env=environment(variables), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900)
        self.assertEqual(done.returncode, 0, done.stdout[-3000:])
        return self.by_name()

    def test_what_is_reported_is_recorded_as_ray_has_it(self) -> None:
        os.environ.pop("ESPER_RUNS")  # the folder is that of the program, not of Ray's worker
        self.runs = self.place / "runs"
        found = self.train()
        self.assertEqual({name: len(ranks) for name, ranks in found.items()}, {"one": 1, "pair": 2, "fails": 1})
        (events,) = found["one"]
        steps = self.steps(events)
        rays: List[Dict[str, Any]] = json.loads(Path("one.json").read_text())
        self.assertEqual([{"loss": data["loss"], **data["extra"]} for data in steps], [{n: row[n] for n in ("loss", "epoch", "accuracy")} for row in rays])
        self.assertEqual([data["step"] for data in steps], [1, 2, 3])
        self.assertTrue(all(data["stepMs"] > 0 for data in steps))
        self.assertEqual((events[0]["data"]["config"], events[0]["data"]["worldSize"]), ({"epochs": 3}, 1))
        (manifest,) = self.runs.glob("*-one-*/run.json")
        self.assertEqual(json.loads(manifest.read_text())["command"], ["train.py"])
        first, second = found["pair"]
        self.assertEqual([events[0]["rank"] for events in (first, second)], [0, 1])
        self.assertEqual([events[0]["data"]["worldSize"] for events in (first, second)], [2, 2])
        self.assertNotEqual([data["loss"] for data in self.steps(first)], [data["loss"] for data in self.steps(second)], "each worker's own")
        ends = [found[name][0][-1] for name in ("one", "pair", "fails")]
        self.assertEqual([end["type"] for end in ends], ["TRAINING_COMPLETED", "TRAINING_COMPLETED", "TRAINING_FAILED"])
        self.assertEqual(ends[2]["data"]["message"], "no good")

    def test_the_client_begins_in_rays_workers_by_itself(self) -> None:
        site = Path(esper_telemetry.__file__).parent / "attach" / "site"
        session = self.place / "session"
        session.mkdir()
        found = self.train("attached", ESPER_ATTACH=str(session), ESPER_RUNS=str(self.runs), PYTHONPATH=f"{site}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
        ((events,),) = found.values()
        self.assertEqual((list(found), events[0]["data"]["worldSize"], len(self.steps(events))), (["plain"], 1, 3))
        (fact,) = [json.loads(path.read_text()) for path in session.glob("run-*.json")]
        self.assertEqual((fact["rank"], fact["own"], fact["killed_when_done"]), (0, False, True))


if __name__ == "__main__":
    unittest.main()
