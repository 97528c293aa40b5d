"""Lattanzi et al. (2020) on a stream of updates."""

from boundwise.benchmarks.submodular.adapter import StreamAdapter


class Adapter(StreamAdapter):
    """Play with the method ``lattanzi``."""

    def __init__(self) -> None:
        super().__init__("lattanzi")
