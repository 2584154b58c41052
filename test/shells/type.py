"""Types into an interactive shell on a terminal of its own: ``type.py SETUP KEYS… -- SHELL ARGS``. Prints what it showed after the setup.

Each of KEYS is typed with Tab behind it, twice, then Ctrl-U; a shell lists what fits. No time is assumed: a marker is echoed and waited for.
"""

import os
import pty
import re
import select
import sys
import time

setup, *rest = sys.argv[1:]
cut = rest.index("--")
typed, shell = rest[:cut], rest[cut + 1 :]
pid, terminal = pty.fork()
if pid == 0:
    os.environ.update(TERM="dumb", PS1="$ ", PROMPT="$ ", COLUMNS="200")
    os.execvp(shell[0], shell)


def until(pattern: str, quiet: float = 0.0) -> str:
    """What is shown until the pattern is there, and nothing more has come for ``quiet`` seconds."""
    shown, ends = "", time.monotonic() + 60
    while time.monotonic() < ends:
        ready, _, _ = select.select([terminal], [], [], quiet or 0.2)
        if ready:
            try:
                shown += os.read(terminal, 65536).decode(errors="replace")
            except OSError:
                return shown
        elif re.search(pattern, shown):
            return shown
    sys.exit(f"{shell[0]} did not show {pattern!r} but {shown!r}")


def send(text: str) -> None:
    os.write(terminal, text.encode())


send(f"{setup}; echo rea''dy\n")
until("ready\r?\n")
for keys in typed:
    before, _, expected = keys.partition("=>")
    send(f"{before}\t\t")
    print(f"{before}\n{until(expected, 0.3)}\n---")
    send("\x15")
send("exit\n")
