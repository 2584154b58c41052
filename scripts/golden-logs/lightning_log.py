# /// script
# dependencies = ["lightning==2.6.6", "torch==2.15.0"]
# ///
"""Lightning: its bar of tqdm, two epochs."""
import lightning
import torch
from lightning.pytorch.callbacks import TQDMProgressBar

print("lightning", lightning.__version__)
lightning.seed_everything(0)


class Net(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Linear(4, 1)

    def training_step(self, batch, index):
        loss = ((self.net(batch[0]) - batch[1]) ** 2).mean()
        self.log("train_loss", loss, prog_bar=True)
        return loss

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=1e-2)


data = torch.utils.data.TensorDataset(torch.randn(40, 4), torch.randn(40, 1))
trainer = lightning.Trainer(
    max_epochs=2, accelerator="cpu", devices=1, logger=False, enable_checkpointing=False, callbacks=[TQDMProgressBar()]
)
trainer.fit(Net(), torch.utils.data.DataLoader(data, batch_size=8))
