# /// script
# dependencies = ["ms-swift==4.6.0", "torch==2.15.0"]
# ///
# cut: /modelscope_hub/d; /args: SftArguments(/,/^)/d; /model: LlamaForCausalLM(/,/^)/d
# record: out/logging.jsonl
"""ms-swift: `swift sft` of 11 steps with an evaluation, on a model of one layer whose words mean nothing, on the stand-in device."""
import json
import os
import runpy
import sys
from importlib.metadata import version
from pathlib import Path

os.environ |= {"USE_HF": "1", "HF_HUB_OFFLINE": "1", "MODELSCOPE_OFFLINE": "1"}
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

print("ms-swift", version("ms-swift"), flush=True)
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
talks = [[{"role": "user", "content": " ".join(row)}, {"role": "assistant", "content": " ".join(row[::-1])}] for row in rows]
Path("rows.jsonl").write_text("\n".join(json.dumps({"messages": talk}) for talk in talks))
sys.argv = ["swift", "--model", "tiny", "--model_type", "llama", "--template", "default", "--dataset", "rows.jsonl", "--output_dir", "out"]
sys.argv += ["--tuner_type", "full", "--torch_dtype", "float32", "--attn_impl", "eager", "--max_length", "64", "--split_dataset_ratio", "0.1"]
sys.argv += ["--num_train_epochs", "1", "--per_device_train_batch_size", "2", "--gradient_accumulation_steps", "2", "--learning_rate", "1e-2"]
sys.argv += ["--logging_steps", "2", "--eval_steps", "5", "--save_steps", "100", "--dataloader_num_workers", "0", "--add_version", "false"]
runpy.run_module("swift.cli.sft", run_name="__main__", alter_sys=True)
