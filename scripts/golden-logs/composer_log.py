# /// script
# dependencies = ["mosaicml==0.32.1"]
# ///
"""Composer: its console, with its memory monitor, two epochs of two batches on the stand-in device."""
import composer
import torch
from composer.callbacks import MemoryMonitor
from composer.models import ComposerClassifier

print("composer", composer.__version__)
torch.manual_seed(0)
data = torch.utils.data.TensorDataset(torch.randn(16, 4), torch.randint(0, 2, (16,)))
model = ComposerClassifier(torch.nn.Sequential(torch.nn.Linear(4, 2)), num_classes=2)
composer.Trainer(
    model=model,
    train_dataloader=torch.utils.data.DataLoader(data, batch_size=8),
    max_duration="2ep",
    callbacks=[MemoryMonitor()],
    optimizers=torch.optim.AdamW(model.parameters(), lr=1e-2),
    device="gpu",
    progress_bar=False,
    log_to_console=True,
    console_log_interval="1ba",
    console_stream="stdout",
).fit()
