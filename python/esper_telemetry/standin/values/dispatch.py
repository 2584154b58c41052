"""Every operator on small device tensors runs twice: as PyTorch's own CUDA code, which allocates what it allocates and whose kernels do
nothing, and on the CPU over the same bytes, which computes.

Each CUDA kernel of PyTorch's dispatcher is replaced by one that does both (what kind it is, and how it is run, settles :mod:`.kinds`). Nothing above the
dispatcher sees a difference: autograd, autocast and subclasses work as they do, on all threads. While the CUDA code of an operator runs, the operators
that it calls in turn come here as well, so what it reads back from the device on its way is right.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections import Counter
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple, Union

import torch
from torch import Tensor

from . import compiled, stacks, uncomputed
from .generators import Generators
from .windows import kept as _windows
from .windows import window

_CPU = torch.device("cpu")
_NONE: Dict[str, Any] = {}

#: Where kernels are replaced. Versions without ``get_kernel`` cannot call a CUDA kernel that was replaced: there, a key above all devices' own takes its
#: place, which CPU tensors pass as well.
_GET_KERNEL: Any = getattr(torch.library, "get_kernel", None)

Run = Callable[[Tuple[Any, ...], Dict[str, Any]], Any]
Outputs = Union[Tensor, Sequence[Any], None]


class Operator(NamedTuple):
    """:param original: PyTorch's own kernel of it."""

    func: Any
    original: Callable[..., Any]


class _Local(threading.local):
    depth = 0
    #: Operators are run on the device alone.
    only_device = False
    #: The operator of a compiled extension that is running.
    extension: Optional[str] = None


class Operands(NamedTuple):
    """An operator's arguments as the CPU sees them."""

    #: Windows in place of device tensors. None: one of them has more elements than the limit, or no window.
    args: Optional[List[Any]]
    kwargs: Dict[str, Any]
    #: The first device among the tensors; None: none is on the device.
    device: Optional[torch.device]
    #: One of them holds values that were not computed.
    stale: bool


class Values:
    """:param limit: elements up to which a tensor is small; None: all are."""

    def __init__(self, limit: Optional[int]):
        self.limit = (1 << 62) if limit is None else limit
        self.generators = Generators()
        #: Operators computed on the CPU, left uncomputed because of their size, and those without a way to compute them.
        self.computed = 0
        self.too_large = 0
        self.without_twin: "Counter[str]" = Counter()
        self.local = _Local()
        #: Bytes; the stand-in device's own setting.
        self._copy_limit = int(os.environ.get("ESPER_STANDIN_COPY_LIMIT") or 1 << 62)
        self._libraries: Dict[str, Any] = {}

    def install(self) -> None:
        """Replaces the kernels; for good."""
        from .kinds import is_computed

        self.generators.install()
        stacks.install()

        for name in sorted({*torch._C._dispatch_get_registrations_for_dispatch_key("CUDA"), "aten::copy_"}):
            func = _operator(name)
            if func is not None and name.startswith("aten::") and is_computed(func):
                self._replace(func)
        # Nested tensors have no windows: encoders take the way of training, which does without them.
        if hasattr(torch.backends, "mha"):
            torch.backends.mha.set_fastpath_enabled(False)
        uncomputed.when_first_stale(self._watch_fresh_memory)
        self._replace_compiled(compiled.names)
        compiled.on_load.append(self._replace_compiled)

    def _replace_compiled(self, names: Iterable[str]) -> None:
        from .kinds import left_uncomputed

        for name in names:
            func = _operator(name)
            if func is not None:
                self._replace(func, left_uncomputed)

    def _watch_fresh_memory(self) -> None:
        """Memory that is allocated again is no longer what it was; of no interest before something was left uncomputed."""
        from .kinds import fresh_memory

        for name in ("aten::empty.memory_format", "aten::empty_strided"):
            self._replace(_operator(name), fresh_memory)

    def _replace(self, func: Any, make: Optional[Callable[["Values", Any], Run]] = None) -> None:
        original = _original(func)
        local = self.local
        plan: Optional[Run] = None
        converted = _numbers_as_tensors(func)

        def kernel(*args: Any, **kwargs: Any) -> Any:
            nonlocal plan
            args = converted(args)
            if local.only_device:
                return original(*args, **kwargs)
            if plan is None:
                from .kinds import plan_of

                plan = (make or plan_of)(self, Operator(func, original))
            return plan(args, kwargs)

        namespace, name = func._schema.name.split("::")
        if namespace not in self._libraries:
            self._libraries[namespace] = torch.library.Library(namespace, "IMPL", "CUDA" if _GET_KERNEL else "BackendSelect")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a kernel was there already
            self._libraries[namespace].impl(name if func._overloadname == "default" else f"{name}.{func._overloadname}", kernel)

    @property
    def depth(self) -> int:
        """How many operators' CUDA code is running around this one."""
        return self.local.depth

    def real(self, op: "Operator", args: Sequence[Any], kwargs: Dict[str, Any], sees_inner: bool = True) -> Any:
        """The operator as it runs on the device. :param sees_inner: operators that it calls are computed as well."""
        local = self.local
        before = local.only_device
        local.depth += 1
        local.only_device = not sees_inner
        try:
            return op.original(*args, **kwargs)
        finally:
            local.only_device = before
            local.depth -= 1

    def operands(self, args: Sequence[Any], kwargs: Dict[str, Any], any_size: Sequence[int] = ()) -> Operands:
        """:param any_size: places among ``args`` whose size does not matter to the cost of computing."""
        limit, windows, stale = self.limit, _windows, uncomputed.stale
        device: Optional[torch.device] = None
        is_stale = False
        made: List[Any] = []
        try:
            # The innermost loop of all: windows are looked up here.
            for value in args:
                if isinstance(value, Tensor):
                    if value.is_cuda:
                        if device is None:
                            device = value.device
                        if value.numel() > limit and len(made) not in any_size:
                            return Operands(None, kwargs, device, True)
                        if stale and uncomputed.is_stale(value):
                            is_stale = True
                        key = (value.data_ptr(), value.dtype, value.shape, value.stride())
                        found = None if value.is_conj() or value.is_neg() else windows.get(key)
                        value = window(value) if found is None else found
                elif isinstance(value, (list, tuple)) and value:
                    inner = self.operands(value, _NONE)
                    if inner.args is None:
                        return Operands(None, kwargs, device or inner.device, True)
                    value, is_stale, device = inner.args, is_stale or inner.stale, device or inner.device
                made.append(value)
        except (RuntimeError, NotImplementedError):  # sparse, nested, or without memory of its own
            return Operands(None, kwargs, device, True)
        if not kwargs:
            return Operands(made, kwargs, device, is_stale)
        inner = self.operands(tuple(kwargs.values()), _NONE)
        if inner.args is None:
            return Operands(None, kwargs, device or inner.device, True)
        device = device or inner.device
        hosts = dict(zip(kwargs, inner.args))
        asked = kwargs.get("device")
        if asked is not None:
            hosts["device"] = _CPU
            asked = torch.device(asked)
            if device is None and asked.type == "cuda":
                device = asked
        if kwargs.get("pin_memory"):
            hosts["pin_memory"] = False
        return Operands(made, hosts, device, is_stale or inner.stale)

    def write(self, made: Outputs, computed: Outputs, stale: bool) -> None:
        """Puts what the CPU computed into the fresh tensors that the device's operator made."""
        for out, value in zip(flat(made), flat(computed)):
            if isinstance(out, Tensor) and isinstance(value, Tensor):
                self.fill(out, value, stale)

    def fill(self, out: Tensor, value: Tensor, stale: bool) -> None:
        if not out.is_cuda:
            if out is not value:
                out.copy_(value)
            return
        if out.layout is not torch.strided or out.is_nested:
            return
        there = window(out)
        if there.shape == value.shape:
            there.copy_(value)
        elif there.numel() == value.numel():
            there.copy_(value.reshape(there.shape))
        elif value.numel():
            uncomputed.mark_stale(out, fresh=True)
            return
        if stale:
            uncomputed.mark_stale(out, fresh=False)
        elif uncomputed.stale:
            uncomputed.mark_computed(out)

    def carries(self, source: Tensor) -> bool:
        """Whether the device carries out a copy from the host of this size."""
        return source.numel() * source.element_size() <= self._copy_limit

    def leave(self, made: Outputs, written: Iterable[Tensor] = ()) -> None:
        """Of an operator whose results are not computed: fresh outputs, and arguments that it writes to."""
        for out in flat(made):
            if isinstance(out, Tensor) and out.is_cuda and out.layout is torch.strided and not out.is_nested:
                uncomputed.mark_stale(out, fresh=True)
        for tensor in written:
            if tensor.is_cuda and tensor.layout is torch.strided and not tensor.is_nested:
                uncomputed.mark_stale(tensor, fresh=False)


def _operator(name: str) -> Any:
    """The overload of a qualified name; None for one that Python does not have."""
    namespace, _, rest = name.partition("::")
    base, _, overload = rest.partition(".")
    packet = getattr(getattr(torch.ops, namespace), base, None)
    return getattr(packet, overload or "default", None)


def _original(func: Any) -> Callable[..., Any]:
    if _GET_KERNEL is not None:
        call, keys = _GET_KERNEL(func, "CUDA").call_boxed, torch._C.DispatchKeySet(torch._C.DispatchKey.CUDA)
        return lambda *args, **kwargs: call(keys, *args, **kwargs)
    return _below(func)


def _numbers_as_tensors(func: Any) -> Callable[[Tuple[Any, ...]], Tuple[Any, ...]]:
    """Of ``x + 1`` Python is given the number, though the operator wants a tensor without dimensions."""
    places = [place for place, a in enumerate(func._schema.arguments) if str(a.type) == "Tensor" and not a.kwarg_only]

    def convert(args: Tuple[Any, ...]) -> Tuple[Any, ...]:
        for place in places:
            if place < len(args) and isinstance(args[place], _NUMBERS):
                tensors = [value for value in args if isinstance(value, Tensor)]
                is_meta = any(tensor.is_meta for tensor in tensors)  # which no tensor of the CPU may stand beside
                made = [_number(value, tensors) if i in places and isinstance(value, _NUMBERS) else value for i, value in enumerate(args)]
                return tuple(value.to("meta") if is_meta and isinstance(value, Tensor) else value for value in made)
        return args

    return convert


_NUMBERS = (bool, int, float, complex)


def _number(value: Any, among: Sequence[Tensor]) -> Tensor:
    """Of a type that does not change the result's: a number never widens a tensor of its kind."""
    made = torch.tensor(value)
    kind = next((t for t in among if t.is_floating_point()), None) if made.is_floating_point() else next(iter(among), None)
    if kind is None or made.dtype == torch.bool or made.is_complex():
        return made
    if made.is_floating_point():
        return torch.tensor(value, dtype=torch.float64 if kind.dim() else kind.dtype)
    return made if kind.dim() or kind.dtype == torch.bool else made.to(kind.dtype)


#: Backends by the names of devices, for operators that are given no tensor.
_BACKENDS = {"cpu": "CPU", "cuda": "CUDA", "meta": "Meta"}


def _below(func: Any) -> Callable[..., Any]:
    """For older versions: the kernel of the tensors' own device, or of the device that is asked for."""
    after = torch._C._dispatch_keyset_full_after(torch._C.DispatchKey.BackendSelect)
    keys_of, included = torch._C._dispatch_keys, torch._C._dispatch_tls_local_include_set
    redispatch = getattr(func, "redispatch", None) or _by_key(func)

    def call(*args: Any, **kwargs: Any) -> Any:
        keys = None
        for value in flat([args, tuple(kwargs.values())]):
            if isinstance(value, Tensor):
                keys = keys_of(value) if keys is None else keys | keys_of(value)
        if keys is None:
            device = torch.device(kwargs.get("device") or "cpu").type
            return redispatch(torch._C.DispatchKeySet(getattr(torch._C.DispatchKey, _BACKENDS[device])), *args, **kwargs)
        # Fake tensors have their device's key, and the thread's own set lets them run as those of meta.
        return redispatch((keys | included()) & after, *args, **kwargs)

    return call


def _by_key(func: Any) -> Callable[..., Any]:
    """For the oldest versions, which call the kernel of one key only, and only one that is the key's own."""
    has = torch._C._dispatch_has_kernel_for_dispatch_key
    key = torch._C.DispatchKey

    def redispatch(keys: Any, *args: Any, **kwargs: Any) -> Any:
        backend = keys.highestPriorityTypeId()
        own = has(func.name(), backend.name)
        if not own and not has(func.name(), key.CompositeExplicitAutograd.name):
            raise NotImplementedError(f"Could not run '{func.name()}' with arguments from the '{backend.name}' backend.")
        return func._op_dk(backend if own else key.CompositeExplicitAutograd, *args, **kwargs)

    return redispatch


def flat(values: Any) -> List[Any]:
    """The items of nested lists and tuples."""
    if isinstance(values, (list, tuple)):
        return [item for value in values for item in flat(value)]
    return [values]
