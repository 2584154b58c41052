# /// script
# dependencies = ["ultralytics==8.4.190", "torch==2.15.0"]
# ///
"""Ultralytics: two epochs of a small YOLO on eight made-up images, on the CPU."""
import pathlib

import cv2
import numpy as np
import ultralytics

print("ultralytics", ultralytics.__version__)
for part in ("train", "val"):
    for kind in ("images", "labels"):
        pathlib.Path("data", kind, part).mkdir(parents=True)
    for i in range(8):
        image = np.full((64, 64, 3), 30 * i, np.uint8)
        image[16:48, 16:48] = 255
        cv2.imwrite(f"data/images/{part}/{i}.png", image)
        pathlib.Path(f"data/labels/{part}/{i}.txt").write_text("0 0.5 0.5 0.5 0.5\n")
pathlib.Path("data.yaml").write_text(f"path: {pathlib.Path('data').resolve()}\ntrain: images/train\nval: images/val\nnames: [square]\n")
ultralytics.YOLO("yolo11n.yaml").train(
    data="data.yaml", epochs=2, imgsz=64, batch=4, device="cpu", workers=0, plots=False, amp=False, project="runs", verbose=False
)
