"""One rank's log file: whole lines, one write each, appended by this process alone.

What ``append`` returned from is in the kernel's hands and survives ``kill -9``. A thread of its own brings it to
disk once a second (inline, the disk's latency would be part of a training step), so a crash of the machine costs at
most that. Nothing here raises, waits or queues: what cannot be written is dropped and counted. After an error the
file is opened again, at most once a second.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Callable, Optional

from .failures import from_signal_handler
from .log_end import MAX_LINE_BYTES
from .regular_file import open_regular
from .run_folder import events_path
from .writer_lock import WriterLock, WriterRefused

#: A crash of the machine loses at most this.
SYNC_SECONDS = 1.0
#: A file that failed is tried again after this; one that was deleted or moved is noticed after this.
LOOK_SECONDS = 1.0

_sync = getattr(os, "fdatasync", os.fsync)


class LogWriter:
    """Opens a rank's log in a run's folder, a new one or one to go on with. A torn last line is ended, never cut off.

    ``append`` and ``close`` are called by one thread at a time.

    :raises WriterRefused: where another process writes it, or it is packed; OSError: where the file cannot be opened.
    """

    def __init__(self, folder: Path, rank: int, report: Callable[[str, object], None]):
        self.path = events_path(folder, rank)
        #: Lines that could not be written.
        self.dropped = 0
        self._report = report
        self._fd: Optional[int] = None
        self._inode = 0
        self._torn = False
        self._unsynced = False
        self._look_due = 0.0
        self._closed = threading.Event()
        #: Held to close the file and to sync it, which takes long: never to append.
        self._file = threading.Lock()
        packed = self.path.with_name(self.path.name + ".gz")
        if packed.exists() and not self.path.exists():
            raise WriterRefused(f'{packed} is packed: "esper pack --undo" makes a log of it that can be gone on with.')
        self._lock = WriterLock(folder, rank)
        try:
            self._open()
        except OSError:
            self._lock.release()
            raise
        self._syncer = threading.Thread(target=self._sync_often, name="esper-sync", daemon=True)
        self._syncer.start()

    def append(self, line: bytes) -> bool:
        """Writes one whole line, newline included. False where it could not be kept."""
        try:
            if len(line) > MAX_LINE_BYTES:
                raise ValueError(f"a line of {len(line)} bytes is too long to be read back")
            now = time.monotonic()
            if now >= self._look_due:
                self._look(now)
            if self._fd is None:
                self.dropped += 1
                return False
            if self._torn:
                line = b"\n" + line
            written = os.write(self._fd, line)
            while written < len(line):  # the disk took a part: either it has room for the rest, or the next write fails with the reason
                written += os.write(self._fd, line[written:])
            self._torn = False
            self._unsynced = True
            return True
        except Exception as error:
            if from_signal_handler(error):
                raise
            self.dropped += 1
            if isinstance(error, OSError):
                self._close_file()
            self._report(f"{self.path}: an event could not be written", error)
            return False

    def sync(self) -> None:
        """Brings what was written to disk."""
        with self._file:
            if self._fd is None or not self._unsynced:
                return
            self._unsynced = False
            try:
                _sync(self._fd)
            except OSError as error:
                self._report(f"{self.path}: the log could not be brought to disk", error)

    def close(self) -> None:
        """Syncs, closes and lets the next writer in. What is appended afterwards is dropped."""
        self._closed.set()
        self._syncer.join(timeout=5)
        self.sync()
        self._close_file()
        self._look_due = float("inf")
        self._lock.release()

    def _open(self) -> None:
        self._look_due = time.monotonic() + LOOK_SECONDS
        # A pipe in its place must not hold the training, and a link not lead it elsewhere.
        fd = open_regular(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        try:
            there = os.fstat(fd)
            # An earlier writer may have left half a line; the next must not continue it.
            os.lseek(fd, max(0, there.st_size - 1), os.SEEK_SET)
            self._torn = os.read(fd, 1) not in (b"", b"\n")
        except BaseException:
            os.close(fd)
            raise
        self._inode = there.st_ino
        self._fd = fd

    def _look(self, now: float) -> None:
        """Opens the file again where it failed, or was deleted or moved: that one takes writes as before, and nobody reads them."""
        self._look_due = now + LOOK_SECONDS
        try:
            there = os.lstat(self.path).st_ino == self._inode
        except FileNotFoundError:
            there = False
        if self._fd is not None and there:
            return
        if self._fd is not None:
            self._report(f"{self.path}: the log was deleted or moved, a new one is begun", "")
        self._close_file()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lock.hold()
        self._open()

    def _close_file(self) -> None:
        with self._file:
            fd, self._fd = self._fd, None
            if fd is not None:
                try:
                    os.close(fd)
                except OSError as error:
                    self._report(f"{self.path}: the log could not be closed", error)

    def _sync_often(self) -> None:
        while not self._closed.wait(SYNC_SECONDS):
            self.sync()
