# /// script
# dependencies = ["setfit==1.2.0", "torch==2.15.0"]
# ///
"""SetFit: an epoch with evaluations, on a model of one layer whose words mean nothing, on the stand-in device."""
import os
from importlib.metadata import version

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformer
from sentence_transformers import models as modules
from setfit import SetFitModel, Trainer, TrainingArguments
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

print("setfit", version("setfit"), flush=True)
torch.manual_seed(0)
words = [f"w{i}" for i in range(16)]
vocabulary = {word: i for i, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *words])}
tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "model_max_length": 16}
PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained("tiny")
size = {"vocab_size": len(vocabulary), "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
BertModel(BertConfig(**size)).save_pretrained("tiny")
SentenceTransformer(modules=[modules.Transformer("tiny"), modules.Pooling(16)]).save("body")
rows = [{"text": f"{words[8 * of + i % 8]} {words[8 * of + (i * 3) % 8]}", "label": of} for of in range(2) for i in range(8)]
data = Dataset.from_list(rows)
settings = TrainingArguments(batch_size=4, num_epochs=1, logging_steps=5, report_to="none", eval_strategy="steps", eval_steps=10)
model = SetFitModel.from_pretrained("body", labels=["a", "b"])
Trainer(model=model, args=settings, train_dataset=data, eval_dataset=data).train()
