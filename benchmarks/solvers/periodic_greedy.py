"""Greedy every so many updates; settings period, method, eps."""

from boundwise.benchmarks.submodular.adapter import StreamAdapter


class Adapter(StreamAdapter):
    """Play with the method ``periodic-greedy``."""

    def __init__(self) -> None:
        super().__init__("periodic-greedy")
