"""A child for the tests: it does what it is told, good or bad."""

import os
import sys

from boundwise.heuristics.engines.frames import Frame
from boundwise.heuristics.engines.line import Line, limit_memory, tie_to_parent
from boundwise.heuristics.engines.process import GREETING


def main():
    tie_to_parent(int(sys.argv[1]))
    line = Line()
    line.send(Frame(GREETING))
    while True:
        frame = line.receive()
        if frame.kind == "echo":
            line.send(frame)
        elif frame.kind == "print":
            os.write(1, b"a solver's banner\n")
        elif frame.kind == "burn":
            while True:
                pass
        elif frame.kind == "crash":
            print(1 / 0)
        elif frame.kind == "garbage":
            os.write(line._out, b"Segmentation fault, core not dumped\n")
        elif frame.kind == "eat":
            limit_memory(frame.fields["mebibytes"])
            try:
                bytearray(frame.fields["eaten"] * 2**20)
            except MemoryError:
                line.send(Frame("refused"))
            else:
                line.send(Frame("eaten"))


if __name__ == "__main__":
    main()
