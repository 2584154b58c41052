# /// script
# dependencies = ["torch==2.15.0", "torchvision==0.29.2", "fvcore==0.1.5.post20221221", "iopath", "omegaconf", "hydra-core", "pycocotools", "cloudpickle", "tabulate", "termcolor", "yacs", "matplotlib", "pillow", "tensorboard"]
# ///
# source: https://github.com/facebookresearch/detectron2 02b5c4e295e990042a714712c21dc79b731e8833
# cut: /Environment info:/,/^$/d; /Command line arguments/d; /^MODEL:/,/^OUTPUT_DIR/{/^OUTPUT_DIR/!d}
"""detectron2: its trainer of 70 iterations, with a network and data that are made up; its compiled operators are not needed."""
import os
import sys

sys.path.insert(0, os.environ["SOURCE"])
import detectron2
import torch
from detectron2.config import get_cfg
from detectron2.engine import DefaultTrainer, default_argument_parser, default_setup

print("detectron2", detectron2.__version__, flush=True)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Linear(4, 3)
        self.box = torch.nn.Linear(4, 4)

    def forward(self, batch):
        x = torch.stack([row["x"] for row in batch]).to(self.net.weight.device)
        kind = torch.tensor([row["kind"] for row in batch], device=x.device)
        return {"loss_cls": torch.nn.functional.cross_entropy(self.net(x), kind), "loss_box_reg": (self.box(x) - x).abs().mean()}


class Trainer(DefaultTrainer):
    @classmethod
    def build_model(cls, cfg):
        return Net().to(cfg.MODEL.DEVICE)

    @classmethod
    def build_train_loader(cls, cfg):
        torch.manual_seed(0)
        rows = [{"x": torch.rand(4), "kind": i % 3} for i in range(16)]
        while True:
            for at in range(0, 16, 4):
                yield rows[at : at + 4]


config = get_cfg()
config.OUTPUT_DIR = "out"
config.SOLVER.MAX_ITER = 70
config.SOLVER.BASE_LR = 0.05
config.SOLVER.STEPS = (50,)
config.SOLVER.WARMUP_ITERS = 10
config.SOLVER.CHECKPOINT_PERIOD = 40
config.DATASETS.TRAIN = ()
config.DATASETS.TEST = ()
config.SEED = 1
default_setup(config, default_argument_parser().parse_args([]))
trainer = Trainer(config)
trainer.resume_or_load(resume=False)
trainer.train()
