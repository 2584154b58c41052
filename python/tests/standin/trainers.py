"""Trainers that people run, each a small program from configuration alone: ``trainers.py cpu|cuda|cpu,cuda NAME…``.

Prints one line of JSON a program: its losses, returns and samples in order, what it had of the device at its peak, and where it looked at values
that were not computed. They run on the CPU and on the stand-in device with equal seeds. Nothing is downloaded.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List
from unittest import mock

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", TOKENIZERS_PARALLELISM="false", WANDB_MODE="disabled")

import torch

import esper_telemetry as esper

WORDS = "the a cat dog bird sat ran flew on over under mat hill tree and then it was warm cold red blue .".split()
Series = Dict[str, List[Any]]


def text(length: int, seed: int) -> str:
    generator = torch.Generator().manual_seed(seed)
    return " ".join(WORDS[i] for i in torch.randint(len(WORDS), (length,), generator=generator).tolist())


def tokenizer() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    vocabulary = {word: i for i, word in enumerate(["<pad>", "<eos>", "<unk>", *WORDS])}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(tokenizer_object=made, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>")


def llama(**more: Any) -> Any:
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=len(WORDS) + 3, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        max_position_embeddings=128, pad_token_id=0, eos_token_id=1, bos_token_id=1, **more,
    )  # fmt: skip
    torch.manual_seed(0)
    return LlamaForCausalLM(config)


def arguments(device: str, folder: str, **more: Any) -> Dict[str, Any]:
    """What Hugging Face's trainers share."""
    return dict(output_dir=folder, use_cpu=device == "cpu", report_to=[], save_strategy="no", disable_tqdm=True, logging_steps=1, seed=0, bf16=False, fp16=False, **more)


def logged(trainer: Any, *names: str) -> Series:
    history = [entry for entry in trainer.state.log_history if "loss" in entry or "reward" in entry]
    return {name: [entry.get(name) for entry in history] for name in names}


@contextlib.contextmanager
def recorded(device: str, made: Series) -> Iterator[esper.Run]:
    """A run for a library's callback. Its losses come into `made["recorded"]`; every event has the memory of the device, and none on the CPU."""
    with tempfile.TemporaryDirectory() as folder:
        with esper.start("trainer", runs=folder, sample_host=0, sample_driver=0, device=device) as run:
            yield run
        events = [json.loads(line) for line in Path(str(run.path), "events-0.jsonl").read_text().splitlines()]
    updates = [event["data"] for event in events if event["type"] in ("STEP_COMPLETED", "PPO_UPDATE_COMPLETED")]
    made["recorded"] = [data["loss"]["value"] if isinstance(data["loss"], dict) else data["loss"] for data in updates]
    held = [[memory["allocatedBytes"] > 0 for memory in data["memory"]] for data in updates]
    if held != [[] if device == "cpu" else [True]] * len(updates):
        raise AssertionError(f"memory of {device} in {len(updates)} events: {held}")


def generate(device: str) -> Series:
    """Sampling with temperature, top-k and top-p, beams, and stopping at the end of text."""
    model = llama().to(device).eval()
    asked = tokenizer()([text(6, 1), text(3, 2)], return_tensors="pt", padding=True, padding_side="left").to(device)
    asked.pop("token_type_ids", None)
    made: Series = {}
    for name, options in {
        "greedy": dict(do_sample=False), "sampled": dict(do_sample=True, temperature=0.8, top_k=12, top_p=0.9),
        "beams": dict(num_beams=3, do_sample=False), "sampled beams": dict(num_beams=2, do_sample=True, top_k=0),
    }.items():  # fmt: skip
        torch.manual_seed(5)
        made[name] = model.generate(**asked, max_new_tokens=16, **options).tolist()
    return made


def sft(device: str) -> Series:
    """With packing."""
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    from esper_telemetry.integrations.transformers import EsperCallback

    with tempfile.TemporaryDirectory() as folder:
        config = SFTConfig(**arguments(device, folder, max_steps=5, per_device_train_batch_size=2, learning_rate=1e-2), packing=True, max_length=32)
        rows = Dataset.from_dict({"text": [text(5 + i % 9, i) for i in range(60)]})
        made: Series = {}
        with recorded(device, made) as run:
            trainer = SFTTrainer(model=llama(), args=config, train_dataset=rows, processing_class=tokenizer(), callbacks=[EsperCallback(run)])
            trainer.train()
    made.update(logged(trainer, "loss", "grad_norm", "mean_token_accuracy"))
    assert made["recorded"] == made["loss"], made
    return made


def grpo(device: str) -> Series:
    """Samples of the model itself, rewarded for the share of a word."""
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer

    def reward(completions: List[str], **_: Any) -> List[float]:
        return [completion.split().count("cat") / 8 for completion in completions]

    with tempfile.TemporaryDirectory() as folder:
        config = GRPOConfig(
            **arguments(device, folder, max_steps=3, per_device_train_batch_size=4, learning_rate=1e-2), num_generations=4, max_completion_length=8, beta=0.04
        )
        rows = Dataset.from_dict({"prompt": [text(5, i) for i in range(16)]})
        llama().save_pretrained(f"{folder}/model")  # the reference is read from there
        trainer = GRPOTrainer(model=f"{folder}/model", reward_funcs=reward, args=config, train_dataset=rows, processing_class=tokenizer())
        trainer.train()
    return logged(trainer, "loss", "reward", "kl", "grad_norm", "completions/mean_length")


def lora(device: str) -> Series:
    """Transformers' Trainer on adapters of peft."""
    from peft import LoraConfig, get_peft_model
    from transformers import Trainer, TrainingArguments

    model = get_peft_model(llama(), LoraConfig(r=4, lora_alpha=8, lora_dropout=0.1, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
    rows = [dict(input_ids=ids, labels=ids) for ids in (tokenizer()(text(12, i))["input_ids"] for i in range(20))]
    with tempfile.TemporaryDirectory() as folder:
        args = TrainingArguments(**arguments(device, folder, max_steps=5, per_device_train_batch_size=4, gradient_accumulation_steps=2, learning_rate=1e-2))
        trainer = Trainer(model=model, args=args, train_dataset=rows)
        trainer.train()
    return logged(trainer, "loss", "grad_norm")


def accelerate(device: str) -> Series:
    """A loop of one's own, with accumulation, clipping and a schedule."""
    from accelerate import Accelerator
    from accelerate.utils import set_seed

    accelerator = Accelerator(cpu=device == "cpu", gradient_accumulation_steps=2)
    set_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(8, 32), torch.nn.GELU(), torch.nn.Dropout(0.1), torch.nn.Linear(32, 3))
    data = torch.utils.data.TensorDataset(torch.randn(64, 8), torch.randint(3, (64,)))
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 8)
    model, optimizer, loader, schedule = accelerator.prepare(model, optimizer, torch.utils.data.DataLoader(data, 8, shuffle=True), schedule)
    losses, norms = [], []
    for x, y in loader:
        with accelerator.accumulate(model):
            loss = torch.nn.functional.cross_entropy(model(x), y)
            accelerator.backward(loss)
            if accelerator.sync_gradients:
                norms.append(accelerator.clip_grad_norm_(model.parameters(), 0.5).item())
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
        losses.append(loss.item())
    return {"loss": losses, "norm": norms}


def lightning(device: str) -> Series:
    import lightning.pytorch as pl

    from esper_telemetry.integrations.lightning import EsperCallback

    losses: List[float] = []

    class Net(pl.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.net = torch.nn.Sequential(torch.nn.Linear(8, 32), torch.nn.BatchNorm1d(32), torch.nn.ReLU(), torch.nn.Linear(32, 1))

        def training_step(self, batch: Any, _: int) -> Any:
            loss = torch.nn.functional.mse_loss(self.net(batch[0]), batch[1])
            losses.append(loss.item())
            return loss

        def validation_step(self, batch: Any, _: int) -> None:
            losses.append(torch.nn.functional.mse_loss(self.net(batch[0]), batch[1]).item())

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), 0.05, momentum=0.9)

    pl.seed_everything(0, verbose=False)
    data = torch.utils.data.TensorDataset(torch.randn(48, 8), torch.randn(48, 1))
    loader = torch.utils.data.DataLoader(data, 8, shuffle=True)
    made: Series = {"loss": losses}
    with recorded(device, made) as run:
        trainer = pl.Trainer(
            accelerator="cpu" if device == "cpu" else "gpu", devices=1, max_epochs=2, logger=False, enable_checkpointing=False, enable_progress_bar=False,
            enable_model_summary=False, gradient_clip_val=1.0, callbacks=[EsperCallback(run)], log_every_n_steps=2,
        )  # fmt: skip
        trainer.fit(Net(), loader, loader)
    return made


def _learn(kind: str, device: str, steps: int, environment: str = "CartPole-v1", until: float = float("inf"), **options: Any) -> Series:
    """Stable-Baselines3: losses of every update that its logger has, and the return of every episode; until the mean of 20 is ``until``."""
    import stable_baselines3
    from stable_baselines3.common.callbacks import BaseCallback

    from esper_telemetry.integrations.stable_baselines3 import EsperCallback

    made: Series = {"returns": [], "loss": []}

    class Listen(BaseCallback):
        seen = -1

        def _on_step(self) -> bool:
            made["returns"] += [info["episode"]["r"] for info in self.locals["infos"] if "episode" in info]
            values = self.model.logger.name_to_value
            if values.get("train/n_updates", self.seen) != self.seen:
                self.seen = values["train/n_updates"]
                made["loss"].append([values.get(f"train/{name}") for name in ("loss", "value_loss", "actor_loss", "critic_loss", "policy_gradient_loss")])
            return len(made["returns"]) < 20 or sum(made["returns"][-20:]) < 20 * until

    torch.set_num_threads(1)
    model = getattr(stable_baselines3, kind)("MlpPolicy", environment, seed=3, device=device, **options)
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, SB3_LOGDIR=folder):  # its logger leaves one behind
        with recorded(device, made) as run:
            model.learn(steps, callback=[Listen(), EsperCallback(run)])
    return made


def sb3_ppo(device: str) -> Series:
    return _learn("PPO", device, 384, n_steps=64, batch_size=32, n_epochs=2)


def sb3_a2c(device: str) -> Series:
    return _learn("A2C", device, 100)


def sb3_dqn(device: str) -> Series:
    return _learn("DQN", device, 160, learning_starts=64, buffer_size=500, batch_size=16, target_update_interval=32)


def sb3_sac(device: str) -> Series:
    return _learn("SAC", device, 80, "Pendulum-v1", learning_starts=40, buffer_size=500, batch_size=16)


def sb3_td3(device: str) -> Series:
    # Its usual networks (400×300) have more elements than are computed.
    return _learn("TD3", device, 80, "Pendulum-v1", learning_starts=40, buffer_size=500, batch_size=16, policy_kwargs=dict(net_arch=[32, 32]))


def sb3_cartpole(device: str) -> Series:
    """Until CartPole is solved; minutes."""
    return _learn("PPO", device, 40_000, until=195, n_steps=256, batch_size=64, n_epochs=10, learning_rate=1e-3)


def ddp(device: str) -> Series:
    """One of the processes of torchrun, over gloo."""
    import torch.distributed as dist

    if not dist.is_initialized():  # one group for all devices: a second one may wait for ever on the first's keys
        dist.init_process_group("gloo")
        atexit.register(dist.destroy_process_group)
    rank = dist.get_rank()
    here = device if device == "cpu" else f"cuda:{rank % torch.cuda.device_count()}"
    torch.manual_seed(0)
    model = torch.nn.parallel.DistributedDataParallel(torch.nn.Sequential(torch.nn.Linear(8, 32), torch.nn.Tanh(), torch.nn.Linear(32, 2)).to(here))
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    generator = torch.Generator().manual_seed(rank)
    losses = []
    for _ in range(6):
        x, y = torch.randn(8, 8, generator=generator).to(here), torch.randint(2, (8,), generator=generator).to(here)
        loss = torch.nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        both = loss.detach().clone()
        dist.all_reduce(both)
        losses.append([loss.item(), both.item()])
    weight = next(model.parameters()).detach().cpu()
    parts = [torch.empty_like(weight) for _ in range(dist.get_world_size())]
    dist.all_gather(parts, weight)
    dist.barrier()
    return {"loss": losses, "same weights": [bool(torch.equal(parts[0], part)) for part in parts]}


PROGRAMS: Dict[str, Callable[[str], Series]] = {
    f.__name__: f for f in (generate, sft, grpo, lora, accelerate, lightning, sb3_ppo, sb3_a2c, sb3_dqn, sb3_sac, sb3_td3, sb3_cartpole, ddp)
}


def main(devices: str, names: List[str]) -> None:
    """On one device after another, where several are named."""
    for device, name in itertools.product(devices.split(","), names):
        began = time.process_time()
        series = PROGRAMS[name](device)
        if int(os.environ.get("RANK", "0")) == 0:
            line = {"program": name, "device": device, "seconds": round(time.process_time() - began, 1), "series": series, **on_device(device)}
            print(json.dumps(line), flush=True)


def on_device(device: str) -> Dict[str, Any]:
    if device == "cpu":
        return {"peak": 0, "reads": []}
    from esper_telemetry.standin import values

    peak = torch.cuda.max_memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    summary = values.summary()
    return {"peak": peak, "reads": summary and summary["reads"]}


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
