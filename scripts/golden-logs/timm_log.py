# /// script
# dependencies = ["torch==2.15.0", "torchvision==0.29.2", "pyyaml", "huggingface_hub", "safetensors", "numpy"]
# ///
# source: https://github.com/huggingface/pytorch-image-models aa4b5850c1543fa488abf260f18390eda46cf85d
"""timm: its train.py, three epochs of a small network on pictures that are made up."""
import os
import runpy
import sys
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, os.environ["SOURCE"])
from timm import __version__

print("timm", __version__, flush=True)
rng = np.random.default_rng(0)
for part, number in (("train", 24), ("val", 8)):
    for kind in range(2):
        folder = Path(f"data/{part}/c{kind}")
        folder.mkdir(parents=True)
        for i in range(number):
            Image.fromarray((rng.random((40, 40, 3)) * 100 + kind * 120).astype("uint8")).save(folder / f"{i}.png")
size = ["--num-classes", "2", "--img-size", "32", "-b", "4", "--epochs", "3", "--warmup-epochs", "0", "--workers", "1", "--log-interval", "3"]
sys.argv = ["train.py", "data", "--model", "test_resnet", *size, "--lr", "0.05", "--seed", "0", "--output", "out"]
runpy.run_path(os.environ["SOURCE"] + "/train.py", run_name="__main__")
