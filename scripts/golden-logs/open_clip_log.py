# /// script
# dependencies = ["open_clip_torch==3.3.0", "torch==2.15.0", "pandas", "webdataset", "tensorboard"]
# ///
# cut: /torch\/_\(dynamo\|subclasses\)/d
"""open_clip: its own training loop, two epochs of a tiny model on its made-up data."""
import json
from importlib.metadata import version
from pathlib import Path

import open_clip
from open_clip_train.main import main

print("open_clip", version("open_clip_torch"), flush=True)
Path("tiny.json").write_text(
    json.dumps(
        {
            "embed_dim": 16,
            "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "patch_size": 16, "head_width": 16},
            "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1},
        }
    )
)
open_clip.add_model_config(Path("tiny.json"))
size = ["--train-num-samples", "128", "--batch-size", "16", "--epochs", "2", "--warmup", "2", "--log-every-n-steps", "2"]
main(["--dataset-type", "synthetic", "--model", "tiny", *size, "--workers", "0", "--device", "cuda", "--precision", "fp32", "--logs", "none"])
