"""Column-and-constraint generation: main problem, adversary, one more scenario.

    repeat: x = argmin of the main problem over the scenarios so far;  xi = worst for x
    until the worst case of x meets the bound of the main problem

Zeng, Zhao (2013), Solving two-stage robust optimization problems using a
column-and-constraint generation method, doi:10.1016/j.orl.2013.05.003.
"""

from boundwise.solvers.robust.run import Run, is_among
from boundwise.solvers.robust.scenario_model import ScenarioModel

#: The main problem is solved to this share of the gap that is left, at least.
_SHARE = 0.2
_FIRST_GAP = 1e-3


def solve_nominal(run: Run, gap: float = 0.0) -> None:
    """Evaluate a decision that is best, up to a gap, in the nominal scenario."""
    main = ScenarioModel(run.problem)
    try:
        main.add(run.problem.uncertainty.nominal)
        x, bound, _ = main.solve(run.clock, gap)
        run.raise_bound(bound, "nominal")
        if x is not None:
            run.evaluate(x, "nominal")
    finally:
        main.free()


def solve_ccg(run: Run) -> None:
    """Run the loop until incumbent and bound meet or the clock ends.

    A scenario that comes twice would end the loop with an open gap, which only the
    tolerance of the main problem can cause: the tolerance is then tightened.
    """
    main = ScenarioModel(run.problem)
    gap = _FIRST_GAP
    try:
        scenario = run.problem.uncertainty.nominal
        run.store(scenario)
        main.add(scenario)
        while not run.clock.expired():
            run.iterations += 1
            x, bound, solved = main.solve(run.clock, gap, run.x)
            run.raise_bound(bound, "ccg")
            if x is None or run.is_closed():
                return
            worst = run.problem.worst_case(x, clock=run.clock)
            run.note(x, worst, "ccg")
            if run.is_closed() or not solved:
                return
            run.store(worst.scenario)
            if not is_among(main.scenarios, worst.scenario, run.same):
                main.add(worst.scenario)
            elif gap > _SHARE * run.gap:
                gap = max(_SHARE * run.gap, 0.1 * gap)
            else:
                return
    finally:
        main.free()
