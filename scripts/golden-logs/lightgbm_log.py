# /// script
# dependencies = ["lightgbm==4.7.0", "torch==2.15.0"]
# ///
"""LightGBM: rounds with two sets of evaluation."""
import lightgbm
import numpy as np

print("lightgbm", lightgbm.__version__)
x = np.random.default_rng(0).normal(size=(200, 4))
y = (x.sum(1) > 0).astype(int)
sets = [lightgbm.Dataset(x[:150], y[:150]), lightgbm.Dataset(x[150:], y[150:])]
settings = {"objective": "binary", "num_leaves": 4, "num_threads": 1}
lightgbm.train(settings, sets[0], 20, sets, ["train", "valid"], callbacks=[lightgbm.log_evaluation(5)])
