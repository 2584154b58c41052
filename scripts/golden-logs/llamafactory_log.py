# /// script
# dependencies = ["llamafactory==0.9.5", "torch==2.15.0"]
# ///
# cut: /^\[INFO|configuration_utils.py:[0-9]*\] .* Model config /,/^}/d; s/\[[0-9]*m//g
# record: out/trainer_log.jsonl
"""LLaMA-Factory: `llamafactory-cli train` of 21 steps of LoRA with evaluations, on a model of one layer whose words mean nothing, on the stand-in device."""
import json
import os
import sys
from importlib.metadata import version
from pathlib import Path

os.environ |= {"HF_HUB_OFFLINE": "1"}
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

print("llamafactory", version("llamafactory"), flush=True)
torch.manual_seed(0)
words = [f"w{i}" for i in range(16)]
vocabulary = {word: i for i, word in enumerate(["<pad>", "<s>", "</s>", "<unk>", *words])}
tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
special = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained("tiny")
size = {"vocab_size": len(vocabulary), "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
LlamaForCausalLM(LlamaConfig(**size, num_key_value_heads=2, bos_token_id=1, eos_token_id=2, pad_token_id=0)).save_pretrained("tiny")
rows = [[words[i % 16], words[(i * 3) % 16], words[(i * 5) % 16]] for i in range(48)]
Path("data").mkdir()
Path("data/rows.json").write_text(json.dumps([{"instruction": " ".join(row), "input": "", "output": " ".join(row[::-1])} for row in rows]))
Path("data/dataset_info.json").write_text(json.dumps({"rows": {"file_name": "rows.json"}}))
settings = {
    "model_name_or_path": "tiny",
    "stage": "sft",
    "do_train": True,
    "finetuning_type": "lora",
    "lora_rank": 4,
    "lora_target": "all",
    "dataset": "rows",
    "template": "default",
    "cutoff_len": 64,
    "output_dir": "out",
    "logging_steps": 3,
    "save_steps": 100,
    "plot_loss": True,
    "report_to": "none",
    "per_device_train_batch_size": 2,
    "gradient_accumulation_steps": 2,
    "learning_rate": 1e-2,
    "num_train_epochs": 2,
    "lr_scheduler_type": "cosine",
    "warmup_ratio": 0.1,
    "val_size": 0.1,
    "eval_strategy": "steps",
    "eval_steps": 10,
}
Path("sft.yaml").write_text(json.dumps(settings))
sys.argv = ["llamafactory-cli", "train", "sft.yaml"]
from llamafactory.cli import main

main()
