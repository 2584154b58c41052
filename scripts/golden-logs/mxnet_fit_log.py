# /// script
# requires-python = "==3.8.*"
# dependencies = ["mxnet==1.9.1", "numpy<1.24"]
# ///
"""MXNet: `Module.fit` with its Speedometer and an evaluation, three epochs."""
import logging

import mxnet as mx
import numpy as np

logging.basicConfig(level=logging.INFO)
print("mxnet", mx.__version__)
mx.random.seed(0)
np.random.seed(0)
x = np.random.normal(size=(480, 8)).astype("float32")
y = (x.sum(1) > 0).astype("float32")
net = mx.sym.SoftmaxOutput(mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=2), name="softmax")
module = mx.mod.Module(net, context=mx.cpu())
module.fit(
    mx.io.NDArrayIter(x[:400], y[:400], batch_size=10),
    eval_data=mx.io.NDArrayIter(x[400:], y[400:], batch_size=10),
    optimizer_params={"learning_rate": 0.1},
    eval_metric=["acc", "ce"],
    batch_end_callback=mx.callback.Speedometer(10, 10),
    num_epoch=3,
)
