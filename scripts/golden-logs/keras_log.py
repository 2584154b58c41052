# /// script
# dependencies = ["keras==3.15.1", "torch==2.15.0"]
# ///
"""Keras: fit with validation, on PyTorch."""
import keras
import numpy as np

print("keras", keras.__version__)
keras.utils.set_random_seed(0)
x = np.random.randn(256, 4).astype("float32")
y = (x.sum(1, keepdims=True) > 0).astype("float32")
with keras.device("cpu"):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer=keras.optimizers.Adam(1e-2), loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=3, batch_size=32, validation_split=0.25)
