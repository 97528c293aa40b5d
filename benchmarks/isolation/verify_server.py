"""The checker process: JSON requests in, verdicts out, until the input closes.

A request names the suite, whose `verify` judges the solution in the run's folder.
"""

import ctypes
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from boundwise.benchmarks.suites.base import load_suite

_PR_SET_PDEATHSIG = 1


def answer(line: str) -> dict[str, Any]:
    """Return the verdict on one request, or the error as a document."""
    try:
        request = json.loads(line)
        suite = load_suite(request["suite"])
        return suite.verify(
            Path(request["instance"]), Path(request["folder"]), request["claim"]
        )
    except (Exception, RecursionError) as error:
        return {"error": f"{type(error).__name__}: {error}"}


def main() -> None:
    """Serve requests; whatever a library prints goes to standard error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    except (OSError, AttributeError):
        traceback.print_exc()
    if os.getppid() != parent:
        return
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        replies.write(json.dumps(answer(line)) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
