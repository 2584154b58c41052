"""A schedule makes the beam of the search wider: all beams of a step are scored at once."""

import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=60)
parser.add_argument("--words", type=int, default=16000)
parser.add_argument("--beams", type=int, default=4)
parser.add_argument("--every", type=int, default=1)
options = parser.parse_args()

model = torch.nn.Sequential(torch.nn.Linear(256, 1024), torch.nn.GELU(), torch.nn.Linear(1024, options.words)).cuda()
optimizer = torch.optim.Adam(model.parameters())

for update in range(options.updates):
    beams = options.beams if options.fixed else options.beams + update // options.every
    with torch.no_grad():
        scores = model(torch.randn(32 * beams, 256, device="cuda")).log_softmax(dim=-1)  # fault
        best = scores.view(32, -1).topk(beams).indices % options.words
    del scores
    loss = model(torch.randn(64, 256, device="cuda")).log_softmax(dim=-1)[:, best[0]].mean().neg()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
