"""Exact greedy at every update."""

from boundwise.benchmarks.submodular.adapter import StreamAdapter


class Adapter(StreamAdapter):
    """Play with the method ``incremental-greedy``."""

    def __init__(self) -> None:
        super().__init__("incremental-greedy")
