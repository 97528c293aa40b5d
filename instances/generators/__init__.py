"""Random instances by published recipes, each reproducible from its seed."""

from boundwise.instances.generators.registry import FAMILIES, generate

__all__ = ["FAMILIES", "generate"]
