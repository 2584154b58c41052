"""Trainings that keep memory they should not, each by one line, and healthy ones: the truth is known by line.

    python -m esper_telemetry.standin --values off --memory 1GiB test/lines/programs.py RUNS [NAME …]

Every program is a function that is called once an update, and makes of it whatever it does wrong. The line that allocates what stays
(or, of two programs, what is needed more) has the comment `# guilty`. Prints one JSON line a program: its run, its set, and the guilty line. The sets were drawn before anything
was tuned: TUNED are those that were looked at, the others were held out.
"""

import collections
import copy
import functools
import gc
import inspect
import json
import queue
import sys

import torch

import esper_telemetry as esper

UPDATES = 48
PROGRAMS = {}
#: Those that need more updates, or peaks of each update.
LONGER = {"pairwise_scores": 90, "long_sample": 60}
TUNED = ("appended", "summed_losses", "concatenated", "hooked", "healthy_plain", "healthy_replaced", "pairwise_scores", "long_sample")


def program(make):
    PROGRAMS[make.__name__] = make
    return make


class Network(torch.nn.Module):
    def __init__(self, width=256):
        super().__init__()
        self.layers = torch.nn.Sequential(torch.nn.Linear(128, width), torch.nn.ReLU(), torch.nn.Linear(width, 8))

    def forward(self, rows):
        return self.layers(rows)


class Training:
    """A small training that is right: what every program has beside its fault."""

    def __init__(self, width=256):
        self.network = Network(width).cuda()
        self.optimizer = torch.optim.Adam(self.network.parameters())

    def batch(self, rows=512):
        return torch.zeros(rows, 128, device="cuda")

    def update(self, rows=512):
        loss = self.network(self.batch(rows)).pow(2).mean()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss


# --- one line keeps ---------------------------------------------------------------------------------------------


@program
def appended(training):
    kept = []

    def update(step):
        training.update()
        kept.append(torch.zeros(2**18, device="cuda"))  # guilty

    return update


@program
def summed_losses(training):
    total = torch.zeros((), device="cuda")

    def update(step):
        nonlocal total
        output = training.network.layers(training.batch(2048))  # guilty
        total = total + output.mean()

    return update


@program
def concatenated(training):
    history = torch.zeros(2**18, device="cuda")

    def update(step):
        nonlocal history
        training.update()
        new = torch.zeros(2**18, device="cuda")
        history = torch.cat([history, new])  # guilty

    return update


@program
def hooked(training):
    seen = []

    def hook(module, given, output):
        seen.append(output.detach().clone())  # guilty

    training.network.register_forward_hook(hook)

    def update(step):
        loss = training.network(training.batch(32768)).pow(2).mean()
        loss.backward()
        training.optimizer.zero_grad(set_to_none=True)

    return update


@program
def replayed(training):
    buffer = collections.deque()

    def update(step):
        observations = torch.zeros(2048, 128, device="cuda")
        buffer.append(observations.clone())  # guilty
        training.update()

    return update


@program
def cached_by_step(training):
    cache = {}

    def update(step):
        training.update()
        cache[step] = torch.ones(2**18, device="cuda")  # guilty

    return update


@program
def cyclic_garbage(training):
    class Node:
        pass

    gc.disable()

    def update(step):
        node = Node()
        node.itself = node
        node.rows = torch.zeros(2**18, device="cuda")  # guilty
        training.update()

    return update


@program
def kept_exceptions(training):
    errors = []

    def fails():
        rows = torch.zeros(2**18, device="cuda")  # guilty
        raise ValueError(rows.shape)

    def update(step):
        try:
            fails()
        except ValueError as error:
            errors.append(error)
        training.update()

    return update


@program
def optimizers_kept(training):
    optimizers = []

    def update(step):
        optimizer = torch.optim.Adam(training.network.parameters())
        training.network(training.batch()).mean().backward()
        optimizer.step()  # guilty
        optimizer.zero_grad(set_to_none=True)
        optimizers.append(optimizer)

    training.network = Network(1024).cuda()
    return update


@program
def weights_snapshot(training):
    training.network = Network(1024).cuda()
    snapshots = []

    def update(step):
        training.network(training.batch()).mean().backward()
        snapshots.append({name: value.clone() for name, value in training.network.state_dict().items()})  # guilty
        training.network.zero_grad(set_to_none=True)

    return update


@program
def keys_and_values(training):
    past = torch.zeros(8, 16, 64, device="cuda")

    def update(step):
        nonlocal past
        training.update()
        new = torch.zeros(8, 256, 64, device="cuda")
        past = torch.cat([past, new], dim=1)  # guilty

    return update


@program
def lru_cached(training):
    @functools.lru_cache(maxsize=None)
    def mask(length):
        return torch.ones(1024, length, device="cuda")  # guilty

    def update(step):
        mask(256 + step)
        training.update()

    return update


@program
def dataset_cache(training):
    class Dataset:
        def __init__(self):
            self.known = {}

        def item(self, index):
            if index not in self.known:
                self.known[index] = torch.zeros(2048, 128).cuda()  # guilty
            return self.known[index]

    dataset = Dataset()

    def update(step):
        training.network(dataset.item(step)).mean().backward()
        training.network.zero_grad(set_to_none=True)

    return update


@program
def gradients_kept(training):
    training.network = Network(1024).cuda()
    log = []

    def update(step):
        training.network(training.batch()).mean().backward()
        for parameter in training.network.parameters():
            log.append(parameter.grad.clone())  # guilty
        training.network.zero_grad(set_to_none=True)

    return update


@program
def a_view_keeps_all(training):
    firsts = []

    def update(step):
        rows = torch.zeros(2048, 128, device="cuda")  # guilty
        firsts.append(rows[0])
        training.update()

    return update


@program
def default_argument(training):
    def remember(rows, seen=[]):
        seen.append(rows * 2)  # guilty
        return len(seen)

    def update(step):
        remember(training.batch(2048))
        training.update()

    return update


@program
def copies_of_the_model(training):
    training.network = Network(1024).cuda()
    copies = []

    def update(step):
        training.network(training.batch()).mean().backward()
        training.network.zero_grad(set_to_none=True)
        copies.append(copy.deepcopy(training.network))  # guilty

    return update


@program
def queue_without_reader(training):
    waiting = queue.Queue()

    def update(step):
        waiting.put(training.batch(2048) + 1)  # guilty
        training.update()

    return update


@program
def hidden_state(training):
    cell = torch.nn.Linear(512, 512).cuda()
    hidden = torch.zeros(1024, 512, device="cuda")

    def update(step):
        nonlocal hidden
        hidden = cell(hidden)  # guilty
        training.update()

    return update


@program
def registered_buffers(training):
    def update(step):
        training.update()
        training.network.register_buffer(f"state_{step}", torch.zeros(2**18, device="cuda"))  # guilty

    return update


@program
def logits_for_later(training):
    predictions = []

    def update(step):
        with torch.no_grad():
            predictions.append(torch.softmax(training.network(training.batch(65536)), dim=1))  # guilty
        training.update()

    return update


@program
def advantages(training):
    episodes = []

    def returns(rewards):
        discounted = torch.zeros_like(rewards)  # guilty
        return discounted

    def update(step):
        rewards = torch.zeros(2**18, device="cuda")
        episodes.append(returns(rewards))
        training.update()

    return update


@program
def instance_attribute(training):
    class Agent:
        def __init__(self):
            self.rollouts = []

        def act(self):
            noise = torch.randn(2**18, device="cuda")  # guilty
            self.rollouts.append(noise)

    agent = Agent()

    def update(step):
        agent.act()
        training.update()

    return update


@program
def generator_keeps(training):
    def batches():
        kept = []
        while True:
            kept.append(torch.zeros(2048, 128, device="cuda"))  # guilty
            yield kept[-1]

    source = batches()

    def update(step):
        training.network(next(source)).mean().backward()
        training.network.zero_grad(set_to_none=True)

    return update


@program
def class_attribute(training):
    class Metrics:
        values = []

        @classmethod
        def add(cls, value):
            cls.values.append(value.expand(2**18).contiguous())  # guilty

    def update(step):
        Metrics.add(training.update().detach())

    return update


@program
def uploads(training):
    frames = []

    def update(step):
        image = torch.zeros(3, 512, 171)
        frames.append(image.to("cuda"))  # guilty
        training.update()

    return update


@program
def every_other_update(training):
    kept = []

    def update(step):
        training.update()
        if step % 2 == 0:
            kept.append(torch.zeros(2**19, device="cuda"))  # guilty

    return update


@program
def large_and_small(training):
    kept = []

    def update(step):
        scratch = torch.zeros(2**21, device="cuda")
        training.update()
        kept.append(torch.zeros(2**17, device="cuda"))  # guilty
        del scratch

    return update


@program
def partial_function(training):
    stored = []

    def make(size):
        return torch.full((size,), 1.0, device="cuda")  # guilty

    made = functools.partial(make, 2**18)

    def update(step):
        stored.append(made())
        training.update()

    return update


@program
def stacked_frames(training):
    window = [torch.zeros(2**16, device="cuda")]

    def update(step):
        training.update()
        window.append(torch.stack([window[0], window[0], window[0], window[0]]))  # guilty

    return update


@program
def context_manager(training):
    kept = []

    class Timer:
        def __enter__(self):
            self.buffer = torch.zeros(2**18, device="cuda")  # guilty
            kept.append(self)

        def __exit__(self, *_):
            return False

    def update(step):
        with Timer():
            training.update()

    return update


@program
def double_precision(training):
    sums = []

    def update(step):
        training.update()
        sums.append(training.batch(1024).double())  # guilty

    return update


@program
def sorted_indices(training):
    ranks = []

    def update(step):
        scores = torch.zeros(2**17, device="cuda")
        ranks.append(scores.argsort())  # guilty
        training.update()

    return update


@program
def closures(training):
    callbacks = []

    def later(rows):
        mean = rows + 1  # guilty
        return lambda: mean

    def update(step):
        callbacks.append(later(training.batch(2048)))
        training.update()

    return update


@program
def checkpoints_in_memory(training):
    training.network = Network(1024).cuda()
    best = []

    def update(step):
        training.network(training.batch()).mean().backward()
        training.network.zero_grad(set_to_none=True)
        best.append(torch.nn.utils.parameters_to_vector(training.network.parameters()).detach())  # guilty

    return update


# --- one line needs more, and frees it --------------------------------------------------------------------------


@program
def pairwise_scores(training):
    def update(step):
        rows = training.batch(1024 + 64 * step)
        scores = rows @ rows.T  # guilty
        training.network(rows + scores.mean()).mean().backward()

    return update


@program
def long_sample(training):
    def update(step):
        training.update()
        rows = training.batch(12000 if step % 22 == 0 else 512)
        torch.cdist(rows, rows, compute_mode="donot_use_mm_for_euclid_dist").sum()  # guilty

    return update


# --- healthy ----------------------------------------------------------------------------------------------------


@program
def healthy_plain(training):
    return lambda step: training.update()


@program
def healthy_replaced(training):
    kept = []

    def update(step):
        training.update()
        kept[:] = [torch.zeros(2**20, device="cuda") for _ in range(4)]

    return update


@program
def healthy_ring(training):
    ring = collections.deque(maxlen=8)

    def update(step):
        ring.append(torch.zeros(2**18, device="cuda"))
        training.update()

    return update


@program
def healthy_sizes(training):
    def update(step):
        training.update(256 + 512 * (step * 7 % 5))

    return update


@program
def healthy_evaluation(training):
    def update(step):
        training.update()
        if step % 10 == 0:
            with torch.no_grad():
                training.network(training.batch(65536))

    return update


@program
def healthy_accumulation(training):
    def update(step):
        for _ in range(4):
            training.network(training.batch()).mean().backward()
        training.optimizer.step()
        training.optimizer.zero_grad(set_to_none=False)

    return update


# --- running them -----------------------------------------------------------------------------------------------


def guilty_line(make):
    source, first = inspect.getsourcelines(make)
    lines = [first + i for i, text in enumerate(source) if text.rstrip().endswith("# guilty")]
    return f"programs.py:{lines[0]}" if lines else None


def main(runs, names):
    for name in names or PROGRAMS:
        make = PROGRAMS[name]
        torch.manual_seed(1)
        training = Training()
        update = make(training)
        updates = LONGER.get(name, UPDATES)
        peaks = {"reset_peaks": name in LONGER}
        run = esper.start(name, runs=runs, max_steps=updates, attribution=True, sample_host=0, sample_driver=0, **peaks)
        for step in range(1, updates + 1):
            update(step)
            run.step(step=step, step_ms=100)
        run.finish()
        del update, training
        gc.enable()
        gc.collect()
        torch.cuda.empty_cache()
        truth = {"name": name, "run": run.id, "set": "tuned" if name in TUNED else "held out", "guilty": guilty_line(make)}
        print(json.dumps({**truth, "failures": run.failures}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
