"""`provisioner`, and `python -m provisioner`."""

from __future__ import annotations

import os
import signal


def main() -> None:
    """Run the command line, which takes over a moment later: it takes time to import."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)
    from provisioner.cli import main as run

    run()


def _end(_number: int, _frame: object) -> None:
    os.write(2, b"\nInterrupted. Nothing was begun.\n")
    os._exit(1)


if __name__ == "__main__":
    main()
