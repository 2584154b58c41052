# /// script
# dependencies = ["mmengine==0.10.7", "torch==2.15.0"]
# ///
"""mmengine: its runner, two epochs, on the stand-in device, whose memory it prints."""
import mmengine
import torch
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch.utils.data import Dataset

print("mmengine", mmengine.__version__)


class Data(Dataset):
    def __len__(self):
        return 40

    def __getitem__(self, index):
        return torch.full((4,), index / 40), torch.tensor([index / 20])


class Net(BaseModel):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Linear(4, 1)

    def forward(self, inputs, target, mode):
        return {"loss": ((self.net(inputs) - target) ** 2).mean()}


Runner(
    model=Net(),
    work_dir="logs",
    train_dataloader={
        "dataset": Data(),
        "batch_size": 4,
        "sampler": {"type": "DefaultSampler", "shuffle": False},
        "collate_fn": {"type": "default_collate"},
    },
    train_cfg={"by_epoch": True, "max_epochs": 2},
    optim_wrapper={"optimizer": {"type": "SGD", "lr": 0.01}},
    default_hooks={"logger": {"type": "LoggerHook", "interval": 5}},
    randomness={"seed": 0},
    log_level="INFO",
).train()
