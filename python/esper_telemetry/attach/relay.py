"""Between a command and its output, for ``esper run``: hands every byte on, gives Esper a copy, and outlives it.

    python3 -I -S relay.py COMMAND …

It starts the command with the standard input as it is, and with a pseudo-terminal in the place of an output that is a
terminal, a pipe in the place of any other. Where both outputs are one file they stay one, in their order. Output goes on
byte by byte with the output's own back-pressure. Descriptors from ``esper run``: 3 and 4 get copies of the standard output and
the error output; 5 is a line-based channel. What Esper does not take of a copy is left out in whole lines, and their bytes are
reported; when Esper dies, output goes on.

Signals: a terminal, ``kill -- -GROUP`` and job schedulers reach the command by themselves, for it is in our process group. One
that reached Esper alone comes as ``signal N``, and is handed on unless we had it too.

It needs no more than Python 3.6's standard library, and is no part of the package.
"""

import errno
import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from typing import Any, Dict, List, Optional, Set

CHANNEL = 5
#: Bytes of a copy that wait for Esper; past it they are left out.
MOST_WAITING = 32 << 20
CHUNK = 1 << 16
#: A command may leave others behind that hold its output open: for so many seconds after its end Esper gets their words too.
AFTER_END = 0.5
#: More than a pipe holds: what is read beyond it after the command's end is none of its own.
MOST_LEFT = 1 << 20
#: Those that the command gets by itself where its whole group does.
PASSED = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2") if hasattr(signal, name)]


class Output:
    """One output of the command: where it comes from, where it goes, and Esper's copy."""

    def __init__(self, target: int, copy: int):
        self.target = target
        self.copy: Optional[int] = copy
        self.is_terminal = os.isatty(target)
        self.held = False
        self.waiting = bytearray()
        #: Bytes of the copy that were left out, and whether what comes next still belongs to them.
        self.left_out = 0
        self.is_leaving_out = False
        self.total = 0
        self.source: Optional[int]
        self.source, self.given = os.openpty() if self.is_terminal else os.pipe()
        if self.is_terminal:
            attributes = termios.tcgetattr(target)
            attributes[1] &= ~termios.OPOST  # the real terminal does that
            termios.tcsetattr(self.given, termios.TCSANOW, attributes)
            self.resize()
        os.set_blocking(copy, False)

    def resize(self) -> None:
        if self.is_terminal and self.source is not None:
            try:
                size = fcntl.ioctl(self.target, termios.TIOCGWINSZ, struct.pack("HHHH", 0, 0, 0, 0))
                fcntl.ioctl(self.source, termios.TIOCSWINSZ, size)
            except OSError:
                pass

    def read(self) -> None:
        """Hands on what is there; closed at the end, and where nobody takes it any more."""
        assert self.source is not None
        try:
            data = os.read(self.source, CHUNK)
        except InterruptedError:
            return
        except OSError:  # a pseudo-terminal's end
            data = b""
        if not data or not (self.held or self._write(data)):
            self.close()
            return
        self.total += len(data)
        if self.copy is not None:
            self._wait(data)
            self.hand_copy()

    def _wait(self, data: bytes) -> None:
        """Keeps the copy in whole lines: halves of two lines would make one that was never printed."""
        if self.is_leaving_out:
            whole = _line_end(data)
            if whole == 0 or len(self.waiting) > MOST_WAITING / 2:
                whole = len(data)
            else:
                self.is_leaving_out = False
            self.left_out += whole
            data = data[whole:]
        elif len(self.waiting) + len(data) > MOST_WAITING:
            self.is_leaving_out = True
            whole = max(self.waiting.rfind(b"\n"), self.waiting.rfind(b"\r")) + 1
            self.left_out += len(self.waiting) - whole + len(data)
            del self.waiting[whole:]
            return
        self.waiting += data

    def _write(self, data: bytes) -> bool:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self.target, view) :]
            except BlockingIOError:
                select.select([], [self.target], [])
            except InterruptedError:
                continue
            except OSError:
                return False
        return True

    def hand_copy(self) -> None:
        try:
            while self.waiting and self.copy is not None:
                del self.waiting[: os.write(self.copy, self.waiting[:CHUNK])]
        except BlockingIOError:
            pass
        except OSError:
            self.copy = None
            self.waiting.clear()

    def end_copy(self) -> None:
        """Esper reads the end."""
        if self.copy is not None:
            os.close(self.copy)
        self.copy = None

    def close(self) -> None:
        if self.source is not None:
            os.close(self.source)
        self.source = None


def _line_end(data: bytes) -> int:
    """The bytes of the first line, its end included; 0 without an end. A progress bar ends its lines with a return."""
    ends = [at + 1 for at in (data.find(b"\n"), data.find(b"\r")) if at >= 0]
    return min(ends) if ends else 0


class Relay:
    def __init__(self, command: List[str]):
        self.outputs: List[Output] = []
        self.channel: Optional[int] = CHANNEL
        self.partly = b""
        #: Signals that reached us, and so the command, and that Esper has not passed on yet.
        self.had: Set[int] = set()
        self.status: Optional[int] = None
        self.reported_out = 0
        #: By :func:`time.monotonic`, once the command has ended.
        self.ended_at = 0.0
        given: Dict[Any, Output] = {}
        for target, copy in ((1, 3), (2, 4)):
            try:
                identity = os.fstat(target)
            except OSError:
                os.close(copy)
                continue  # closed: so it is for the command
            key = (identity.st_dev, identity.st_ino, identity.st_rdev)
            if key not in given or identity.st_rdev == os.stat(os.devnull).st_rdev:
                output = Output(target, copy)
                self.outputs.append(output)
                given[key] = output
            else:
                os.close(copy)
            given[target] = given[key]
        wakeup, self.wakeup = os.pipe()
        os.set_blocking(self.wakeup, False)
        os.set_blocking(wakeup, False)
        self.woken = wakeup
        signal.set_wakeup_fd(self.wakeup, warn_on_full_buffer=False)
        for number in PASSED:
            signal.signal(number, self._had)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGWINCH, self._resized)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        try:
            self.child = subprocess.Popen(
                command,
                stdout=given[1].given if 1 in given else None,
                stderr=given[2].given if 2 in given else None,
                close_fds=True,
                preexec_fn=_ignore_hangup if _is_detached() else None,
            )
        except OSError as error:
            self._report("failed {} {}".format(126 if error.errno in (errno.EACCES, errno.ENOEXEC) else 127, os.strerror(error.errno or 0)))
            raise SystemExit(127) from None
        for output in self.outputs:
            os.close(output.given)
        self._report("pid {}".format(self.child.pid))

    def _resized(self, *_: Any) -> None:
        for output in self.outputs:
            output.resize()

    def _had(self, number: int, _: Any) -> None:
        self.had.add(number)

    def _report(self, line: str) -> None:
        if self.channel is not None:
            try:
                os.write(self.channel, line.encode() + b"\n")
            except OSError:
                self.channel = None

    def _order(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if word == "signal":
            number = int(rest)
            if number in self.had:
                self.had.discard(number)
            elif self.status is None:
                self.child.send_signal(number)
        elif word in ("hold", "release"):
            for output in self.outputs:
                output.held = word == "hold" and output.is_terminal

    def _listen(self) -> None:
        assert self.channel is not None
        try:
            data = os.read(self.channel, CHUNK)
        except OSError:
            data = b""
        if not data:  # Esper is gone
            self.channel = None
            for output in self.outputs:
                output.held = False
            return
        *lines, self.partly = (self.partly + data).split(b"\n")
        for line in lines:
            self._order(line.decode())

    def _reap(self) -> None:
        if self.child.poll() is not None:
            self.status = self.child.returncode
            self.ended_at = time.monotonic()
            for output in self.outputs:
                output.total = 0
            self._report("ended {}".format(self.status))

    def _report_left_out(self) -> None:
        """Of gaps that are over: the channel is no place for thousands of lines."""
        if self.status is None and any(output.is_leaving_out for output in self.outputs):
            return
        left_out = sum(output.left_out for output in self.outputs)
        if left_out > self.reported_out:
            self.reported_out = left_out
            self._report("unread {}".format(left_out))

    def _patience(self) -> Optional[float]:
        if self.status is None:
            return None
        return AFTER_END if any(output.copy is not None for output in self.outputs) else 5

    def run(self) -> int:
        while self.status is None or any(output.source is not None for output in self.outputs):
            reading = [output.source for output in self.outputs if output.source is not None] + [self.woken]
            if self.channel is not None:
                reading.append(self.channel)
            writing = [output.copy for output in self.outputs if output.copy is not None and output.waiting]
            readable, writable, _ = select.select(reading, writing, [], self._patience())
            if self.woken in readable:
                os.read(self.woken, CHUNK)
            if self.channel in readable:
                self._listen()
            for output in self.outputs:
                if output.source in readable:
                    output.read()
                if output.copy in writable:
                    output.hand_copy()
            self._report_left_out()
            if self.status is None:
                self._reap()
            elif time.monotonic() - self.ended_at >= AFTER_END:
                for output in self.outputs:
                    if not output.waiting and (output.source not in readable or output.total > MOST_LEFT):
                        output.end_copy()
        self._report_left_out()
        for output in self.outputs:  # Esper reads to the end, if it is there
            if output.copy is not None and output.waiting:
                os.set_blocking(output.copy, True)
                output.hand_copy()
        return self.status if self.status >= 0 else 128 - self.status


def _is_detached() -> bool:
    """None of the standard streams is a terminal although there is one: started with nohup, whose setting Node takes back."""
    if any(os.isatty(number) for number in (0, 1, 2) if _is_open(number)):
        return False
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
        return True
    except OSError:
        return False


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
        return True
    except OSError:
        return False


def _ignore_hangup() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(Relay(sys.argv[1:]).run())
