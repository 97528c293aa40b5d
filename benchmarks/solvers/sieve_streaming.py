"""Sieve-streaming on a stream of updates; ``plus_plus = true`` for the variant."""

from boundwise.benchmarks.submodular.adapter import StreamAdapter


class Adapter(StreamAdapter):
    """Play with the method ``sieve-streaming``."""

    def __init__(self) -> None:
        super().__init__("sieve-streaming")
