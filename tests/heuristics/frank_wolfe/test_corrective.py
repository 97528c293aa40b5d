import numpy as np
import pytest

from boundwise.core.errors import InputError
from boundwise.heuristics.frank_wolfe.active_set import ActiveSet
from boundwise.heuristics.frank_wolfe.corrective import (
    DifferenceCorrective,
    NewtonCorrective,
    QuadraticCorrective,
)
from boundwise.heuristics.frank_wolfe.frank_wolfe import frank_wolfe
from boundwise.heuristics.frank_wolfe.functions import Functions
from boundwise.heuristics.frank_wolfe.line_searches.exact import Exact
from boundwise.heuristics.frank_wolfe.search import Search
from boundwise.heuristics.frank_wolfe.shadow_set import ShadowSet
from boundwise.heuristics.frank_wolfe.simplex_qp import minimize_over_simplex


def search_on(objective, oracle, active, in_domain=None):
    return Search(
        objective,
        oracle,
        Exact(),
        active,
        ShadowSet(len(active.x)),
        lazy=True,
        factor=2.0,
        in_domain=in_domain,
        on_vertex=None,
    )


def test_cached_products_stay_right_while_atoms_come_and_go(make_objective):
    """Sixty atoms pass through; the weights stay those of a fresh solve."""
    rng = np.random.default_rng(0)
    objective = make_objective("quadratic", 6, rng)
    corrective = QuadraticCorrective(objective)
    active = ActiveSet.from_vertex(rng.normal(size=6))
    search = search_on(objective, None, active)
    for _ in range(60):
        corrective.improve(search, rng.normal(size=6) * rng.choice([0.1, 2.0]))
        atoms = active.atoms
        gram = atoms @ objective.Q @ atoms.T
        fresh = minimize_over_simplex(gram, atoms @ objective.b, active.weights.copy())
        assert search.value <= objective.value(fresh @ atoms) + 1e-9
    assert len(active) <= 7


def test_a_newton_step_is_exact_on_a_quadratic(make_objective):
    rng = np.random.default_rng(1)
    objective = make_objective("quadratic", 4, rng)
    objective.hessian_product = lambda x, directions: directions @ objective.Q
    active = ActiveSet(rng.normal(size=(5, 4)), np.ones(5))
    search = search_on(objective, None, active.copy())
    assert NewtonCorrective(objective).improve(search)
    exact = search_on(objective, None, active)
    assert QuadraticCorrective(objective).improve(exact)
    assert search.value == pytest.approx(exact.value, abs=1e-10)


def test_differences_of_gradients_are_nearly_as_good_as_second_derivatives(
    make_objective,
):
    """The step waits until as many others have been made as there are atoms."""
    rng = np.random.default_rng(4)
    objective = make_objective("smooth", 4, rng)
    functions = Functions(objective.value, objective.gradient)
    active = ActiveSet(rng.normal(size=(5, 4)), np.ones(5))
    exact = search_on(objective, None, active.copy())
    assert NewtonCorrective(objective).improve(exact)
    search = search_on(functions, None, active)
    corrective = DifferenceCorrective(functions)
    made = [corrective.improve(search) for _ in range(6)]
    assert made == [False] * 5 + [True]
    assert search.value == pytest.approx(exact.value, abs=1e-5)


def test_differences_do_not_leave_the_domain(make_objective):
    objective = make_objective("smooth", 3, np.random.default_rng(5))

    def gradient(x):
        assert x[0] < 0.4
        return objective.gradient(x)

    functions = Functions(objective.value, gradient)
    active = ActiveSet(np.eye(3), np.ones(3))
    search = search_on(functions, None, active, lambda x: bool(x[0] <= 1.0 / 3.0))
    corrective = DifferenceCorrective(functions)
    assert not any(corrective.improve(search) for _ in range(10))


def test_a_vertex_that_does_not_help_leaves_the_atoms_as_they_were(make_objective):
    rng = np.random.default_rng(2)
    objective = make_objective("quadratic", 3, rng)
    search = search_on(objective, None, ActiveSet(np.eye(3), np.ones(3)))
    corrective = QuadraticCorrective(objective)
    corrective.improve(search)
    before = search.active.atoms.tolist()
    assert not corrective.improve(search, search.x + search.gradient)
    assert search.active.atoms.tolist() == before


@pytest.mark.parametrize("answer", [np.zeros(3), np.full((1, 2), np.nan)])
def test_bad_second_derivatives_are_named(make_set, answer):
    class Broken:
        def value(self, x):
            return float(x @ x)

        def gradient(self, x):
            return 2.0 * x

        def hessian_product(self, x, directions):
            return answer

    chosen = make_set([[0.0, 1.0], [1.0, 0.0]])
    with pytest.raises(InputError, match="hessian_product must return a finite array"):
        frank_wolfe(Broken(), None, chosen)


def test_a_quadratic_that_bends_down_is_named(make_set, make_objective):
    objective = make_objective("quadratic", 2, np.random.default_rng(0))
    objective.Q = -np.eye(2)
    objective.b = np.array([0.1, 0.0])
    with pytest.raises(InputError, match="f must be"):
        frank_wolfe(
            objective, None, make_set([[-1.0, 1.0], [1.0, 0.0]]), np.array([0.0, 0.5])
        )
