"""Files of a run are regular files and nothing else: opening a pipe would wait for its writer, a device never ends, and a
link may lead anywhere. What is none is refused, without waiting."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_FLAGS = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def open_regular(path: Path, flags: int = os.O_RDONLY, mode: int = 0o644) -> int:
    """A descriptor of a regular file.

    :raises OSError: what the disk refuses; also where something else is in its place.
    """
    fd = os.open(path, flags | _FLAGS, mode)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise OSError(errno.EINVAL, "is no regular file", str(path))
    except BaseException:
        os.close(fd)
        raise
    return fd


def read_regular(path: Path, most: int) -> str:
    """The text of a small regular file; what is no UTF-8 in it becomes U+FFFD.

    :raises OSError: as :func:`open_regular`, and where it is longer than ``most`` bytes.
    """
    with os.fdopen(open_regular(path), "rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"is longer than {most} bytes", str(path))
    return content.decode("utf-8", "replace")
