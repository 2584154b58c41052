# /// script
# dependencies = ["paddlepaddle==3.3.1", "setuptools<81"]
# ///
"""PaddlePaddle: `paddle.Model.fit`, which prints a bar of its own, two epochs with an evaluation."""
import numpy as np
import paddle

print("paddlepaddle", paddle.__version__)
paddle.seed(0)
x = np.random.default_rng(0).normal(size=(200, 8)).astype("float32")
y = (x.sum(1) > 0).astype("int64")[:, None]


class Data(paddle.io.Dataset):
    def __init__(self, begin, end):
        super().__init__()
        self.begin, self.end = begin, end

    def __len__(self):
        return self.end - self.begin

    def __getitem__(self, at):
        return x[self.begin + at], y[self.begin + at]


model = paddle.Model(paddle.nn.Linear(8, 2))
model.prepare(
    paddle.optimizer.Adam(0.01, parameters=model.parameters()), paddle.nn.CrossEntropyLoss(), paddle.metric.Accuracy()
)
model.fit(Data(0, 160), Data(160, 200), epochs=2, batch_size=8, log_freq=5, verbose=2)
