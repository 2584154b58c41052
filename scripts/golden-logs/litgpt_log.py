# /// script
# dependencies = ["litgpt==0.5.13", "jsonargparse", "requests", "torch==2.15.0"]
# ///
# cut: /^{'data'/,/}}$/d; /^You are using/d
"""LitGPT: its pretraining of a model of two layers, on tokens that mean nothing."""
import os
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

# Compiling takes longer than the training.
os.environ["TORCHDYNAMO_DISABLE"] = "1"
import torch
from litgpt import Config
from litgpt.args import EvalArgs, TrainArgs
from litgpt.data import DataModule
from litgpt.pretrain import setup

warnings.filterwarnings("ignore")
# It writes its command line beside the model.
sys.argv = ["litgpt", "pythia-14m"]
print("litgpt", version("litgpt"))
torch.manual_seed(0)
TOKENS = torch.randint(0, 96, (64, 33))


class Tokens(DataModule):
    def connect(self, tokenizer=None, batch_size=1, max_seq_length=None):
        self.batch_size = batch_size

    def prepare_data(self):
        pass

    def setup(self, stage=""):
        pass

    def train_dataloader(self):
        return torch.utils.data.DataLoader(TOKENS, batch_size=self.batch_size)

    def val_dataloader(self):
        return torch.utils.data.DataLoader(TOKENS[:4], batch_size=self.batch_size)


setup(
    "pythia-14m",
    model_config=Config(name="tiny", block_size=32, vocab_size=96, padded_vocab_size=96, n_layer=2, n_head=2, n_embd=16),
    out_dir=Path("out"),
    data=Tokens(),
    precision="32-true",
    train=TrainArgs(
        save_interval=1000, log_interval=2, global_batch_size=4, micro_batch_size=2, max_tokens=4 * 32 * 8, max_norm=1.0, lr_warmup_steps=2
    ),
    eval=EvalArgs(interval=4, max_iters=2, initial_validation=False),
    devices=1,
    logger_name="csv",
)
