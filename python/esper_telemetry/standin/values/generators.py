"""Random numbers: the CPU generator that draws in place of a device's.

``torch.manual_seed`` seeds one state for the CPU and the device, so a program draws on the device what it would draw on the CPU: the device's default
generator *follows* the CPU's. A device generator that has a seed of its own (``torch.Generator("cuda")``, ``torch.cuda.manual_seed``) draws from a CPU
generator of that seed. What a device generator draws depends on its seed and offset alone, so a saved state draws the same again: one that follows the
CPU's keeps the CPU's state at each of its offsets, and draws from that where it was set back without the CPU.
"""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from typing import Any, Dict, Hashable, Iterator, Optional, Tuple

import torch

#: States of CPU generators kept (5 KB each), so that a device generator can be set back.
_KEPT = 512

#: A device generator: its seed, and for a default one also its device.
_Track = Tuple[int, Hashable]


class Generators:
    def __init__(self) -> None:
        #: Operators that drew.
        self.draws = 0
        self._streams: Dict[_Track, torch.Generator] = {}
        #: The offset at which a stream stands.
        self._offsets: Dict[_Track, int] = {}
        #: How far a default generator has followed the CPU's.
        self._followed: Dict[_Track, int] = {}
        #: Of a generator at an offset: the state of the CPU generator that draws for it.
        self._states: "OrderedDict[Tuple[_Track, int], torch.Tensor]" = OrderedDict()

    def install(self) -> None:
        """A new seed forgets what was drawn: the same seed may draw in another order the next time."""
        for name in ("manual_seed", "manual_seed_all"):
            setattr(torch.cuda, name, self._forgetting(getattr(torch.cuda, name)))

    def _forgetting(self, seed: Any) -> Any:
        def seed_again(value: int) -> None:
            self._followed.clear()
            self._states.clear()
            self._offsets.clear()
            seed(value)

        return seed_again

    def stream(self, generator: torch.Generator, is_default: bool) -> Optional[torch.Generator]:
        """The CPU generator that draws for a device generator, standing where that one stands. None: the CPU's default generator. To be asked before
        the device draws; :meth:`drawn` follows the draw."""
        track, offset = self._position(generator, is_default)
        if is_default and track[0] == torch.default_generator.initial_seed():
            state = torch.default_generator.get_state()
            before = self._states.get((track, offset))
            if offset == self._followed.get(track, 0) or before is None or torch.equal(before, state):
                self._keep(track, offset, state)
                return None
        stream = self._streams.get(track)
        if stream is None:
            stream = self._streams[track] = torch.Generator()
        if self._offsets.get(track) != offset:
            state = self._states.get((track, offset))
            if state is not None:
                stream.set_state(state)
            else:
                stream.manual_seed(track[0] if offset == 0 else hash((track[0], offset)) & (2**63 - 1))
        self._keep(track, offset, stream.get_state())
        return stream

    def drawn(self, generator: torch.Generator, is_default: bool, stream: Optional[torch.Generator]) -> None:
        """:param stream: what :meth:`stream` answered before the draw."""
        track, offset = self._position(generator, is_default)
        if stream is not None:
            self._offsets[track] = offset
        elif offset > self._followed.get(track, 0):
            self._followed[track] = offset

    def _keep(self, track: _Track, offset: int, state: torch.Tensor) -> None:
        self._states[track, offset] = state
        while len(self._states) > _KEPT:
            self._states.popitem(last=False)

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

    @staticmethod
    def _position(generator: torch.Generator, is_default: bool) -> Tuple[_Track, int]:
        """Which generator, and its Philox offset."""
        seed, offset = generator.get_state()[-16:].view(torch.int64).tolist()
        return (seed, generator.device.index if is_default else None), offset
