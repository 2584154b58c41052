# /// script
# dependencies = ["fastai==2.8.12", "torch==2.15.0"]
# ///
"""fastai without its bars: a list an epoch; fine_tune, whose two trainings follow each other."""
import fastai.callback.progress
import fastai.callback.schedule
import torch
from fastai.learner import DataLoaders, Learner
from fastai.metrics import mae

print("fastai", fastai.__version__)
torch.manual_seed(0)
x = torch.randn(32, 4)
pairs = list(zip(x, x.sum(1, keepdim=True)))
data = DataLoaders.from_dsets(pairs[:16], pairs[16:], bs=8, device="cpu", num_workers=0)
learner = Learner(data, torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Linear(4, 1)), loss_func=torch.nn.MSELoss(), metrics=mae)
with learner.no_bar():
    learner.fine_tune(2, freeze_epochs=2)
