"""Makes `offline.wandb` beside this file with wandb 0.31: python make.py FOLDER, then copy FOLDER/wandb/offline-run-*/run-*.wandb."""

import os
import sys

import wandb

os.environ["WANDB_MODE"] = "offline"
os.environ["WANDB_SILENT"] = "true"
settings = wandb.Settings(x_disable_meta=True, x_disable_stats=True, console="off", save_code=False, disable_git=True, host="node1", x_save_requirements=False)
run = wandb.init(dir=sys.argv[1], project="p", id="abc12345", name="baseline", config={"lr": 3e-4, "optimizer": {"name": "adam"}}, settings=settings)
run.define_metric("trainer/global_step")
run.define_metric("*", step_metric="trainer/global_step")
for i in range(6):
    figures = {"trainer/global_step": 10 * (i + 1), "train/loss": 2.0 / (i + 1), "train/learning_rate": 3e-4, "accuracy": i / 8}
    if i == 3:
        figures["train/loss"] = float("nan")
        figures["weights"] = wandb.Histogram(np_histogram=([1, 2], [0.0, 1.0, 2.0]))
    run.log(figures)
run.log({"trainer/global_step": 60, "eval/loss": 0.5})
run.finish(exit_code=int(os.environ.get("EXIT_CODE", "0")))
