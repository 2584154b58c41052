"""One writer a rank's log: ``events-<rank>.lock``, made exclusively, names its holder.

A holder that died leaves it behind, and that is how "ended unexpectedly" is known. A process is a pid, its
start time and its pid namespace: pids are used again, and a container on this host counts its own.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import socket
import time
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

from .regular_file import read_regular
from .whole_file import write_fully

#: A lock without text is one being made right now, unless it is older than this.
_MAKING_SECONDS = 5.0
_LONGEST = 64 * 1024
#: This process may open no more files, or not this one.
_UNSEEN = (errno.EMFILE, errno.ENFILE, errno.EACCES, errno.EPERM)


class WriterRefused(Exception):
    """Another process writes this log. The text is one sentence that names it."""


def process_started(pid: int) -> Optional[int]:
    """Start of a live process, clock ticks since boot; None for a dead one (a zombie is dead) or without /proc."""
    try:
        # The command's name is in parentheses and may hold anything; the fields after it are numbered from 3.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="latin-1").rpartition(")")[2].split()
        return None if fields[0] in "ZX" else int(fields[22 - 3])
    except (OSError, ValueError, IndexError):
        return None


def _pid_namespace() -> Optional[str]:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return None


def _machine() -> Optional[str]:
    """Distinguishes two hosts of one name; None where it has none."""
    try:
        return Path("/etc/machine-id").read_text(encoding="latin-1").strip() or None
    except OSError:
        return None


def _state(holder: Dict[str, Any], *, system: str = os.name) -> str:
    """``writing``, ``gone``, or ``unknown`` for one that cannot be seen from here."""
    if holder.get("hostname") != socket.gethostname() or holder.get("pidNamespace") != _pid_namespace():
        return "unknown"
    ours, theirs = _machine(), holder.get("machine")
    if ours and theirs and ours != theirs:
        return "unknown"
    pid, since = int(holder["pid"]), holder.get("startTicks")
    if since is not None:
        return "writing" if process_started(pid) == since else "gone"
    if system == "nt":  # there, signal 0 ends the process
        return "unknown"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return "gone"
    except OSError:
        pass
    return "writing"


class WriterLock:
    """Takes the lock of a rank's log in ``folder``.

    :raises WriterRefused: where another process has it; OSError: the file system's error.
    """

    def __init__(self, folder: Path, rank: int):
        self._path = folder / f"events-{rank}.lock"
        self._mine = json.dumps(
            {
                "pid": os.getpid(),
                "startTicks": process_started(os.getpid()),
                "hostname": socket.gethostname(),
                "pidNamespace": _pid_namespace(),
                "machine": _machine(),
                "writer": secrets.token_hex(8),  # distinguishes two writers of one process apart
            },
            separators=(",", ":"),
        )
        self.hold()

    def hold(self) -> None:
        """Takes the lock again where its file was deleted. Raises as the constructor."""
        for _ in range(10):
            state, holder, text = self._look()
            if text == self._mine:
                return
            if state == "gone":
                self._clear(text or "")
            elif state == "closed":
                if self._make():
                    return
            else:
                break
        raise self._refusal(state, holder)

    def release(self) -> None:
        """Never raises."""
        try:
            if self._look()[2] == self._mine:
                self._path.unlink()
        except OSError:
            pass

    def _look(self) -> Tuple[str, Optional[Dict[str, Any]], Optional[str]]:
        text = self._text(self._path)
        if text is None:
            return "closed", None, None
        try:
            holder = json.loads(text)
            pid = holder.get("pid")
            if isinstance(pid, int) and 0 < pid < 2**53 and isinstance(holder.get("hostname"), str):
                return _state(holder), holder, text
        except (ValueError, AttributeError, RecursionError):
            pass
        try:
            age = time.time() - self._path.lstat().st_mtime
        except OSError:
            age = 0.0
        return ("unknown" if age < _MAKING_SECONDS else "gone"), None, text

    def _text(self, path: Path) -> Optional[str]:
        """None where there is none; no text where something else is in its place, or too much of it.

        Raises OSError where it cannot be seen: nothing is known of the lock then.
        """
        try:
            return read_regular(path, _LONGEST)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno in _UNSEEN:
                raise
            return ""

    def _refusal(self, state: str, holder: Optional[Dict[str, Any]]) -> WriterRefused:
        who = f"process {holder['pid']} on {holder.get('hostname')}" if holder else "another process"
        if state == "writing":
            return WriterRefused(f"{who} is writing this run: wait until it ends, or start a run of your own.")
        return WriterRefused(
            f"{who} may be writing this run and cannot be seen from here: once it has ended, delete {self._path}."
        )

    def _make(self) -> bool:
        """False where another process was faster."""
        try:
            fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            return False
        try:
            write_fully(fd, self._mine.encode("utf-8"))
        except OSError:
            self._path.unlink()
            raise
        finally:
            os.close(fd)
        return True

    def _clear(self, stale: str) -> None:
        """Removes a dead writer's lock, and only that: another process may have put its own there meanwhile."""
        aside = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            os.replace(self._path, aside)
            if self._text(aside) == stale:
                aside.unlink()
            else:
                os.replace(aside, self._path)
        except FileNotFoundError:
            pass
