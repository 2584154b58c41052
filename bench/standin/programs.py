"""Real programs, as people write them, from configuration alone: ``programs.py NAME``. They know nothing of Esper, and ask for ``cuda``.

bench/programs.py runs each under ``esper run`` and ``esper rehearse``. Nothing is downloaded; models are small, so that each takes seconds.
"""

from __future__ import annotations

import os
import sys
import tempfile
from typing import Any, Dict, List

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", TOKENIZERS_PARALLELISM="false", WANDB_MODE="disabled")

import torch

STEPS = 8
WORDS = "the a cat dog bird sat ran flew on over under mat hill tree and then it was warm cold red blue .".split()


def arguments(folder: str, **more: Any) -> Dict[str, Any]:
    return {
        **dict(output_dir=folder, report_to=[], save_strategy="no", disable_tqdm=True, logging_steps=1, max_steps=STEPS, per_device_train_batch_size=4),
        **more,
    }


def train(model: Any, rows: List[Dict[str, Any]], **more: Any) -> None:
    from transformers import Trainer, TrainingArguments

    with tempfile.TemporaryDirectory() as folder:
        Trainer(model=model, args=TrainingArguments(**arguments(folder, **more)), train_dataset=rows).train()


def tokens(count: int, vocabulary: int) -> List[Dict[str, Any]]:
    generator = torch.Generator().manual_seed(0)
    made = [torch.randint(3, vocabulary, (64,), generator=generator).tolist() for _ in range(count)]
    return [dict(input_ids=row, labels=row) for row in made]


def gpt2() -> None:
    from transformers import GPT2Config, GPT2LMHeadModel

    train(GPT2LMHeadModel(GPT2Config(vocab_size=2000, n_positions=64, n_embd=256, n_layer=4, n_head=4)), tokens(64, 2000), bf16=True)


def bert() -> None:
    from transformers import BertConfig, BertForMaskedLM

    train(BertForMaskedLM(BertConfig(vocab_size=2000, hidden_size=256, num_hidden_layers=4, num_attention_heads=4, intermediate_size=512)), tokens(64, 2000))


def t5() -> None:
    from transformers import T5Config, T5ForConditionalGeneration

    config = T5Config(vocab_size=2000, d_model=256, d_kv=64, d_ff=512, num_layers=3, num_heads=4, decoder_start_token_id=0)
    train(T5ForConditionalGeneration(config), tokens(64, 2000), gradient_accumulation_steps=2)


def vit() -> None:
    from transformers import ViTConfig, ViTForImageClassification

    rows = [dict(pixel_values=torch.randn(3, 64, 64), labels=i % 5) for i in range(64)]
    config = ViTConfig(image_size=64, patch_size=8, hidden_size=192, num_hidden_layers=4, num_attention_heads=3, intermediate_size=384, num_labels=5)
    train(ViTForImageClassification(config), rows, gradient_checkpointing=True)


def tokenizer() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    vocabulary = {word: i for i, word in enumerate(["<pad>", "<eos>", "<unk>", *WORDS])}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(tokenizer_object=made, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>")


def llama() -> Any:
    from transformers import LlamaConfig, LlamaForCausalLM

    size = dict(hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2)
    return LlamaForCausalLM(LlamaConfig(vocab_size=len(WORDS) + 3, max_position_embeddings=128, pad_token_id=0, eos_token_id=1, bos_token_id=1, **size))


def sentence(seed: int) -> str:
    return " ".join(WORDS[(seed * 7 + i * 5) % len(WORDS)] for i in range(5 + seed % 9))


def sft() -> None:
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    with tempfile.TemporaryDirectory() as folder:
        rows = Dataset.from_dict({"text": [sentence(i) for i in range(80)]})
        args = SFTConfig(**arguments(folder, per_device_train_batch_size=2), packing=True, max_length=32)
        SFTTrainer(model=llama(), args=args, train_dataset=rows, processing_class=tokenizer()).train()


def grpo() -> None:
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer

    def reward(completions: List[str], **_: Any) -> List[float]:
        return [completion.split().count("cat") / 8 for completion in completions]

    with tempfile.TemporaryDirectory() as folder:
        rows = Dataset.from_dict({"prompt": [sentence(i) for i in range(40)]})
        args = GRPOConfig(**arguments(folder, max_steps=5), num_generations=4, max_completion_length=8)
        GRPOTrainer(model=llama(), reward_funcs=reward, args=args, train_dataset=rows, processing_class=tokenizer()).train()


def lora() -> None:
    from peft import LoraConfig, get_peft_model

    model = get_peft_model(llama(), LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
    train(model, tokens(64, len(WORDS)))


def lightning() -> None:
    import lightning.pytorch as pl

    class Net(pl.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.net = torch.nn.Sequential(torch.nn.Linear(64, 512), torch.nn.BatchNorm1d(512), torch.nn.ReLU(), torch.nn.Linear(512, 10))

        def training_step(self, batch: Any, _: int) -> Any:
            loss = torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])
            self.log("train_loss", loss)
            return loss

        def configure_optimizers(self) -> Any:
            return torch.optim.AdamW(self.parameters())

    data = torch.utils.data.TensorDataset(torch.randn(256, 64), torch.randint(10, (256,)))
    trainer = pl.Trainer(accelerator="gpu", devices=1, max_epochs=2, logger=False, enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False)
    trainer.fit(Net(), torch.utils.data.DataLoader(data, 32))


def ppo() -> None:
    from stable_baselines3 import PPO

    PPO("MlpPolicy", "CartPole-v1", n_steps=64, batch_size=32, n_epochs=2, device="cuda").learn(192)


def resnet50() -> None:
    import torchvision

    model = torchvision.models.resnet50(num_classes=10).cuda()
    optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    for _ in range(STEPS):
        loss = torch.nn.functional.cross_entropy(model(torch.randn(4, 3, 64, 64, device="cuda")), torch.randint(10, (4,), device="cuda"))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def nanogpt() -> None:
    """Accumulation, mixed precision with a scaler, clipping, a compiled model where it can be."""
    from torch import nn

    class Block(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
            self.mix, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            b, t, c = x.shape
            q, k, v = (part.view(b, t, 4, c // 4).transpose(1, 2) for part in self.mix(self.before(x)).chunk(3, -1))
            y = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.out(y.transpose(1, 2).reshape(b, t, c))
            return x + self.mlp(self.after(x))

    model = nn.Sequential(nn.Embedding(512, 128), *(Block(128) for _ in range(4)), nn.LayerNorm(128), nn.Linear(128, 512)).to("cuda")
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    scaler = torch.amp.GradScaler("cuda")
    for step in range(STEPS):
        for _ in range(2):
            x = torch.randint(512, (4, 65), device="cuda")
            with torch.autocast("cuda", torch.float16):
                loss = nn.functional.cross_entropy(model(x[:, :-1]).flatten(0, 1), x[:, 1:].flatten())
            scaler.scale(loss / 2).backward()
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad(set_to_none=True)
        print(f"iter {step}: loss {loss.item():.4f}", flush=True)


def ddp() -> None:
    """Under torchrun."""
    import torch.distributed as dist

    dist.init_process_group("nccl")
    torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    model = torch.nn.Sequential(torch.nn.Linear(256, 1024), torch.nn.GELU(), torch.nn.Linear(1024, 10)).cuda()
    model = torch.nn.parallel.DistributedDataParallel(model)
    optimizer = torch.optim.AdamW(model.parameters())
    for _ in range(STEPS):
        loss = torch.nn.functional.cross_entropy(model(torch.randn(32, 256, device="cuda")), torch.randint(10, (32,), device="cuda"))
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    dist.destroy_process_group()


if __name__ == "__main__":
    globals()[sys.argv[1]]()
