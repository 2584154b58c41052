"""Random numbers: the CPU generator that draws in place of a device's.

``torch.manual_seed`` seeds one state for the CPU and the device, so a program draws on the device what it would draw on the CPU. A
device generator that has a seed of its own (``torch.Generator("cuda")``, ``torch.cuda.manual_seed``) draws from a CPU generator of that seed; what
it draws depends on its seed and offset alone, so a saved state draws the same again.
"""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from typing import Dict, Iterator, Tuple

import torch

#: States of CPU generators kept (5 KB each), so that a device generator can be set back.
_KEPT = 512


class Generators:
    def __init__(self) -> None:
        #: Operators that drew.
        self.draws = 0
        self._streams: Dict[int, torch.Generator] = {}
        #: Seed → the offset at which its stream stands.
        self._offsets: Dict[int, int] = {}
        self._states: "OrderedDict[Tuple[int, int], torch.Tensor]" = OrderedDict()

    def is_shared(self, generator: torch.Generator) -> bool:
        """Whether a device's default generator has the seed of the CPU's, as after ``torch.manual_seed``."""
        return bool(generator.initial_seed() == torch.default_generator.initial_seed())

    def stream(self, generator: torch.Generator) -> torch.Generator:
        """The CPU generator of a device generator of its own seed, standing where that one stands. To be asked before the device draws;
        :meth:`drawn` follows the draw."""
        seed, offset = self._position(generator)
        stream = self._streams.get(seed)
        if stream is None:
            stream = self._streams[seed] = torch.Generator()
            self._offsets[seed] = -1
        if self._offsets[seed] != offset:
            state = self._states.get((seed, offset))
            if state is not None:
                stream.set_state(state)
            else:
                stream.manual_seed(seed if offset == 0 else hash((seed, offset)) & (2**63 - 1))
        self._states[seed, offset] = stream.get_state()
        while len(self._states) > _KEPT:
            self._states.popitem(last=False)
        return stream

    @contextlib.contextmanager
    def in_place_of_default(self, stream: torch.Generator) -> Iterator[None]:
        """For operators that take no generator."""
        default = torch.default_generator
        kept = default.get_state()
        default.set_state(stream.get_state())
        try:
            yield
        finally:
            stream.set_state(default.get_state())
            default.set_state(kept)

    def drawn(self, generator: torch.Generator) -> None:
        seed, offset = self._position(generator)
        self._offsets[seed] = offset

    @staticmethod
    def _position(generator: torch.Generator) -> Tuple[int, int]:
        """Seed and Philox offset."""
        seed, offset = generator.get_state()[-16:].view(torch.int64).tolist()
        return seed, offset
