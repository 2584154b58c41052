"""The copy that the relay of ``esper run`` makes of an output: whole lines, and the bytes that were left out are reported."""

import os
import re
import subprocess
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import List, Tuple

RELAY = Path(__file__).parents[1] / "esper_telemetry" / "attach"
PROGRAM = "import relay, sys; relay.MOST_WAITING = 1 << 18; sys.exit(relay.Relay(sys.argv[1:]).run())"


def relayed(command: str, end: str) -> Tuple[bytes, bytes, int]:
    """Output and copy of a command that prints faster than the copy is read, and the bytes that were reported as left out."""
    pipes = [os.pipe() for _ in range(3)]

    def place() -> None:
        import fcntl

        moved = [fcntl.fcntl(given, fcntl.F_DUPFD, 6) for _, given in pipes]
        for number, given in zip((3, 4, 5), moved):
            os.dup2(given, number)

    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, sys.executable, "-c", command, end],
        stdout=subprocess.PIPE,
        cwd=RELAY,
        preexec_fn=place,
        close_fds=False,
    )
    for _, given in pipes:
        os.close(given)
    assert child.stdout is not None
    copy, errors, channel = (os.fdopen(reading, "rb") for reading, _ in pipes)
    with copy, errors, channel, child.stdout, ThreadPoolExecutor() as threads:
        # Nobody reads the copy until half of the output is through.
        output = child.stdout.read(1 << 20)
        copied = threads.submit(copy.read)
        output += child.stdout.read()
        reported: List[bytes] = re.findall(rb"^unread (\d+)$", channel.read(), re.MULTILINE)
        child.wait()
        return output, copied.result(), int(reported[-1]) if reported else 0


@unittest.skipUnless(os.name == "posix", "the relay needs POSIX")
class CopyOfAnOutput(unittest.TestCase):
    def test_is_whole_lines(self) -> None:
        for end in ("\n", "\r", "\r\n"):
            with self.subTest(end=end):
                command = (
                    "import sys\nfor i in range(100000): sys.stdout.write('step %d of the training' % i + sys.argv[1])"
                )
                output, copied, left_out = relayed(command, end)
                self.assertEqual(len(output), len(copied) + left_out)
                self.assertGreater(left_out, 0)
                printed = set(output.splitlines())
                self.assertEqual([line for line in copied.splitlines() if line and line not in printed], [])
                steps = [int(line.split()[1]) for line in copied.splitlines() if line]
                self.assertEqual(steps, sorted(set(steps)))

    def test_of_a_line_without_an_end(self) -> None:
        output, copied, left_out = relayed("import sys\nfor _ in range(64): sys.stdout.write('x' * 65536)", "")
        self.assertEqual(output, b"x" * (64 << 16))
        self.assertEqual(len(output), len(copied) + left_out)


if __name__ == "__main__":
    unittest.main()
