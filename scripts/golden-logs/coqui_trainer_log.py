# /// script
# dependencies = ["coqui-tts-trainer==0.4.0", "torch==2.15.0"]
# ///
"""Coqui's trainer, which Coqui TTS runs: a model of one layer, two epochs with an evaluation."""
from importlib.metadata import version

import torch
from trainer import Trainer, TrainerArgs, TrainerConfig, TrainerModel

print("coqui-tts-trainer", version("coqui-tts-trainer"))
torch.manual_seed(0)
X = torch.randn(120, 4)


class Data(torch.utils.data.Dataset):
    def __len__(self):
        return len(X)

    def __getitem__(self, at):
        return {"x": X[at], "y": X[at].sum()}


class Line(TrainerModel):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Linear(4, 1)

    def forward(self, x):
        return self.net(x)

    def train_step(self, batch, criterion):
        out = self(batch["x"])
        return {"model_outputs": out}, {"loss": criterion(out[:, 0], batch["y"])}

    def eval_step(self, batch, criterion):
        return self.train_step(batch, criterion)

    def get_criterion(self):
        return torch.nn.MSELoss()

    def get_data_loader(self, config, *, is_eval=False, samples=None, verbose=True):
        return torch.utils.data.DataLoader(Data(), batch_size=config.batch_size)


config = TrainerConfig(
    epochs=2,
    batch_size=12,
    print_step=5,
    plot_step=1000,
    save_step=1000,
    log_model_step=1000,
    run_eval=True,
    optimizer="Adam",
    optimizer_params={},
    lr=1e-2,
    run_name="tiny",
    dashboard_logger="tensorboard",
)
Trainer(TrainerArgs(), config, "out", model=Line(), train_samples=[1], eval_samples=[1]).fit()
