"""A random subset, the least to beat."""

from boundwise.benchmarks.submodular.adapter import StreamAdapter


class Adapter(StreamAdapter):
    """Play with the method ``random-subset``."""

    def __init__(self) -> None:
        super().__init__("random-subset")
