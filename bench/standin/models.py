"""Models of everyday sizes, trained for some steps from configuration alone: ``models.py NAME``, or ``models.py`` for all, each in a fork of its own.

Each prints a line of JSON: PyTorch's allocator in figures, and what the process holds of the device beside it. On a real GPU this is what the stand-in
device is held against (docs/reliability.md). Nothing is downloaded; what a library's absence leaves out is named.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from typing import Any, Callable, Dict, List

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")

import torch
import torch.nn.functional as F
from torch import Tensor, nn

STEPS = 4
MODELS: Dict[str, Callable[[], None]] = {}


def model(make: Callable[[], None]) -> Callable[[], None]:
    MODELS[make.__name__] = make
    return make


def images(count: int, side: int, channels: int = 3) -> Tensor:
    return torch.randn(count, channels, side, side, device="cuda")


def classes(count: int, of: int = 1000) -> Tensor:
    return torch.randint(of, (count,), device="cuda")


def train(net: nn.Module, loss: Callable[[nn.Module], Tensor], make: Any = torch.optim.AdamW, precision: "torch.dtype | None" = None, **options: Any) -> None:
    net = net.cuda()
    optimizer = make(net.parameters(), lr=1e-3, **options)
    for _ in range(STEPS):
        with torch.autocast("cuda", dtype=precision or torch.bfloat16, enabled=precision is not None):
            now = loss(net)
        optimizer.zero_grad(set_to_none=True)
        now.backward()
        optimizer.step()


def classified(net: nn.Module, count: int, side: int, **options: Any) -> None:
    train(net, lambda m: F.cross_entropy(m(images(count, side)), classes(count)), **options)


# --- convolutions: cuDNN ----------------------------------------------------------------------------------------------


@model
def resnet50() -> None:
    import torchvision

    classified(torchvision.models.resnet50(), 32, 224, make=torch.optim.SGD, momentum=0.9)


@model
def resnet50_channels_last() -> None:
    import torchvision

    net = torchvision.models.resnet50().to(memory_format=torch.channels_last)
    train(
        net,
        lambda m: F.cross_entropy(m(images(64, 224).to(memory_format=torch.channels_last)), classes(64)),
        precision=torch.bfloat16,
    )


@model
def resnet18_benchmark() -> None:
    """cuDNN tries its algorithms, with a workspace for each."""
    import torchvision

    torch.backends.cudnn.benchmark = True
    classified(torchvision.models.resnet18(), 64, 224, make=torch.optim.SGD)


@model
def resnet18_half() -> None:
    import torchvision

    classified(torchvision.models.resnet18(), 64, 224, precision=torch.float16)


@model
def vgg16() -> None:
    import torchvision

    classified(torchvision.models.vgg16(), 16, 224, make=torch.optim.SGD)


@model
def convnext_tiny() -> None:
    import torchvision

    classified(torchvision.models.convnext_tiny(), 16, 224)


@model
def efficientnet_b0() -> None:
    import torchvision

    classified(torchvision.models.efficientnet_b0(), 32, 224)


@model
def mobilenet_v3() -> None:
    import torchvision

    classified(torchvision.models.mobilenet_v3_large(), 64, 224, precision=torch.bfloat16)


@model
def video_3d() -> None:
    import torchvision

    train(torchvision.models.video.r3d_18(), lambda m: F.cross_entropy(m(torch.randn(4, 3, 16, 112, 112, device="cuda")), classes(4, 400)))


@model
def segmentation() -> None:
    import torchvision

    net = torchvision.models.segmentation.deeplabv3_resnet50(weights=None, weights_backbone=None)
    train(net, lambda m: F.cross_entropy(m(images(4, 256))["out"], torch.randint(21, (4, 256, 256), device="cuda")))


@model
def detection() -> None:
    import torchvision

    net = torchvision.models.detection.fasterrcnn_mobilenet_v3_large_fpn(weights=None, weights_backbone=None)
    boxes = [dict(boxes=torch.tensor([[10.0, 10, 90, 120], [30, 40, 200, 210]], device="cuda"), labels=torch.tensor([1, 2], device="cuda")) for _ in range(2)]
    train(net, lambda m: sum(m(list(images(2, 320)), boxes).values()))  # type: ignore[arg-type, return-value]


@model
def unet() -> None:
    """A denoiser: strided and transposed convolutions, group norms, attention in the middle."""

    class Step(nn.Module):
        def __init__(self, i: int, o: int) -> None:
            super().__init__()
            self.norm, self.a, self.b, self.skip = nn.GroupNorm(8, i), nn.Conv2d(i, o, 3, padding=1), nn.Conv2d(o, o, 3, padding=1), nn.Conv2d(i, o, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.skip(x) + self.b(F.silu(self.a(F.silu(self.norm(x)))))

    class UNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Conv2d(4, 64, 3, padding=1)
            self.down = nn.ModuleList([Step(64, 64), Step(64, 128), Step(128, 256)])
            self.middle = nn.MultiheadAttention(256, 8, batch_first=True)
            self.up = nn.ModuleList([Step(512, 128), Step(256, 64), Step(128, 64)])
            self.larger = nn.ModuleList([nn.ConvTranspose2d(256, 256, 2, 2), nn.ConvTranspose2d(128, 128, 2, 2), nn.ConvTranspose2d(64, 64, 2, 2)])
            self.last = nn.Conv2d(64, 4, 3, padding=1)

        def forward(self, x: Tensor) -> Tensor:
            x, kept = self.first(x), []
            for down in self.down:
                kept.append(down(x))
                x = F.avg_pool2d(kept[-1], 2)
            flat = x.flatten(2).transpose(1, 2)
            x = x + self.middle(flat, flat, flat)[0].transpose(1, 2).reshape(x.shape)
            for up, larger in zip(self.up, self.larger):
                x = up(torch.cat([larger(x), kept.pop()], 1))
            return self.last(x)

    train(UNet(), lambda m: F.mse_loss(m(images(8, 64, 4)), images(8, 64, 4)), precision=torch.bfloat16)


@model
def gan() -> None:
    g = nn.Sequential(*(layer for i, o in ((100, 512), (512, 256), (256, 128), (128, 3)) for layer in (nn.ConvTranspose2d(i, o, 4, 2, 1), nn.BatchNorm2d(o), nn.ReLU()))).cuda()
    d = nn.Sequential(*(layer for i, o in ((3, 128), (128, 256), (256, 512), (512, 1)) for layer in (nn.Conv2d(i, o, 4, 2, 1), nn.LeakyReLU(0.2)))).cuda()
    of_g, of_d = torch.optim.Adam(g.parameters()), torch.optim.Adam(d.parameters())
    for _ in range(STEPS):
        made = g(torch.randn(64, 100, 4, 4, device="cuda"))
        of_d.zero_grad()
        (d(made.detach()).mean() - d(images(64, 64)).mean()).backward()
        of_d.step()
        of_g.zero_grad()
        (-d(made).mean()).backward()
        of_g.step()


# --- recurrent: cuDNN's own ------------------------------------------------------------------------------------------


class Recurrent(nn.Module):
    def __init__(self, kind: Any, **options: Any) -> None:
        super().__init__()
        self.table, self.net, self.out = nn.Embedding(8000, 512), kind(512, 512, 2, batch_first=True, **options), nn.LazyLinear(8000)

    def forward(self, tokens: Tensor) -> Tensor:
        out: Tensor = self.out(self.net(self.table(tokens))[0])
        return out


def spoken(net: nn.Module, count: int, length: int, of: int, **options: Any) -> None:
    def loss(m: nn.Module) -> Tensor:
        tokens = torch.randint(of, (count, length + 1), device="cuda")
        return F.cross_entropy(m(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten())

    net.cuda()(torch.zeros(1, 2, dtype=torch.long, device="cuda"))
    train(net, loss, **options)


@model
def lstm() -> None:
    spoken(Recurrent(nn.LSTM, dropout=0.1), 32, 128, 8000)


@model
def gru_both_ways() -> None:
    spoken(Recurrent(nn.GRU, bidirectional=True), 32, 128, 8000, precision=torch.float16)


# --- transformers: cuBLAS, attention ----------------------------------------------------------------------------------


def language(net: nn.Module, count: int, length: int, of: int, **options: Any) -> None:
    def loss(m: nn.Module) -> Tensor:
        tokens = torch.randint(of, (count, length), device="cuda")
        found: Tensor = m(input_ids=tokens, labels=tokens).loss
        return found

    train(net, loss, **options)


@model
def gpt2() -> None:
    from transformers import GPT2Config, GPT2LMHeadModel

    language(GPT2LMHeadModel(GPT2Config()), 8, 1024, 50257, precision=torch.bfloat16)


@model
def gpt2_full_precision() -> None:
    from transformers import GPT2Config, GPT2LMHeadModel

    language(GPT2LMHeadModel(GPT2Config()), 2, 512, 50257, fused=True)


@model
def gpt2_checkpointed() -> None:
    from transformers import GPT2Config, GPT2LMHeadModel

    net = GPT2LMHeadModel(GPT2Config())
    net.gradient_checkpointing_enable()
    net.train()
    language(net, 8, 1024, 50257, precision=torch.bfloat16)


@model
def llama_bfloat16() -> None:
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(vocab_size=32000, hidden_size=1024, intermediate_size=2816, num_hidden_layers=8, num_attention_heads=16, num_key_value_heads=4)
    language(LlamaForCausalLM(config).to(torch.bfloat16), 4, 1024, 32000, fused=True)


@model
def bert() -> None:
    from transformers import BertConfig, BertForMaskedLM

    language(BertForMaskedLM(BertConfig()), 16, 256, 30522, precision=torch.float16)


@model
def t5_small() -> None:
    from transformers import T5Config, T5ForConditionalGeneration

    language(T5ForConditionalGeneration(T5Config(decoder_start_token_id=0)), 8, 256, 32000)


@model
def vit_b_16() -> None:
    import torchvision

    classified(torchvision.models.vit_b_16(), 16, 224, precision=torch.bfloat16)


@model
def swin_t() -> None:
    import torchvision

    classified(torchvision.models.swin_t(), 8, 224)


@model
def lora() -> None:
    from peft import LoraConfig, get_peft_model
    from transformers import GPT2Config, GPT2LMHeadModel

    net = get_peft_model(GPT2LMHeadModel(GPT2Config()).to(torch.bfloat16), LoraConfig(r=8, target_modules=["c_attn"], task_type="CAUSAL_LM", fan_in_fan_out=True))
    language(net, 4, 512, 50257)


@model
def generate() -> None:
    """Inference with a growing cache of keys and values."""
    from transformers import GPT2Config, GPT2LMHeadModel

    net = GPT2LMHeadModel(GPT2Config(eos_token_id=None, bos_token_id=0, pad_token_id=0)).to("cuda", torch.bfloat16).eval()
    with torch.no_grad():
        net.generate(torch.randint(50257, (8, 64), device="cuda"), max_new_tokens=32, min_new_tokens=32, do_sample=False)


@model
def encoder_layers() -> None:
    layer = nn.TransformerEncoderLayer(512, 8, 2048, batch_first=True)
    train(nn.TransformerEncoder(layer, 6), lambda m: m(torch.randn(32, 256, 512, device="cuda")).square().mean())


def attended(backend: str, precision: torch.dtype, length: int) -> None:
    from torch.nn.attention import SDPBackend, sdpa_kernel

    q, k, v = (torch.randn(4, 16, length, 64, device="cuda", dtype=precision, requires_grad=True) for _ in range(3))
    with sdpa_kernel(getattr(SDPBackend, backend)):
        for _ in range(STEPS):
            F.scaled_dot_product_attention(q, k, v, is_causal=True).sum().backward()


@model
def attention_flash() -> None:
    attended("FLASH_ATTENTION", torch.bfloat16, 2048)


@model
def attention_efficient() -> None:
    attended("EFFICIENT_ATTENTION", torch.float32, 1024)


@model
def attention_math() -> None:
    attended("MATH", torch.float32, 512)


@model
def attention_cudnn() -> None:
    attended("CUDNN_ATTENTION", torch.bfloat16, 2048)


# --- others -----------------------------------------------------------------------------------------------------------


@model
def graph_network() -> None:
    from torch_geometric.nn import GCNConv

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = GCNConv(128, 256), GCNConv(256, 40)

        def forward(self, x: Tensor, edges: Tensor) -> Tensor:
            return self.b(F.relu(self.a(x, edges)), edges)  # type: ignore[no-any-return]

    x, edges = torch.randn(20_000, 128, device="cuda"), torch.randint(20_000, (2, 200_000), device="cuda")
    train(Net(), lambda m: F.cross_entropy(m(x, edges), classes(20_000, 40)))


@model
def recommender() -> None:
    bags = nn.EmbeddingBag(1_000_000, 64, mode="sum", sparse=True).cuda()
    top = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 1)).cuda()
    of_bags, of_top = torch.optim.SparseAdam(bags.parameters()), torch.optim.AdamW(top.parameters())
    for _ in range(STEPS):
        loss = top(bags(torch.randint(1_000_000, (4096, 20), device="cuda"))).square().mean()
        of_bags.zero_grad()
        of_top.zero_grad()
        loss.backward()
        of_bags.step()
        of_top.step()


@model
def matrices() -> None:
    """cuBLAS in every precision, batched and not; cuSOLVER, cuFFT, sorting."""
    for kind in (torch.float32, torch.float16, torch.bfloat16, torch.float64):
        a = torch.randn(2048, 2048, device="cuda", dtype=kind)
        (a @ a, torch.bmm(a.view(8, 512, 1024), a.view(8, 1024, 512)), torch.addmm(a, a, a), F.linear(a, a, a[0]))
    a = torch.randn(1024, 1024, device="cuda")
    spd = a @ a.T + 1024 * torch.eye(1024, device="cuda")
    (torch.linalg.cholesky(spd), torch.linalg.solve(spd, a), torch.linalg.qr(a), torch.linalg.eigh(spd), torch.linalg.svd(a), torch.linalg.inv(spd))
    (torch.fft.rfft2(a), torch.sort(a.flatten()), torch.topk(a, 10), a.flatten().cumsum(0), torch.unique(a.round()), torch.multinomial(a.abs(), 5))


@model
def compiled() -> None:
    net = nn.Sequential(nn.Linear(1024, 4096), nn.GELU(), nn.LayerNorm(4096), nn.Linear(4096, 1024)).cuda()
    fast = torch.compile(net)
    train(net, lambda _: fast(torch.randn(512, 1024, device="cuda")).square().mean())


@model
def captured() -> None:
    """A CUDA graph with a pool of its own."""
    net = nn.Sequential(*[nn.Linear(1024, 1024) for _ in range(8)]).cuda()
    optimizer = torch.optim.AdamW(net.parameters(), capturable=True)
    x = torch.randn(256, 1024, device="cuda")

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        net(x).square().mean().backward()
        optimizer.step()

    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    for _ in range(STEPS):
        graph.replay()


def figures() -> Dict[str, Any]:
    """Bytes. ``beside``: what the driver counts as this process's and PyTorch's allocator has not; None where the driver does not tell."""
    torch.cuda.synchronize()
    stats = torch.cuda.memory_stats()
    held = held_bytes()
    events: List[Any] = torch.cuda.memory._snapshot()["device_traces"][0]
    rows = [[event["action"], event["size"]] for event in events]
    return {
        "peakRequestedBytes": stats["requested_bytes.all.peak"],
        "peakAllocatedBytes": stats["allocated_bytes.all.peak"],
        "peakReservedBytes": stats["reserved_bytes.all.peak"],
        "allocations": stats["allocation.all.allocated"],
        "retries": stats["num_alloc_retries"],
        "besideBytes": None if held is None else held - stats["reserved_bytes.all.current"],
        "events": rows,
    }


def held_bytes() -> "int | None":
    """Of the device, by this process, as nvidia-smi has it (whole MiB)."""
    asked = subprocess.run(["nvidia-smi", "--query-compute-apps=pid,used_memory", "--format=csv,noheader,nounits"], capture_output=True, text=True)
    rows = [line.split(", ") for line in asked.stdout.splitlines()]
    return next((int(used) * 2**20 for pid, used in rows if pid == str(os.getpid()) and used.isdigit()), None)


def play(name: str) -> Dict[str, Any]:
    torch.manual_seed(0)
    torch.cuda.init()
    torch.cuda.memory._record_memory_history(context=None, max_entries=10**7)
    MODELS[name]()
    gc.collect()
    return figures()


def main() -> None:
    for name in sys.argv[1:] or MODELS:
        pid = os.fork()
        if pid == 0:
            try:
                found = play(name)
            except ImportError as error:
                found = {"left": str(error)}
            except BaseException as error:
                found = {"problem": f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"}
            print(json.dumps({"name": name, **found}), flush=True)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        if status:
            print(json.dumps({"name": name, "problem": f"ended by {status}"}), flush=True)


if __name__ == "__main__":
    main()
