"""Every so many updates an evaluation runs its whole set at once."""

import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=70)
parser.add_argument("--every", type=int, default=20)
parser.add_argument("--rows", type=int, default=24000)
options = parser.parse_args()

model = torch.nn.Sequential(torch.nn.Linear(512, 2048), torch.nn.GELU(), torch.nn.Linear(2048, 512)).cuda()
optimizer = torch.optim.Adam(model.parameters())

for update in range(1, options.updates + 1):
    loss = model(torch.randn(1024, 512, device="cuda")).pow(2).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    if update % options.every == 0:
        parts = 16 if options.fixed else 1
        with torch.no_grad():
            for _ in range(parts):
                model(torch.randn(options.rows // parts, 512, device="cuda")).argmax(dim=-1).cpu()  # fault
