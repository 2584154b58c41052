"""A file that is there whole or not at all: written beside its place, synced, and renamed into it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO, Callable, Union


def write_whole(path: Path, content: Union[bytes, Callable[[BinaryIO], object]]) -> None:
    """Replaces what was at ``path`` by ``content``, or by what it writes when it is called with the open file.

    :raises: what the disk or ``content`` raises; what was there before stays, and nothing is left beside it.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with open(draft, "wb") as file:
            if callable(content):
                content(file)
            else:
                file.write(content)
            # A full disk shows here at the latest: a short write raises, and so does the sync of one that was put off.
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        try:
            draft.unlink()
        except OSError:
            pass
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """So that a crash of the machine does not undo the rename. Not every file system can."""
    try:
        fd = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(fd)
    except OSError:
        pass
    finally:
        os.close(fd)


def write_fully(fd: int, data: bytes) -> None:
    """Writes all bytes: a write may take a part, and the next fails with the reason. Raises OSError."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
