"""``python -m esper_telemetry rehearse …``, where Node is not wanted."""

from __future__ import annotations

import sys


def main() -> int:
    if sys.argv[1:2] == ["rehearse"]:
        from .rehearse.command import main as rehearse

        return rehearse(sys.argv[2:])
    print("python -m esper_telemetry rehearse [options] -- COMMAND …", file=sys.stderr)
    return 0 if sys.argv[1:2] in (["-h"], ["--help"]) else 2


if __name__ == "__main__":
    sys.exit(main())
