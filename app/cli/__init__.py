"""`adelante`: the command line, a thin face over the same parts."""

import signal
import sys


def main() -> None:
    """The console script."""
    # Python's own handler raises KeyboardInterrupt wherever it happens to be, and what is being imported may swallow
    # that. The system's default ends the process. Who started it with SIGINT ignored (nohup) keeps that.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from app.cli.program import run

    sys.exit(run(sys.argv[1:]))
