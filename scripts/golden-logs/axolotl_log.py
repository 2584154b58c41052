# /// script
# requires-python = "==3.12.*"
# dependencies = ["axolotl==0.21.0"]
# ///
# cut: /\[axolotl.cli.config\] config:/,/^}/d; /^ *#*@@/d; /bitsandbytes library load error/,/^OSError/d; /^W[0-9]* .*_pytree/d
"""axolotl: 27 steps with an evaluation before the first, on a model of one layer whose words mean nothing, on the stand-in device."""
import json
import os
from importlib.metadata import version
from pathlib import Path

os.environ |= {"HF_HUB_OFFLINE": "1", "AXOLOTL_DO_NOT_TRACK": "1", "DO_NOT_TRACK": "1"}
import torch
from axolotl.cli.train import do_cli
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

if __name__ == "__main__":
    print("axolotl", version("axolotl"), flush=True)
    torch.manual_seed(0)
    words = [f"w{i}" for i in range(16)]
    vocabulary = {word: i for i, word in enumerate(["<pad>", "<s>", "</s>", "<unk>", *words])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    special = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained("tiny")
    size = {"vocab_size": len(vocabulary), "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    LlamaForCausalLM(LlamaConfig(**size, num_key_value_heads=2, bos_token_id=1, eos_token_id=2, pad_token_id=0)).save_pretrained("tiny")
    rows = [[words[i % 16], words[(i * 3) % 16], words[(i * 5) % 16]] for i in range(60)]
    records = [{"instruction": " ".join(row), "input": "", "output": " ".join(row[::-1])} for row in rows]
    Path("rows.jsonl").write_text("\n".join(map(json.dumps, records)))
    settings = {
        "base_model": "tiny",
        "datasets": [{"path": "rows.jsonl", "type": "alpaca"}],
        "dataset_prepared_path": "prepared",
        "val_set_size": 0.1,
        "output_dir": "./out",
        "sequence_len": 64,
        "gradient_accumulation_steps": 2,
        "micro_batch_size": 2,
        "num_epochs": 2,
        "optimizer": "adamw_torch",
        "lr_scheduler": "cosine",
        "learning_rate": 0.002,
        "bf16": False,
        "fp16": False,
        "tf32": False,
        "logging_steps": 1,
        "attn_implementation": "eager",
        "evals_per_epoch": 2,
        "saves_per_epoch": 1,
        "warmup_ratio": 0.1,
        "special_tokens": {"pad_token": "<pad>"},
        "dataset_num_proc": 1,
        "dataloader_num_workers": 0,
    }
    Path("settings.yml").write_text(json.dumps(settings))
    do_cli("settings.yml")
