"""The embedded instance of ``boundwise demo``."""

from boundwise.instances.generators.registry import generate
from boundwise.instances.instance import Instance

#: Recipe of the demo instance.
DEMO = "generalized_independent_set:nodes=200,density=0.6,seed=1"


def demo_instance() -> Instance:
    """Generate the demo instance, in well under a second.

    Returns
    -------
    Instance
        A problem on which large neighbourhood search visibly beats plain
        branch-and-cut within 30 s.
    """
    return generate(DEMO)
