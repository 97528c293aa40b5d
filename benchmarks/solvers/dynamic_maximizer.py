"""Maintain a set by `DynamicMaximizer`; settings are its parameters."""

from boundwise.benchmarks.submodular.adapter import StreamAdapter


class Adapter(StreamAdapter):
    """Play with the method ``dynamic-maximizer``."""

    def __init__(self) -> None:
        super().__init__("dynamic-maximizer")
