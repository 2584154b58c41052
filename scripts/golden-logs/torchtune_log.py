# /// script
# dependencies = ["torchtune==0.6.1", "torchao==0.9.0", "torch==2.15.0"]
# ///
"""torchtune: its recipe of full fine-tuning on one device, with a made-up model and data, on the stand-in device; what its logger prints."""
import json
import pathlib
import runpy
import sys
import types

import torch
import torchtune
from omegaconf import OmegaConf
from torchtune.models.llama2 import llama2


class Tokenizer:
    pad_id = 0


class Tokens(torch.utils.data.Dataset):
    def __init__(self, tokenizer):
        pass

    def __len__(self):
        return 12

    def __getitem__(self, index):
        return {"tokens": [1 + (index + i) % 60 for i in range(16)], "labels": [1 + (index + i) % 60 for i in range(16)]}


def tiny():
    return llama2(vocab_size=64, num_layers=1, num_heads=2, num_kv_heads=2, embed_dim=16, max_seq_len=32)


if __name__ == "__main__":
    print("torchtune", torchtune.__version__)
    pathlib.Path("base").mkdir()
    pathlib.Path("base/config.json").write_text(json.dumps({"model_type": "llama"}))
    torch.manual_seed(0)
    torch.save(tiny().state_dict(), "base/model.pt")
    sys.modules["made_up"] = types.SimpleNamespace(Tokens=Tokens, Tokenizer=Tokenizer, tiny=tiny)
    config = OmegaConf.create(
        {
            "output_dir": "out",
            "tokenizer": {"_component_": "made_up.Tokenizer"},
            "dataset": {"_component_": "made_up.Tokens"},
            "seed": 0,
            "shuffle": False,
            "model": {"_component_": "made_up.tiny"},
            "checkpointer": {
                "_component_": "torchtune.training.FullModelTorchTuneCheckpointer",
                "checkpoint_dir": "base",
                "checkpoint_files": ["model.pt"],
                "output_dir": "out",
                "model_type": "LLAMA2",
            },
            "resume_from_checkpoint": False,
            "batch_size": 2,
            "epochs": 1,
            "optimizer": {"_component_": "torch.optim.AdamW", "lr": 1e-2},
            "optimizer_in_bwd": False,
            "loss": {"_component_": "torchtune.modules.loss.CEWithChunkedOutputLoss"},
            "max_steps_per_epoch": 3,
            "gradient_accumulation_steps": 1,
            "compile": False,
            "device": "cuda",
            "enable_activation_checkpointing": False,
            "enable_activation_offloading": False,
            "dtype": "fp32",
            "metric_logger": {"_component_": "torchtune.training.metric_logging.StdoutLogger"},
            "log_peak_memory_stats": True,
        }
    )
    OmegaConf.save(config, "config.yaml")
    sys.argv = ["recipe", "--config", "config.yaml"]
    recipes = pathlib.Path(torchtune.__file__).parents[1] / "recipes"
    runpy.run_path(str(recipes / "full_finetune_single_device.py"), run_name="__main__")
