# /// script
# dependencies = ["nnunetv2==2.8.1", "torch==2.15.0", "pillow"]
# ///
# cut: /^ {'data/d
"""nnU-Net 2: three epochs in two dimensions, on pictures that are made up."""
import json
import os
from importlib.metadata import version
from pathlib import Path

for name in ("raw", "preprocessed", "results"):
    os.environ["nnUNet_" + name] = str(Path(name).resolve())
os.environ.update(nnUNet_compile="F", nnUNet_n_proc_DA="1", TORCHDYNAMO_DISABLE="1")
import numpy as np
import torch
from PIL import Image

if __name__ == "__main__":
    print("nnunetv2", version("nnunetv2"), flush=True)
    folder = Path("raw/Dataset001_Made")
    for name in ("imagesTr", "labelsTr"):
        (folder / name).mkdir(parents=True)
    rng = np.random.default_rng(0)
    for i in range(6):
        mask = np.zeros((32, 32), "uint8")
        mask[8 : 14 + i, 8:20] = 1
        Image.fromarray((rng.random((32, 32)) * 100 + mask * 100).astype("uint8")).save(folder / f"imagesTr/c_{i:03d}_0000.png")
        Image.fromarray(mask).save(folder / f"labelsTr/c_{i:03d}.png")
    (folder / "dataset.json").write_text(
        json.dumps({"channel_names": {"0": "x"}, "labels": {"background": 0, "a": 1}, "numTraining": 6, "file_ending": ".png"})
    )
    from nnunetv2.experiment_planning.plan_and_preprocess_api import extract_fingerprints, plan_experiments, preprocess
    from nnunetv2.run.run_training import run_training
    from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer

    extract_fingerprints([1], num_processes=1)
    plan_experiments([1])
    preprocess([1], configurations=["2d"], num_processes=[1])
    os.environ["nnUNet_n_proc_DA"] = "0"
    initialize = nnUNetTrainer.initialize

    def short(trainer):
        trainer.num_epochs, trainer.num_iterations_per_epoch, trainer.num_val_iterations_per_epoch = 3, 2, 1
        initialize(trainer)

    nnUNetTrainer.initialize = short
    run_training("1", "2d", "0", device=torch.device("cpu"))
