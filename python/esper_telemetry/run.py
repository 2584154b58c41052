"""A run of training, as its process records it: every call appends one event to this rank's log.

Nothing here raises into training. What fails is counted in ``Run.failures`` and reported once on stderr. A call in a
forked child (a DataLoader's worker) does nothing: the log belongs to the process that began it.
"""

from __future__ import annotations

import atexit
import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Callable, List, Mapping, Optional, Protocol, Type, TypeVar, Union

from . import out_of_memory
from .bridges import Bridges, TensorBoardBridge, WandbBridge
from .device_identity import shown_name
from .emitter import Emitter
from .events import JSON, Values, count, duration, figure, quantity, text_of
from .exit_code import ExitCode
from .failures import Failures
from .figures import PRESSURE_CRITICAL, PRESSURE_WARNING, own_figures, step_groups, update_payload
from .memory import MemoryReader
from .notebook import TrainingCells, run_html
from .pressure import Callback, Emit, PressureWatch
from .raised import place_of, shown_by
from .secrets import clear_text


class Sampler(Protocol):
    """Emits beside the training until it is stopped."""

    def stop(self) -> None: ...


class Watch(Protocol):
    """Is given the memory of every update, after its event."""

    def read(self, memory: List[JSON], batch: int, ms: Optional[float]) -> None: ...


AWatch = TypeVar("AWatch", bound=Watch)


class Run:
    """One rank's part of a run. Made by :func:`esper_telemetry.start`; a context manager.

    Leaving the ``with`` block ends the run: completed, interrupted (KeyboardInterrupt) or failed (any other
    exception, which goes on). Without one, call :meth:`finish`; else the interpreter's exit does.
    """

    def __init__(
        self,
        emitter: Optional[Emitter],
        memory: MemoryReader,
        failures: Failures,
        path: Optional[Path] = None,
        resumed_at_batch: Optional[int] = None,
        resumed_at_step: Optional[int] = None,
        timer: Callable[[], float] = time.perf_counter,
    ):
        #: The run's folder; None where it could not be opened, and then nothing is recorded.
        self.path = path
        #: Id of the run, and name of its folder; empty where it could not be opened.
        self.id = path.name if path is not None else ""
        #: The last batch and step of an earlier part of this run; None for a fresh one.
        self.resumed_at_batch = resumed_at_batch
        self.resumed_at_step = resumed_at_step
        self._emitter = emitter
        self._memory = memory
        self._failures = failures
        self._timer = timer
        self._began = timer()
        self._batch = resumed_at_batch or 0
        self._step = resumed_at_step or 0
        #: The newest update or step, as it was recorded.
        self._newest: Optional[JSON] = None
        self._samplers: List[Sampler] = []
        self._watches: List[Watch] = []
        self._interventions = 0
        self._bridges = Bridges(failures)
        if emitter is not None:
            ExitCode.watch()
            self._cells = TrainingCells(lambda: (self._batch, self._step))
            atexit.register(self._at_exit)

    def __reduce__(self) -> "tuple[Any, ...]":
        """A copy, in this process or another (a DataLoader's worker, a launcher's), is a run that records nothing."""
        return _silent, (self.path, self.resumed_at_batch, self.resumed_at_step)

    def __repr__(self) -> str:
        if self.path is None:
            return "<esper Run, which could not be opened>"
        return f"<esper Run {self.id}: {'recording' if self._is_ours() else 'not recording'} to {self.path}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the run, its newest figures, and the commands that show more."""
        return run_html(self, self._is_ours(), self._newest)

    @property
    def failures(self) -> int:
        """Things that failed inside this client, in part or whole."""
        return self._failures.count

    # --- what happens in training -------------------------------------------------------------------------

    def ppo_update(
        self,
        *,
        batch: Optional[int] = None,
        **figures: Any,
    ) -> None:
        """One PPO update is done: records its figures and reads the memory of this process's devices.

        Any figure may be left out: not measured. A number may be of Python, numpy or a tensor of one element; NaN
        and infinity are kept. A tensor on a device is read too, and reading it **waits for the device**: that is
        reported once on stderr and counted in ``telemetryMs``; pass ``loss.item()`` where the loop waits anyway.

        :param batch: number of this update, counted from 1; left out, one more than the one before.
        :param figures: figures by name, those below and any other, which is kept under its own name.
        :param policy_loss: clipped surrogate; ``total_loss`` = policy + coefficient × value − coefficient × entropy.
        :param entropy: mean entropy of the policy, nats (Stable-Baselines3's ``entropy_loss`` is its negative).
        :param approx_kl: mean of (ratio − 1) − log ratio, nats.
        :param clip_fraction: share of ratios outside the clip range, 0–1.
        :param epochs: epochs made over the batch; ``early_stopped``: the KL passed its target before the last one.
        :param explained_variance: 1 − Var(returns − values) / Var(returns).
        :param grad_norm: global L2 norm before clipping; ``max_grad_norm``: what it is clipped to.
        :param steps: environment steps of this rollout; ``total_steps``: since the run began; ``episodes`` likewise.
        :param episodic_return: mean undiscounted return of recent episodes; ``episodic_length``: their mean length.
        :param rollout_ms: collecting the rollout; ``update_ms``: optimising on it, milliseconds.
        :param steps_per_second: environment steps per second, rollout and update together.
        """
        if not self._is_ours():
            return
        began = self._timer()
        try:
            values = Values()
            self._batch = values.number_of("batch", batch, self._batch + 1)
            groups, extra = update_payload(values, figures)
            data: JSON = {"batch": self._batch, **groups, "memory": self._memory.read()}
            if extra:
                data["extra"] = extra
            self._newest = data
            self._emit("PPO_UPDATE_COMPLETED", data, values, began)
            self._watch(data["memory"], self._batch, data["timing"]["updateMs"])
        except Exception as error:
            self._failures("an update could not be recorded", error)

    def step(
        self,
        *,
        step: Optional[int] = None,
        loss: Any = None,
        learning_rate: Any = None,
        grad_norm: Any = None,
        step_ms: Any = None,
        samples_per_second: Any = None,
        tokens_per_second: Any = None,
        **figures: Any,
    ) -> None:
        """One step of a loop that is not PPO is done: records its figures and this process's device memory.

        Values as in :meth:`ppo_update`.

        :param step: number of this step; left out, one more than the one before.
        :param step_ms: duration of the step, milliseconds.
        :param figures: what the environments gave, as of an update (``episodic_return``, ``episodic_length``, ``total_steps``,
            ``total_episodes``), and any other figure, which is kept under its own name.
        """
        if not self._is_ours():
            return
        began = self._timer()
        try:
            values = Values()
            read = values.read
            self._step = values.number_of("step", step, self._step + 1)
            data: JSON = {
                "step": self._step,
                "loss": read("loss", loss, figure),
                "learningRate": read("learning_rate", learning_rate, quantity),
                "gradNorm": read("grad_norm", grad_norm, figure),
                "stepMs": read("step_ms", step_ms, duration),
                "samplesPerSecond": read("samples_per_second", samples_per_second, quantity),
                "tokensPerSecond": read("tokens_per_second", tokens_per_second, quantity),
            }
            groups, extra = step_groups(values, figures)
            data.update(groups)
            data["memory"] = self._memory.read()
            if extra:
                data["extra"] = extra
            self._newest = data
            self._emit("STEP_COMPLETED", data, values, began)
            self._watch(data["memory"], self._step, data["stepMs"])
        except Exception as error:
            self._failures("a step could not be recorded", error)

    def log(
        self,
        figures: Optional[Mapping[str, Any]] = None,
        /,
        *,
        batch: Optional[int] = None,
        step: Optional[int] = None,
        **more: Any,
    ) -> None:
        """Records figures of your own, at any time: ``run.log(accuracy=0.93)``, or ``run.log({"val/loss": 0.41})``.

        They are drawn under the names given here, at the newest update or step. Numbers as in :meth:`ppo_update`; what is
        no number is kept in the log alone. A name has 1 to 80 printable characters and no comma, and 64 names are kept.

        :param batch: the update that they belong to, or ``step``: that step; left out, the newest.
        """
        if not self._is_ours():
            return
        began = self._timer()
        try:
            values = Values()
            named = {**figures, **more} if isinstance(figures, Mapping) else more
            if figures is not None and not isinstance(figures, Mapping):
                values.refused.append(("figures", "no mapping of names to figures"))
            at = batch if batch is not None else step
            data: JSON = {
                "batch": values.read("batch", at, count),
                "figures": own_figures(values, named),
            }
            self._emit("FIGURES_LOGGED", data, values, began)
        except Exception as error:
            self._failures("figures could not be recorded", error)

    def memory(self, phase: str, *, when: Optional[str] = None, role: Optional[str] = None) -> None:
        """Records this process's device memory at the edge of a phase of the step, between two updates.

        :param phase: ``rollout``, ``update``, …; ``when``: ``before`` or ``after``; ``role``: actor, critic, ….
        """
        if not self._is_ours():
            return
        began = self._timer()
        try:
            edge = when if when in ("before", "after") else None
            of = None if role is None else text_of(role)
            self._sample({"phase": text_of(phase), "when": edge, "role": of}, self._memory.read(), began)
        except Exception as error:
            self._failures("memory could not be recorded", error)

    def on_pressure(self, callback: Callback, *, above: float = PRESSURE_CRITICAL, below: float = PRESSURE_WARNING) -> Callable[[], None]:
        """Calls ``callback(pressure)`` when a device comes under memory pressure, within the ``ppo_update`` or ``step`` that saw
        it, and not again before its pressure was gone.

        Pressure is peak / budget above ``above``, or that the allocator was refused memory; it is gone below ``below``.
        Peaks that are those of the whole run never fall: start with ``reset_peaks=True`` to act more than once. A text
        that the callback returns names what it did ("halved the microbatch"): it is recorded, and its effect over the
        next five updates. What the callback raises is counted and reported, not raised into training.

        :return: ends it.
        """
        try:
            watch = PressureWatch(callback, above, below, self._emit, self.number_intervention)
        except Exception as error:
            self._failures("pressure is not watched", error)
            return lambda: None
        self._watches.append(watch)

        def end() -> None:
            self._watches = [other for other in self._watches if other is not watch]

        return end

    def to_wandb(self, wandb_run: Any = None) -> "Run":
        """Shows the memory of every update or step in Weights & Biases, too, as ``esper/cuda:0/allocated_bytes`` and so on.

        Each is part of the row that the training's next ``wandb.log`` writes. What fails there is counted and reported, not raised.

        :param wandb_run: what ``wandb.init()`` returned; left out, the current one.
        :return: this run: ``with esper.start("x").to_wandb() as run``.
        """
        if self._is_ours():
            self._bridges.add("Weights & Biases", lambda: WandbBridge(wandb_run))
        return self

    def to_tensorboard(self, writer: Any) -> "Run":
        """The same for TensorBoard.

        :param writer: a ``SummaryWriter`` of torch or tensorboardX.
        """
        if self._is_ours():
            self._bridges.add("TensorBoard", lambda: TensorBoardBridge(writer))
        return self

    def checkpoint(self, path: Union[None, str, "os.PathLike[str]"] = None, *, batch: Optional[int] = None) -> None:
        """A checkpoint was saved.

        :param path: where it lies, relative to the run's folder where it is inside.
        :param batch: the batch after which it was taken; left out, the newest.
        """
        if not self._is_ours():
            return
        try:
            text = None if path is None else os.fsdecode(path)
            if text is not None and self.path is not None and os.path.abspath(text).startswith(f"{self.path.absolute()}{os.sep}"):
                text = os.path.relpath(text, self.path)
            values = Values()
            self._emit("CHECKPOINT_SAVED", {"batch": values.number_of("batch", batch, self._batch), "path": text}, values)
        except Exception as error:
            self._failures("a checkpoint could not be recorded", error)

    # --- how it ends --------------------------------------------------------------------------------------

    def finish(self, reason: str = "finished", why: Optional[str] = None) -> None:
        """Ends the run: ``finished``, or ``interrupted`` (ended on request; ``why`` where nobody asked). What comes afterwards is ignored."""
        reason = reason if reason in ("finished", "interrupted") else "finished"
        reported = {} if why is None else {"why": text_of(why)}
        self._end("TRAINING_COMPLETED", {"reason": reason, **reported, "durationMs": self._duration()})

    def fail(self, error: BaseException) -> None:
        """Ends the run as failed, with the place that raised the error, and the figures of an out-of-memory one. It is the caller's to raise."""
        try:
            message = clear_text(text_of(error, 4000))
            oom = out_of_memory.read_error(message, type(error).__name__)
            place = place_of(error)
            shown = None if oom is None else shown_by(error)
            if oom is not None and oom["device"] is not None:
                oom["device"] = shown_name(oom["device"])
        except Exception as failure:
            self._failures("the figures of an out-of-memory error could not be read", failure)
            oom = place = shown = None
        if oom is not None and oom["device"] != "cpu" and self._newest is None:
            self._memory_at_refusal()
        kind = "error" if oom is None else "host memory" if oom["device"] == "cpu" else "out of memory"
        ending = {} if place is None else {"ending": {"kind": kind, "evidence": place}}
        failed = {"errorType": type(error).__name__, "message": message, "outOfMemory": oom, **ending, **({} if shown is None else {"shown": shown})}
        self._end("TRAINING_FAILED", {**failed, "durationMs": self._duration()})

    def _memory_at_refusal(self) -> None:
        """Records what the first step held, which no update reports. Counters are those before the request that ends the run."""

        def before(count: Optional[int]) -> Optional[int]:
            return None if count is None else max(0, count - 1)

        try:
            memory = [{**one, "allocRetries": before(one.get("allocRetries")), "ooms": before(one.get("ooms"))} for one in self._memory.read()]
            self._sample({"phase": "first step", "when": None, "role": None}, memory)
        except Exception as error:
            self._failures("memory could not be recorded", error)

    def _sample(self, of: JSON, memory: List[JSON], began: Optional[float] = None) -> None:
        self._emit("MEMORY_SAMPLED", {**of, "worker": None, "unseen": None, "memory": memory}, began=began)

    def __enter__(self) -> "Run":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.end_with(error)

    def end_with(self, error: Optional[BaseException]) -> None:
        """Ends the run as leaving the ``with`` block with ``error`` does; None: without one."""
        if error is None or (isinstance(error, SystemExit) and error.code in (None, 0)):
            self.finish()
        elif isinstance(error, KeyboardInterrupt):
            self.finish("interrupted")
        else:
            self.fail(error)

    def _at_exit(self) -> None:
        """The interpreter ends and nobody ended the run: an exception that nobody caught is the reason, or ``sys.exit``."""
        at_a_prompt = hasattr(sys, "ps1")  # there, the last exception may be of long ago
        self.end_with(ExitCode.error() or (self._cells.error if at_a_prompt else getattr(sys, "last_value", None)))

    def _end(self, kind: str, data: JSON) -> None:
        if not self._is_ours():
            return
        try:
            samplers, self._samplers = self._samplers, []
            for sampler in samplers:
                sampler.stop()
            if self._emitter is not None:
                self._emitter.close(kind, data)
            self._bridges.end(self.id)
            self._cells.leave()
            atexit.unregister(self._at_exit)
        except Exception as error:
            self._failures("the run could not be ended", error)

    # --- within -------------------------------------------------------------------------------------------

    def _is_ours(self) -> bool:
        return self._emitter is not None and self._emitter.open

    def _emit(self, kind: str, data: JSON, values: Optional[Values] = None, began: Optional[float] = None) -> None:
        """Emits one event; ``began`` is when gathering it did, seconds of the timer."""
        assert self._emitter is not None
        if values is not None:
            for name, why in values.refused:
                self._failures(f"{name} is no number and was left out", why)
            if values.waited:
                self._failures.tell_once(
                    "waited",
                    f"{', '.join(values.waited)}: reading a tensor on a device waits for it; "
                    "pass .item() where the loop waits anyway",
                )
        self._emitter.emit(kind, data, 0.0 if began is None else (self._timer() - began) * 1e3)

    def _watch(self, memory: List[JSON], batch: int, ms: Optional[float]) -> None:
        known = ms if isinstance(ms, (int, float)) else None
        for watch in self._watches:
            try:
                watch.read(memory, batch, known)
            except Exception as error:
                self._failures("what was to be done about memory pressure failed", error)
        self._bridges.write(memory, batch, known)

    def number_intervention(self) -> int:
        """The number of the next action about memory: from 1, whatever takes it."""
        self._interventions += 1
        return self._interventions

    def record_intervention(self, kind: str, data: JSON) -> None:
        """Records what was done about memory within the update that comes next: ``INTERVENTION_APPLIED`` or ``INTERVENTION_ENDED``."""
        if not self._is_ours():
            return
        try:
            self._emit(kind, {**data, "batch": max(self._batch, self._step) + 1})
        except Exception as error:
            self._failures("an intervention could not be recorded", error)

    def _duration(self) -> float:
        return round((self._timer() - self._began) * 1e3, 3)

    def act_with(self, make: Callable[[Emit], AWatch]) -> AWatch:
        """Lets what ``make`` returns read every update's memory from now on, and returns it; it is given what records an event."""
        watch = make(self._emit)
        self._watches.append(watch)
        return watch

    def stop_with(self, sampler: Sampler) -> None:
        """Ends ``sampler`` when the run ends."""
        self._samplers.append(sampler)


def _silent(path: Optional[Path], resumed_at_batch: Optional[int], resumed_at_step: Optional[int]) -> Run:
    """The copy of a run."""
    return Run(None, MemoryReader([]), Failures(), path, resumed_at_batch, resumed_at_step)
