# /// script
# dependencies = ["deepspeed==0.19.8", "torch==2.15.0"]
# ///
"""DeepSpeed's see_memory_usage on the stand-in device, between steps of a loop that prints as the Hugging Face Trainer does."""
import deepspeed
import torch
from deepspeed.runtime.utils import see_memory_usage

print("deepspeed", deepspeed.__version__)
held = []
for step in (1, 2, 3):
    see_memory_usage(f"before forward {step}", force=True)
    held.append(torch.empty(300 * 2**20, dtype=torch.uint8, device="cuda"))
    torch.empty(700 * 2**20, dtype=torch.uint8, device="cuda")
    see_memory_usage(f"After backward {step}", force=True)
    print({"loss": 2.0 / step, "grad_norm": 1.5, "learning_rate": 1e-05, "epoch": step / 3})
