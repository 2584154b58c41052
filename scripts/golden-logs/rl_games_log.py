# /// script
# dependencies = ["rl-games==1.6.5", "torch==2.15.0"]
# ///
"""rl_games: its own print of an epoch, as its trainers call it; they need a simulator to run."""
from importlib.metadata import version

from rl_games.common.a2c_common import print_statistics

print("rl-games", version("rl-games"))
for epoch in (1, 2, 3):
    print_statistics(True, 32768, 0.031 + epoch / 1000, 0.047, 0.109, epoch, 3, 32768 * epoch, -1)
print("saving next best rewards: ", [12.5])
print("MAX EPOCHS NUM!")
