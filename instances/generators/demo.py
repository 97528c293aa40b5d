"""The embedded instance of ``boundwise demo``."""

from boundwise.instances.generators.registry import generate
from boundwise.instances.instance import Instance

#: Recipe of the demo instance.
DEMO = "minimum_vertex_cover:nodes=2000,max_weight=100,seed=1"


def demo_instance() -> Instance:
    """Generate the demo instance, in well under a second.

    Returns
    -------
    Instance
        A problem on which large neighbourhood search visibly beats plain
        branch-and-cut within 30 s.
    """
    return generate(DEMO)
