"""The kinds of operators, and how each is run so that its values are true and its memory is that of the device.

read       its result is the host's: computed on the CPU
copy       the device copies, and then the CPU, which knows strides and types too
pointwise  allocates its result and nothing else: the CPU computes, the result is allocated by hand
in place   allocates nothing: only the CPU's is run
sized      the size of its result hangs on values: the CPU computes it first, and answers what the device's operator reads back
random     draws from the CPU generator that stands for the device's
other      the device's operator allocates what it allocates, the CPU computes, the results are copied in
"""

from __future__ import annotations

import math
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import torch
from torch import Tensor

from . import readback, uncomputed
from .dispatch import Operands, Operator, Run, Values, flat
from .operators import EMPTY, MADE_OF_OTHERS, METADATA, OVERWRITES, PLAIN, READ, SPARSE_ACCESS, ZEROS
from .twins import twin_of
from .windows import window

_POINTWISE = getattr(torch.Tag, "pointwise", None)
_INPLACE_VIEW = getattr(torch.Tag, "inplace_view", None)
_SEEDED = getattr(torch.Tag, "nondeterministic_seeded", None)


def is_computed(func: Any) -> bool:
    """Whether an operator makes or reads values; views and the like are left alone."""
    schema = func._schema
    if schema.name in METADATA or schema.name in EMPTY or _INPLACE_VIEW in func.tags or _is_view(func):
        return False
    return schema.name in READ or schema.is_mutable or any("Tensor" in str(r.type) for r in schema.returns)


def plan_of(values: Values, op: Operator) -> Run:
    """How an operator is run from now on."""
    schema = op.func._schema
    name, tags, mutable, returns = schema.name, set(op.func.tags), schema.is_mutable, schema.returns
    if name in READ:
        return _read(values, op)
    if name == "aten::copy_":
        return _copy(values, op)
    if name.startswith("aten::_foreach_") and mutable and not returns:
        return _in_place(values, op)
    if _POINTWISE in tags and len(returns) == 1 and not any(a.kwarg_only and _is_written(a) for a in schema.arguments):
        return _in_place(values, op) if mutable else _pointwise(values, op)
    if name in readback.SIZES:
        return _sized(values, op)
    if _SEEDED in tags or any(a.name == "generator" for a in schema.arguments):
        return _random(values, op)
    return _Other(values, op)


def _is_written(argument: Any) -> bool:
    return argument.alias_info is not None and bool(argument.alias_info.is_write)


def _is_view(func: Any) -> bool:
    infos = [r.alias_info for r in func._schema.returns]
    return bool(infos) and all(info is not None and not info.is_write for info in infos)


def fresh_memory(values: Values, op: Operator) -> Run:
    def run(args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Any:
        made = op.original(*args, **kwargs)
        if made.is_cuda:
            uncomputed.mark_computed(made)
        return made

    return run


def left_uncomputed(values: Values, op: Operator) -> Run:
    """Of a compiled extension: nothing but its CUDA code knows what it computes. What that code copies to the host, it goes on by."""
    other = _Other(values, op)

    def run(args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Any:
        local = values.local
        local.extension, before = other.name, local.extension
        try:
            return other.uncomputed(args, kwargs)
        finally:
            local.extension = before

    return run


def _read(values: Values, op: Operator) -> Run:
    name = op.func._schema.name
    allocates = name == "aten::equal"

    def run(args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Any:
        operands = values.operands(args, kwargs)
        if operands.device is None or readback.is_pending():
            return op.original(*args, **kwargs)
        if operands.stale and values.depth == 0:
            uncomputed.record_read(name)
        if operands.args is None:
            return values.real(op, args, kwargs)
        if allocates:
            values.real(op, args, kwargs, sees_inner=False)
        return op.func(*operands.args, **operands.kwargs)

    return run


def _copy(values: Values, op: Operator) -> Run:
    def run(args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Any:
        operands = values.operands(args, kwargs)
        target = values.real(op, args, kwargs, sees_inner=False)
        if operands.device is None:
            return target
        source = args[1]
        stale = bool(uncomputed.stale) and source.is_cuda and uncomputed.is_stale(source)
        if source.is_cuda and not target.is_cuda and target.numel():
            if values.local.extension is not None:
                uncomputed.record_read(values.local.extension)
            elif stale and values.depth == 0:
                uncomputed.record_read(op.func._schema.name)
        if operands.args is not None:
            values.fill(target, operands.args[1], stale)
        elif target.is_cuda and (source.is_cuda or not (target.is_contiguous() and values.carries(source))):
            values.too_large += 1
            values.leave(None, [target])
        elif target.is_cuda and uncomputed.stale and _is_whole(target):
            uncomputed.mark_computed(target)
        return target

    return run


def _pointwise(values: Values, op: Operator) -> Run:
    other = _Other(values, op)
    limit, compute = values.limit, op.func
    empty_strided = torch.empty_strided

    def run(args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Any:
        operands = values.operands(args, kwargs)
        device, hosts = operands.device, operands.args
        if device is None:
            return op.original(*args, **kwargs)
        if hosts is None or not _fits(hosts, limit):
            return other.uncomputed(args, kwargs)
        try:
            computed = compute(*hosts, **operands.kwargs)
        except Exception:
            return other(args, kwargs)
        values.computed += 1
        made = empty_strided(computed.shape, computed.stride(), dtype=computed.dtype, device=device)
        window(made).copy_(computed)
        if operands.stale:
            uncomputed.mark_stale(made, fresh=False)
        elif uncomputed.stale:
            uncomputed.mark_computed(made)
        return made

    return run


def _fits(hosts: Sequence[Any], limit: int) -> bool:
    """Whether tensors that are broadcast together have no more elements than the limit."""
    shapes = {host.shape for host in hosts if isinstance(host, Tensor)}
    if len(shapes) < 2:
        return True
    sizes: Dict[int, int] = {}  # by the place from the right
    for shape in shapes:
        for place, size in enumerate(reversed(shape)):
            if size != 1:
                sizes[place] = max(size, sizes.get(place, 0))
    return math.prod(sizes.values()) <= limit


def _in_place(values: Values, op: Operator) -> Run:
    other = _Other(values, op)

    def run(args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Any:
        operands = values.operands(args, kwargs)
        if operands.device is None:
            return op.original(*args, **kwargs)
        if operands.args is None:
            return other.uncomputed(args, kwargs)
        try:
            op.func(*operands.args, **operands.kwargs)
        except Exception:
            return other(args, kwargs)
        values.computed += 1
        other.settle(args, kwargs, operands.stale)
        return args[0] if op.func._schema.returns else None

    return run


class _Other:
    """Device first, then CPU. What the device's operator may have copied over its own inputs is put back in between."""

    def __init__(self, values: Values, op: Operator):
        self._values = values
        self._op = op
        schema = op.func._schema
        self.name = schema.name
        self._writes = [i for i, a in enumerate(schema.arguments) if _is_written(a) and not a.kwarg_only]
        self._written_kwargs = [a.name for a in schema.arguments if _is_written(a) and a.kwarg_only]
        self._fresh = [r.alias_info is None for r in schema.returns]
        self._any_size = (0,) if self.name in SPARSE_ACCESS else ()
        self._overwrites = self.name in OVERWRITES
        self._zeros = self.name in ZEROS
        self._plain = self.name in PLAIN
        self._twin = None if self.name in MADE_OF_OTHERS else twin_of(op.func)

    def operands(self, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Operands:
        return self._values.operands(args, kwargs, self._any_size)

    def __call__(
        self,
        args: Tuple[Any, ...],
        kwargs: Dict[str, Any],
        operands: Optional[Operands] = None,
        twin: Optional[Callable[..., Any]] = None,
    ) -> Any:
        """:param twin: computes on the CPU in place of the operator's own twin; returns None where nothing is left to compute."""
        values = self._values
        operands = operands or self.operands(args, kwargs)
        if operands.device is None:
            return self._op.original(*args, **kwargs)
        if operands.args is None:
            return self.uncomputed(args, kwargs)
        before = [(host, host.clone()) for place in self._writes for host in flat(operands.args[place : place + 1]) if isinstance(host, Tensor)]
        made = values.real(self._op, args, kwargs, sees_inner=not self._plain)
        fresh = self.fresh(made)
        if any(isinstance(out, Tensor) and out.numel() > values.limit for out in fresh):
            return self._leave(made, fresh, args, kwargs)
        twin = twin or self._twin
        if twin is None:
            return made
        for host, value in before:
            host.copy_(value)
        hosts = operands.kwargs
        if self._written_kwargs:  # as they are now; what the CPU resizes must not be a kept window
            hosts = {**hosts, **{name: _fresh_windows(kwargs[name]) for name in self._written_kwargs if name in kwargs}}
        try:
            computed = twin(*operands.args, **hosts)
        except Exception as error:
            values.without_twin[f"{self.name}: {(str(error).splitlines() or [type(error).__name__])[0]}"] += 1
            values.leave(fresh, self._targets(args, kwargs))
            return made
        if computed is not None or not fresh:
            values.computed += 1
            values.write(fresh, self.fresh(computed) if len(fresh) != len(flat(computed)) else flat(computed), operands.stale)
        self.settle(args, kwargs, operands.stale)
        return made

    def compute(self, *hosts: Any, **options: Any) -> Any:
        return None if self._twin is None else self._twin(*hosts, **options)

    def fresh(self, made: Any) -> List[Any]:
        """Of what the operator returned, what it made."""
        if len(self._fresh) == 1:
            return flat(made) if self._fresh[0] else []
        return [item for out, is_fresh in zip(made, self._fresh) if is_fresh for item in flat(out)] if self._fresh else []

    def settle(self, args: Tuple[Any, ...], kwargs: Dict[str, Any], stale: bool) -> None:
        """What was written to is as computed as what it was made from."""
        if not stale and not self._overwrites:
            return
        if stale and self._overwrites:
            stale = any(uncomputed.is_stale(value) for value in flat([*args[1:], *kwargs.values()]) if isinstance(value, Tensor) and value.is_cuda)
        for target in self._targets(args, kwargs):
            if target.is_cuda and stale:
                uncomputed.mark_stale(target, fresh=False)
            elif target.is_cuda and uncomputed.stale and _is_whole(target):
                uncomputed.mark_computed(target)

    def uncomputed(self, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Any:
        """On the device alone."""
        made = self._values.real(self._op, args, kwargs, sees_inner=not self._plain)
        return self._leave(made, self.fresh(made), args, kwargs)

    def _leave(self, made: Any, fresh: List[Any], args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Any:
        self._values.too_large += 1
        targets = self._targets(args, kwargs)
        if not self._zeros:
            self._values.leave(fresh, targets)
        elif uncomputed.stale:
            for out in [*fresh, *targets]:
                if out.is_cuda and _is_whole(out):
                    uncomputed.mark_computed(out)
        return made

    def _targets(self, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> List[Tensor]:
        written = [args[place] for place in self._writes if place < len(args)] + [kwargs[name] for name in self._written_kwargs if name in kwargs]
        return [tensor for tensor in flat(written) if isinstance(tensor, Tensor)]


def _fresh_windows(written: Any) -> Any:
    """Of an ``out=``: a tensor, or a list of them."""
    return window(written).detach() if isinstance(written, Tensor) else [window(tensor).detach() for tensor in written]


def _is_whole(tensor: Tensor) -> bool:
    """Whether a tensor is all of its storage."""
    return tensor.numel() * tensor.element_size() == tensor.untyped_storage().nbytes()


def _sized(values: Values, op: Operator) -> Run:
    other = _Other(values, op)
    name = op.func._schema.name
    sizes = readback.SIZES[name]

    def run(args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Any:
        operands = values.operands(args, kwargs)
        if operands.device is None:
            return op.original(*args, **kwargs)
        if operands.stale:
            uncomputed.record_read(name)
        if operands.args is None:
            with readback.answered([args[0].numel()]):  # all of it: the most memory that it can take
                return other.uncomputed(args, kwargs)
        computed = op.func(*operands.args, **operands.kwargs)
        with readback.answered(sizes(computed, args)):
            made = values.real(op, args, kwargs)
        values.computed += 1
        fitting = [
            out if out is None or not isinstance(value, Tensor) or out.shape == value.shape else torch.empty_like(value, device=operands.device)
            for out, value in zip(flat(made), flat(computed))
        ]
        values.write(fitting, computed, operands.stale)
        return tuple(fitting) if isinstance(made, (tuple, list)) else fitting[0]

    return run


def _random(values: Values, op: Operator) -> Run:
    other = _Other(values, op)
    name = op.func._schema.name
    takes_generator = any(a.name == "generator" for a in op.func._schema.arguments)
    needs_generator = any(a.name == "generator" and not a.has_default_value() for a in op.func._schema.arguments)
    generators = values.generators

    def run(args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Any:
        operands = other.operands(args, kwargs)
        device = operands.device
        if device is None:
            return op.original(*args, **kwargs)
        if operands.args is None:
            answers = (1, 0) if name == "aten::multinomial" else ()  # its probabilities are finite, and not all zero
            with readback.answered(answers):
                return other.uncomputed(args, kwargs)
        torch.cuda.init()
        given: Optional[torch.Generator] = kwargs.get("generator")
        generator = torch.cuda.default_generators[torch.cuda.current_device() if device.index is None else device.index] if given is None else given
        is_default = given is None
        stream = given if given is not None and given.device.type == "cpu" else generators.stream(generator, is_default)
        draws = generators.draws
        state = torch.default_generator.get_state() if name == "aten::randperm" else None

        def draw(*hosts: Any, **options: Any) -> Any:
            # Drawn already by an operator that this one called, or by the CPU, as small permutations are.
            if generators.draws != draws or (state is not None and not torch.equal(state, torch.default_generator.get_state())):
                return None
            generators.draws += 1
            if stream is None:
                options.pop("generator", None)
                if needs_generator:
                    options["generator"] = None
                return other.compute(*hosts, **options)
            if takes_generator:
                return other.compute(*hosts, **{**options, "generator": stream})
            with generators.in_place_of_default(stream):
                return other.compute(*hosts, **options)

        try:
            return other(args, kwargs, operands, draw)
        finally:
            if stream is None or stream is not given:
                generators.drawn(generator, is_default, stream)

    return run
