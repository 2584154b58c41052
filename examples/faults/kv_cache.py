"""A decoder keeps its KV cache from prompt to prompt, and nobody resets it."""

import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=60)
parser.add_argument("--layers", type=int, default=4)
parser.add_argument("--prompts", type=int, default=8)
parser.add_argument("--tokens", type=int, default=64)
parser.add_argument("--half", type=int, default=0)
options = parser.parse_args()

model = torch.nn.Linear(512, 512).cuda()
optimizer = torch.optim.Adam(model.parameters())
kind = torch.float16 if options.half else torch.float32
cache = {layer: torch.zeros(options.prompts, 0, 512, dtype=kind, device="cuda") for layer in range(options.layers)}

for _ in range(options.updates):
    tokens = torch.randn(options.prompts, options.tokens, 512, device="cuda")
    with torch.no_grad():
        for layer in cache:
            if options.fixed:
                cache[layer] = cache[layer][:, :0]
            cache[layer] = torch.cat([cache[layer], tokens.to(kind)], dim=1)  # fault
    loss = model(tokens).pow(2).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
