# /// script
# dependencies = ["catboost==1.2.10", "torch==2.15.0"]
# ///
"""CatBoost: rounds with a set of evaluation."""
import catboost
import numpy as np

print("catboost", catboost.__version__)
x = np.random.default_rng(0).normal(size=(200, 4))
y = (x.sum(1) > 0).astype(int)
catboost.CatBoostClassifier(iterations=10, depth=2, random_seed=0, thread_count=1).fit(x[:150], y[:150], eval_set=(x[150:], y[150:]))
