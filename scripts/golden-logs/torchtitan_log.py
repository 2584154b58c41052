# /// script
# dependencies = ["torchtitan==0.3.0", "torch==2.15.0"]
# ///
"""torchtitan: its trainer on its debug model, with a made-up tokenizer and text, on the stand-in device."""
import json
import os
import pathlib
from importlib.metadata import version

os.environ.update({"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29511", "TORCHDYNAMO_DISABLE": "1"})
print("torchtitan", version("torchtitan"))

from tokenizers import Tokenizer, models, pre_tokenizers

words = [f"w{i}" for i in range(50)]
tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(["<unk>", "<s>", "</s>", *words])}, unk_token="<unk>"))
tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
pathlib.Path("tok").mkdir()
tokenizer.save("tok/tokenizer.json")
pathlib.Path("tok/tokenizer_config.json").write_text(json.dumps({"bos_token": "<s>", "eos_token": "</s>"}))
pathlib.Path("text").mkdir()
pathlib.Path("text/train.json").write_text("\n".join(json.dumps({"text": " ".join(words)}) for _ in range(400)))

from torchtitan.models.llama3.config_registry import llama3_debugmodel
from torchtitan.tools.logging import init_logger

init_logger()
config = llama3_debugmodel()
config.hf_assets_path = "tok"
config.dataloader.dataset_path = "text"
config.training.seq_len = 16
config.training.steps = 4
config.training.local_batch_size = 2
config.checkpoint.enable = False
config.validator.enable = False
config.training.disable_cuda_graphs = True
trainer = config.build()
trainer.train()
trainer.close()
