# /// script
# dependencies = ["speechbrain==1.1.2", "torchaudio", "torch==2.15.0"]
# ///
# cut: /^torchvision is not/d
"""SpeechBrain: `Brain.fit` with its bars, and the line that its logger of a training writes of an epoch."""
from importlib.metadata import version

import speechbrain as sb
import torch
from speechbrain.utils.train_logger import FileTrainLogger

print("speechbrain", version("speechbrain"))
torch.manual_seed(0)
sb.create_experiment_directory("out", save_env_desc=False)
X = torch.randn(60, 4)
DATA = [(x, x.sum(1, keepdim=True)) for x in X.split(6)]


class Tiny(sb.Brain):
    def compute_forward(self, batch, stage):
        return self.modules.net(batch[0])

    def compute_objectives(self, predictions, batch, stage):
        return torch.nn.functional.mse_loss(predictions, batch[1])

    def on_stage_end(self, stage, stage_loss, epoch=None):
        if stage == sb.Stage.TRAIN:
            self.train_loss = stage_loss
        else:
            stats = {"train_stats": {"loss": self.train_loss}, "valid_stats": {"loss": stage_loss}}
            self.hparams.train_logger.log_stats({"epoch": epoch, "lr": 0.1}, **stats)


brain = Tiny(
    {"net": torch.nn.Linear(4, 1)},
    lambda parameters: torch.optim.SGD(parameters, 0.1),
    hparams={"train_logger": FileTrainLogger("out/train_log.txt")},
    run_opts={"device": "cpu"},
)
brain.fit(range(1, 4), DATA[:8], valid_set=DATA[8:])
