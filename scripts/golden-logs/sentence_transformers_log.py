# /// script
# dependencies = ["sentence-transformers==6.2.0", "accelerate", "datasets", "torch==2.15.0"]
# ///
"""Sentence Transformers: its trainer, with an evaluation, on a model of one layer whose words mean nothing."""
import os

# Its card of the model looks for others of the same name.
os.environ["HF_HUB_OFFLINE"] = "1"
import sentence_transformers
import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.evaluation import EmbeddingSimilarityEvaluator
from sentence_transformers.losses import CoSENTLoss
from sentence_transformers.models import BoW, Dense

print("sentence-transformers", sentence_transformers.__version__)
torch.manual_seed(0)
words = [f"w{i}" for i in range(16)]
texts = [" ".join(words[(i * k) % 16] for k in range(1, 5)) for i in range(32)]
pairs = Dataset.from_dict({"sentence1": texts, "sentence2": texts[::-1], "score": [i / 32 for i in range(32)]})
model = SentenceTransformer(modules=[BoW(vocab=words), Dense(in_features=16, out_features=8)])
SentenceTransformerTrainer(
    model=model,
    args=SentenceTransformerTrainingArguments(
        output_dir="out",
        num_train_epochs=2,
        per_device_train_batch_size=4,
        logging_steps=4,
        eval_strategy="steps",
        eval_steps=8,
        save_strategy="no",
        report_to="none",
    ),
    train_dataset=pairs,
    loss=CoSENTLoss(model),
    evaluator=EmbeddingSimilarityEvaluator(texts[:8], texts[8:16], [i / 8 for i in range(8)], name="dev"),
).train()
