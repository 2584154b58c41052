# /// script
# dependencies = ["returnn==1.20261022.211313", "torch==2.15.0", "dm-tree", "h5py"]
# ///
# cut: /Compiler call: /d; /^Installed native/d; /^Hostname: /d; /^CPU affinity/d; /^New sys.path entry/d; /^Tracked changes/d
"""RETURNN: three epochs of a tiny network on its made-up data, less verbose than a line a step, on the stand-in device, whose memory it prints."""
import runpy
import sys
from pathlib import Path

Path("config.py").write_text(
    '''
import torch

task = "train"
backend = "torch"
device = "gpu"
log_verbosity = 4
num_epochs = 3
batch_size = 200
max_seqs = 4
model = "models/epoch"
learning_rate = 0.01
optimizer = {"class": "adam"}
torch_log_memory_usage = True
extern_data = {"data": {"dim": 4, "dtype": "float32"}, "classes": {"dim": 3, "sparse": True, "dtype": "int32"}}
train = {"class": "DummyDataset", "input_dim": 4, "output_dim": 3, "num_seqs": 40, "seq_len": 12}
dev = {"class": "DummyDataset", "input_dim": 4, "output_dim": 3, "num_seqs": 8, "seq_len": 12}


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Sequential(torch.nn.Linear(4, 16), torch.nn.ReLU(), torch.nn.Linear(16, 3))

    def forward(self, x):
        return self.net(x)


def get_model(*, epoch, step, **kwargs):
    torch.manual_seed(0)
    return Model()


def train_step(*, model, extern_data, **kwargs):
    import returnn.frontend as rf

    classes = extern_data["classes"].raw_tensor.long()
    logits = model(extern_data["data"].raw_tensor)
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), classes.flatten())
    rf.get_run_ctx().mark_as_loss(name="ce", loss=loss)
    rf.get_run_ctx().mark_as_loss(name="fer", loss=(logits.argmax(-1) != classes).float().mean(), as_error=True)
'''
)
sys.argv = ["returnn", "config.py"]
runpy.run_module("returnn", run_name="__main__", alter_sys=True)
