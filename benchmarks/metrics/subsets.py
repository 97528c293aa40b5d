"""Subsets of instances on which solvers are compared.

The bracket [t, limit] holds the instances that at least one solver solves and for
which the *slowest* solver needs at least t. With the time of one of the solvers, or
the fastest, instead of the maximum the subset would favour somebody.

Reference: the subsets follow Rubberband and Achterberg and Wunderling (2013),
doi:10.1007/978-3-642-38189-8_18.
"""

from collections.abc import Callable

from boundwise.benchmarks.metrics.reduction import Cell, Grid

#: Lower ends of the brackets, in seconds.
BRACKETS = (0, 1, 10, 100, 1000)
Row = tuple[Cell, ...]


def in_bracket(row: Row, seconds: float) -> bool:
    """Tell whether an instance is in the bracket [seconds, limit].

    Parameters
    ----------
    row
        The cells of an instance.
    seconds
        Lower end.
    """
    solved = any(cell.solved_all for cell in row)
    return solved and max(cell.time for cell in row) >= seconds


def all_optimal(row: Row) -> bool:
    """Tell whether every solver solves the instance with every seed."""
    return all(cell.solved_all for cell in row)


def different_timeouts(row: Row) -> bool:
    """Tell whether some solvers run into a limit and others do not."""
    return len({cell.timed_out for cell in row}) > 1


def affected(row: Row) -> bool:
    """Tell whether the solvers took different paths: their LP iterations differ.

    An instance is left out if one does not tell its iterations, if one failed, or
    if none solved it.
    """
    iterations = [cell.iterations for cell in row]
    if any(count is None for count in iterations) or any(cell.failed for cell in row):
        return False
    return len(set(iterations)) > 1 and any(cell.solved_all for cell in row)


def subsets(grid: Grid) -> dict[str, Grid]:
    """Return the usual subsets by title; empty ones are left out.

    Parameters
    ----------
    grid
        Table of all instances.
    """
    rules: dict[str, Callable[[Row], bool]] = {
        "affected": affected,
        "all optimal": all_optimal,
        "different timeouts": different_timeouts,
    }
    for seconds in BRACKETS:
        rules[f"[{seconds}, limit]"] = _bracket(seconds)
    found = {"all": grid}
    for title, rule in rules.items():
        names = [name for name, row in grid.rows.items() if rule(row)]
        if names:
            found[title] = grid.restricted(names)
    return found


def _bracket(seconds: float) -> Callable[[Row], bool]:
    def rule(row: Row) -> bool:
        return in_bracket(row, seconds)

    return rule
