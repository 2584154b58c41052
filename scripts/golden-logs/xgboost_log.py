# /// script
# dependencies = ["xgboost==3.2.0", "torch==2.15.0"]
# ///
"""XGBoost: rounds with two sets of evaluation."""
import numpy as np
import xgboost

print("xgboost", xgboost.__version__)
x = np.random.default_rng(0).normal(size=(200, 4))
y = x.sum(1) > 0
train, other = xgboost.DMatrix(x[:150], y[:150]), xgboost.DMatrix(x[150:], y[150:])
xgboost.train({"objective": "binary:logistic", "max_depth": 2, "nthread": 1}, train, 6, evals=[(train, "train"), (other, "eval")])
