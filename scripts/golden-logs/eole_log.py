# /// script
# dependencies = ["eole==0.6.4", "torch==2.14.1", "aiohttp"]
# ///
# cut: /^\[[0-9]* *.* INFO\] \|^eole /!d; /Weighted corpora/d
"""Eole: 60 steps of translation with validations, between words that mean nothing, on the stand-in device."""
import random
import sys
from importlib.metadata import version
from pathlib import Path

from eole.bin.main import main

print("eole", version("eole"), flush=True)
random.seed(0)
words = [f"w{i}" for i in range(20)]
rows = [random.choices(words, k=6) for _ in range(200)]
for part, of in (("train", rows), ("valid", rows[:20])):
    Path(f"{part}.src").write_text("".join(f"{' '.join(row)}\n" for row in of))
    Path(f"{part}.tgt").write_text("".join(f"{' '.join(row[::-1])}\n" for row in of))
Path("vocabulary").write_text("".join(f"{word}\t1\n" for word in words))
Path("settings.yaml").write_text("""
data:
  corpus_1: {path_src: train.src, path_tgt: train.tgt}
  valid: {path_src: valid.src, path_tgt: valid.tgt}
src_vocab: vocabulary
tgt_vocab: vocabulary
report_every: 10
seed: 1
training: {world_size: 1, gpu_ranks: [0], train_steps: 60, valid_steps: 30, save_checkpoint_steps: 60, batch_type: sents, batch_size: 8,
  valid_batch_size: 8, optim: adam, learning_rate: 0.002, num_workers: 0, model_path: out, dropout: [0.0], attention_dropout: [0.0]}
model:
  architecture: transformer
  hidden_size: 16
  layers: 1
  heads: 2
  transformer_ff: 32
  embeddings: {word_vec_size: 16, position_encoding_type: SinusoidalInterleaved}
""")
sys.argv = ["eole", "train", "-config", "settings.yaml"]
main()
