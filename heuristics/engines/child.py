"""The child process of an engine: ``python -m boundwise.heuristics.engines.child``.

Arguments are the process id of the run and the name of a server. The child greets,
and serves what the first message asks for until it is killed.
"""

import sys
import traceback
from importlib import import_module
from typing import Any

from boundwise.heuristics.engines.frames import Frame
from boundwise.heuristics.engines.line import Line, limit_memory, tie_to_parent
from boundwise.heuristics.engines.process import GREETING

#: Frames of which only the newest one matters.
_LATEST_ONLY = frozenset({"incumbent", "stop"})
_SERVERS = {
    "scip": "boundwise.heuristics.engines.scip_server",
    "highs": "boundwise.heuristics.engines.highs_server",
    "highs-repair": "boundwise.heuristics.engines.highs_repair_server",
    "cp-sat": "boundwise.heuristics.engines.cp_sat_server",
    "cp-sat-repair": "boundwise.heuristics.engines.cp_sat_repair_server",
}


def main() -> None:
    """Greet, and serve."""
    tie_to_parent(int(sys.argv[1]))
    line = Line(_LATEST_ONLY)
    line.send(Frame(GREETING))
    try:
        server: Any = import_module(_SERVERS[sys.argv[2]])
        frame = line.receive()
        limit_memory(frame.fields.get("memory"))
        server.serve(line, frame)
    except MemoryError:
        line.send(Frame("error", {"message": "out of memory"}))
    except Exception as error:
        traceback.print_exc()
        message = f"{type(error).__name__}: {error}"[:500]
        line.send(Frame("error", {"message": message}))


if __name__ == "__main__":
    main()
