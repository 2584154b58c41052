# /// script
# dependencies = ["fastai==2.8.12", "torch==2.15.0"]
# ///
"""fastai: its table, whose rows stand among its bars."""
import fastai.callback.progress
import torch
from fastai.learner import DataLoaders, Learner
from fastai.metrics import mae

print("fastai", fastai.__version__)
torch.manual_seed(0)
x = torch.randn(32, 4)
pairs = list(zip(x, x.sum(1, keepdim=True)))
data = DataLoaders.from_dsets(pairs[:16], pairs[16:], bs=8, device="cpu", num_workers=0)
Learner(data, torch.nn.Linear(4, 1), loss_func=torch.nn.MSELoss(), metrics=mae).fit(2, 1e-2)
