"""Hugging Face's Trainer on a model of a few thousand parameters, which report_to="esper" records."""

import torch
from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainingArguments

import esper_telemetry.integrations.transformers  # noqa: F401  report_to knows "esper" from here on

model = GPT2LMHeadModel(GPT2Config(vocab_size=64, n_positions=32, n_embd=16, n_layer=1, n_head=2))
rows = [{"input_ids": torch.randint(0, 64, (16,)), "labels": torch.randint(0, 64, (16,))} for _ in range(64)]
arguments = TrainingArguments("hf-trainer", max_steps=12, logging_steps=2, report_to="esper", use_cpu=True, disable_tqdm=True, save_strategy="no")
Trainer(model=model, args=arguments, train_dataset=rows).train()
