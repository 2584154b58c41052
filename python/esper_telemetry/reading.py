"""A recorded run as a table: a row for every update of every rank, with the names and values of ``esper export``.

Of a run that ``esper pack`` packed, the figures come from its Parquet file where pyarrow is installed, and no JSON is read.
"""

from __future__ import annotations

import importlib
import json
import math
import os
import re
import struct
import unicodedata
import warnings
from pathlib import Path
from typing import IO, Any, Dict, Iterator, List, Literal, Mapping, Optional, Tuple, Union, cast, overload

from . import run_folder
from .events import CONTRACT_VERSION, JSON
from .figures import STEP_PATHS, UPDATE_PATHS
from .pressure import budget_bytes, peak_bytes, pressure_fraction

#: By column, each of one length. None: not measured.
Columns = Dict[str, List[Optional[float]]]
Row = Dict[str, float]

_LOG = re.compile(r"events-(0|[1-9]\d{0,7})\.jsonl(\.gz)?$")
_COUNTERS = ("allocRetries", "ooms")
_EDGES = 4096
_LONGEST_NAME = 80
#: What only the package itself needs of a packed run.
_PLACES = ("seq", "firstSeq", "lastSeq")
_EDGE = "/strandedEdgeBytes"


class UnreadableRun(Exception):
    """The run cannot be read. The text is one sentence."""


@overload
def read(run: Union[str, "os.PathLike[str]"], form: Literal["lists"], *, runs: Union[str, "os.PathLike[str]"] = ...) -> Columns: ...
@overload
def read(
    run: Union[str, "os.PathLike[str]"] = ...,
    form: Optional[Literal["pandas", "arrow", "lists"]] = ...,
    *,
    runs: Union[str, "os.PathLike[str]"] = ...,
) -> Any: ...
def read(
    run: Union[str, "os.PathLike[str]"] = "latest",
    form: Optional[Literal["pandas", "arrow", "lists"]] = None,
    *,
    runs: Union[str, "os.PathLike[str]"] = "runs",
) -> Any:
    """The updates of a run, with their figures: ``rank``, ``batch``, ``timeMs``, ``totalLoss``, ``cuda:0/peakAllocatedBytes``, ``own/accuracy``.

    Bytes, milliseconds and shares are numbers; what was not measured is missing (None, NaN in pandas). Lines that are no events, or of
    another version, are passed over with a warning.

    :param run: a run's folder, or its id, name or ``latest`` in ``runs``.
    :param form: ``pandas``: a DataFrame, ``arrow``: a pyarrow Table, ``lists``: a dict of lists; the first that is installed by default.
    :raises UnreadableRun: where there is no such run, or nothing of it can be read; ImportError: where the form is not installed.
    """
    if form not in (None, "pandas", "arrow", "lists"):
        raise ValueError(f'form is "pandas", "arrow" or "lists", not {form!r}')
    folder = _folder(run, Path(runs))
    logs = _logs(folder)
    pandas = _module("pandas", form == "pandas") if form in (None, "pandas") else None
    arrow = _module("pyarrow", form == "arrow") if form != "lists" else None
    table = None if arrow is None else _packed(folder, logs)
    if table is not None:
        return table if pandas is None else table.to_pandas()
    columns = _columns(logs)
    if pandas is not None:
        return pandas.DataFrame(columns)
    return columns if arrow is None else arrow.table(columns)


def _module(name: str, is_needed: bool) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        if is_needed:
            raise
        return None


def _folder(run: Union[str, "os.PathLike[str]"], runs: Path) -> Path:
    for folder in (Path(run), runs / run):
        if folder.is_dir():
            return folder
    try:
        return run_folder.find(runs, os.fspath(run))
    except run_folder.RunNotFound as refusal:
        raise UnreadableRun(str(refusal)) from None


def _logs(folder: Path) -> Dict[int, Path]:
    """By rank; a plain log stands before a packed one."""
    found: Dict[int, Path] = {}
    for path in sorted(folder.iterdir(), key=lambda path: len(path.name)):
        match = _LOG.fullmatch(path.name)
        if match is not None and path.is_file():
            found.setdefault(int(match[1]), path)
    if not found:
        raise UnreadableRun(f"{folder} is no run: it has no events-0.jsonl.")
    return dict(sorted(found.items()))


def _packed(folder: Path, logs: Mapping[int, Path]) -> Any:
    """The Arrow table of a packed run; None where it is not packed, or its log has grown since."""
    path = folder / "figures.parquet"
    if not path.is_file():
        return None
    file = importlib.import_module("pyarrow.parquet").ParquetFile(path)
    sizes = {str(rank): _text_bytes(log) for rank, log in logs.items()}
    if json.loads((file.metadata.metadata or {}).get(b"esper_logs", b"null")) != sizes:
        return None
    names = [name for name in file.schema_arrow.names if name not in _PLACES and not name.endswith(_EDGE)]
    return file.read(columns=names)


def _text_bytes(path: Path) -> Optional[int]:
    """Bytes of a log's text; None of one that another program compressed."""
    size = path.stat().st_size
    if path.suffix != ".gz":
        return size
    text = at = 0
    with path.open("rb") as file:
        while at < size:
            file.seek(at)
            head = file.read(24)
            if len(head) < 24 or head[12:14] != b"Ep":
                return None
            block, length = struct.unpack_from("<II", head, 16)
            at += max(1, block)
            text += length
    return text


def _columns(logs: Mapping[int, Path]) -> Columns:
    ranks: Dict[float, _Points] = {}
    for path in logs.values():
        for event in _events(path):
            ranks.setdefault(event["rank"], _Points()).take(event)
    rows = [{"rank": rank, **row} for rank in sorted(ranks) for row in ranks[rank].rows]
    names = dict.fromkeys(("rank", "batch", "timeMs"))
    for row in rows:
        names.update(dict.fromkeys(row))
    return {name: [row.get(name) for row in rows] for name in names}


def _events(path: Path) -> Iterator[JSON]:
    passed = first = 0
    try:
        with _opened(path) as file:
            for number, line in enumerate(file, 1):
                event = _event(line)
                if event is not None:
                    yield event
                elif line.strip() and line.endswith(b"\n"):  # what has no end yet is being written
                    passed += 1
                    first = first or number
    except (OSError, EOFError) as error:
        raise UnreadableRun(f"{path} cannot be read: {error}.") from error
    if passed:
        text = f"{path}: lines passed over: {passed}, the first in line {first}: no events that version {CONTRACT_VERSION} reads"
        warnings.warn(text, stacklevel=2)


def _opened(path: Path) -> IO[bytes]:
    if path.suffix != ".gz":
        return path.open("rb")
    import gzip  # a trainer that imports the package has no use for it

    return cast("IO[bytes]", gzip.open(path, "rb"))


def _number(value: object) -> Optional[float]:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


class _Points:
    """One rank's events, in their order, to rows: as ``src/query`` makes them."""

    def __init__(self) -> None:
        self._edges: List[Tuple[str, float]] = []
        self._before: Dict[str, Dict[str, float]] = {}
        self._grown: Dict[str, float] = {}
        self._has_updates = False
        self.rows: List[Row] = []

    def take(self, event: JSON) -> None:
        kind, data = event["type"], event["data"]
        if kind == "TRAINING_STARTED":
            self._before.clear()
        elif kind == "MEMORY_SAMPLED":
            self._sampled(data)
        elif kind == "PPO_UPDATE_COMPLETED":
            self._updated(event, data.get("batch"), UPDATE_PATHS)
        elif kind == "STEP_COMPLETED":
            self._updated(event, data.get("step"), STEP_PATHS)
        elif kind == "FIGURES_LOGGED":
            self._logged(event)

    def _sampled(self, data: JSON) -> None:
        for reading in data.get("memory") or ():
            self._count(reading)
            allocated = _number(reading.get("allocatedBytes"))
            if allocated is not None and len(self._edges) < _EDGES:
                self._edges.append((f"{reading['device']}/phase/{data['phase']}", allocated))

    def _updated(self, event: JSON, batch: Optional[float], paths: Mapping[str, Tuple[str, Optional[str]]]) -> None:
        data = event["data"]
        if batch is None:
            return
        row: Row = {}
        for name, allocated in self._edges:
            _put(row, name, allocated)
        self._edges = []
        for name, (group, key) in paths.items():
            value = data.get(group) if key is None else (data.get(group) or {}).get(key)
            _put(row, name, float(value) if isinstance(value, bool) else value)
        if event["type"] == "STEP_COMPLETED":
            _put_own(row, {"tokens/s": data.get("tokensPerSecond")})
        _put_own(row, data.get("extra") or {})
        for reading in data.get("memory") or ():
            self._read(row, reading)
        self._has_updates = True
        self.rows.append({"batch": batch, "timeMs": event["timeMs"], **row})

    def _logged(self, event: JSON) -> None:
        data = event["data"]
        row: Row = {}
        _put_own(row, data.get("figures") or {})
        if self._has_updates:
            self.rows[-1].update(row)
            return
        batch: Optional[float] = data.get("batch")
        if batch is None:
            batch = 1 + (self.rows[-1]["batch"] if self.rows else 0)
        self.rows.append({"batch": batch, "timeMs": event["timeMs"], **row})

    def _read(self, row: Row, reading: JSON) -> None:
        device = reading["device"]
        total, free = reading.get("deviceTotalBytes"), reading.get("deviceFreeBytes")
        allocated, reserved = reading.get("allocatedBytes"), reading.get("reservedBytes")
        active = reading.get("activeBytes")
        budget = budget_bytes(reading)
        self._count(reading)
        figures: Dict[str, Optional[float]] = {
            "allocatedBytes": allocated,
            "reservedBytes": reserved,
            "activeBytes": allocated if active is None else active,
            "peakAllocatedBytes": reading.get("peakAllocatedBytes"),
            "peakReservedBytes": reading.get("peakReservedBytes"),
            "deviceTotalBytes": total,
            "deviceUsedBytes": None if total is None or free is None else total - free,
            "budgetBytes": budget,
            "pressureFraction": pressure_fraction(peak_bytes(reading), budget),
            "memoryUsagePercent": None if allocated is None or not reserved else allocated / reserved * 100,
            "refusals": self._grown.pop(device, None),
        }
        for name, value in figures.items():
            _put(row, f"{device}/{name}", value)

    def _count(self, reading: JSON) -> None:
        device = reading["device"]
        before = self._before.setdefault(device, {})
        for name in (*_COUNTERS, "deviceAllocs", "deviceFrees", "syncAllStreams"):
            value = _number(reading.get(name))
            if value is None:
                continue
            # A counter that fell was reset. A reading with any counter counts; refusals are those of two of them.
            last = before.get(name, 0)
            growth = value - last if value >= last else value
            before[name] = value
            self._grown[device] = self._grown.get(device, 0) + (growth if name in _COUNTERS else 0)


def _event(line: bytes) -> Optional[JSON]:
    """None of a line that is no event of this version: garbage, or a last one that was torn."""
    if not line.endswith(b"\n"):
        return None
    try:
        event = json.loads(line.decode("utf-8", "replace").lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict) or not isinstance(event.get("data"), dict):
        return None
    version = event.get("v")
    is_ours = isinstance(version, str) and version.startswith(CONTRACT_VERSION.split(".")[0] + ".")
    has_place = _number(event.get("timeMs")) is not None and _number(event.get("rank")) is not None
    return event if is_ours and has_place and "type" in event else None


def _put(row: Row, name: str, value: object) -> None:
    number = _number(value)
    if number is not None:
        row[name] = max(number, row.get(name, number))


def _put_own(row: Row, figures: Mapping[str, object]) -> None:
    for name, value in figures.items():
        number = _number(value)
        if number is not None and math.isfinite(number) and _is_own_name(name):
            _put(row, f"own/{name}", number)


def _is_own_name(name: str) -> bool:
    """Printable, without a comma, of 1 to 80 characters as JavaScript counts them."""
    length = len(name.encode("utf-16-le", "surrogatepass")) // 2
    return 0 < length <= _LONGEST_NAME and not any(char == "," or unicodedata.category(char)[0] == "C" for char in name)
