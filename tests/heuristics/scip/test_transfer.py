"""Values cross between a model and its copy by position, under checked names."""

from types import SimpleNamespace

import numpy as np
import pyscipopt
import pytest

from boundwise.core.errors import InputError, SolverError
from boundwise.heuristics.scip.transfer import (
    copy_model,
    in_order,
    make_solution,
    read_values,
)


def test_positions_and_names_agree_although_presolving_removed_a_variable(make_mip):
    source = make_mip(0).presolved()
    active = source.getVars(transformed=True)
    copy, variables = copy_model(source)
    assert "t_x3" not in [v.name for v in active]
    assert [v.name for v in variables] == [v.name for v in active]
    for mine, theirs in zip(variables, active, strict=True):
        assert mine.getLbGlobal() == theirs.getLbGlobal()
        assert mine.getUbGlobal() == theirs.getUbGlobal()
        assert mine.vtype() == theirs.vtype()
        assert mine.getObj() == pytest.approx(theirs.getObj())
    copy.free()


@pytest.mark.parametrize("sense", ["minimize", "maximize"])
def test_a_copy_minimises_and_has_lost_the_offset(make_mip, sense):
    mip = make_mip(1, sense=sense, offset=1000.0)
    source = mip.presolved()
    copy, variables = copy_model(source)
    assert copy.getObjectiveSense() == "minimize"
    zero = make_solution(copy, variables, np.zeros(len(variables)))
    assert copy.getSolObjVal(zero) == 0.0
    copy.freeSol(zero)
    there = source.createSol()
    assert source.getSolObjVal(there) == pytest.approx(1000.0)
    source.freeSol(there)
    copy.free()


def test_values_make_the_round_trip(make_mip):
    source = make_mip(2).presolved()
    copy, variables = copy_model(source)
    values = np.arange(len(variables), dtype=float) / 7
    solution = make_solution(copy, variables, values)
    assert read_values(copy, solution, variables).tolist() == values.tolist()
    assert (
        read_values(copy, solution, variables[::-1]).tolist() == values[::-1].tolist()
    )
    copy.freeSol(solution)
    copy.free()


def test_a_solution_of_a_copy_can_be_tried_in_the_presolved_source(make_mip):
    mip = make_mip(2, sense="maximize", offset=50.0)
    source = mip.presolved()
    copy, variables = copy_model(source)
    copy.optimize()
    values = read_values(copy, copy.getBestSol(), variables)
    copy.free()
    active = source.getVars(transformed=True)
    assert source.trySol(make_solution(source, active, values), printreason=False)
    assert source.getStage() == 7
    assert source.getPrimalbound() == pytest.approx(mip.optimum())
    # A duplicate is refused, which says nothing about its feasibility.
    assert not source.trySol(make_solution(source, active, values), printreason=False)


def test_a_wrong_number_of_values_is_an_error(make_mip):
    source = make_mip(2).presolved()
    with pytest.raises(InputError, match="variables cannot have 1 values"):
        make_solution(source, source.getVars(transformed=True), np.zeros(1))


class Shuffled(pyscipopt.Model):
    """Names its variables in reverse, as copies move integers become binary."""

    def getVars(self, transformed=False):  # noqa: N802
        return super().getVars(transformed)[::-1]


def test_variables_that_a_copy_has_moved_are_found_by_name(make_mip):
    source = Shuffled(sourceModel=make_mip(3).model(), origcopy=True)
    source.hideOutput()
    source.presolve()
    copy, variables = copy_model(source)
    names = [v.name for v in source.getVars(transformed=True)]
    assert [v.name for v in variables] == names
    assert [v.name for v in copy.getVars()] == names[::-1]
    copy.free()


def test_a_variable_that_only_the_copy_has_is_left_out(make_mip):
    class Fewer(pyscipopt.Model):
        def getVars(self, transformed=False):  # noqa: N802
            return super().getVars(transformed)[1:]

    source = Fewer(sourceModel=make_mip(3).model(), origcopy=True)
    source.hideOutput()
    source.presolve()
    copy, variables = copy_model(source)
    names = [v.name for v in source.getVars(transformed=True)]
    assert [v.name for v in variables] == names
    assert len(names) == copy.getNVars() - 1
    copy.free()


def test_a_copy_is_quiet_and_leaves_ctrl_c_alone(make_mip, capfd):
    source = make_mip(4).presolved()
    copy, _ = copy_model(source)
    copy.optimize()
    assert copy.getParam("misc/catchctrlc") is False
    copy.free()
    assert capfd.readouterr().out == ""


def test_variables_of_a_copy_are_found_by_name_beside_others():
    a, b, aggregated = (SimpleNamespace(name=name) for name in "abc")
    assert in_order(["a", "b"], [a, b]) == [a, b]
    assert in_order(["a", "b"], [b, aggregated, a]) == [a, b]
    with pytest.raises(SolverError, match="lacks"):
        in_order(["a", "b"], [a, aggregated])
    with pytest.raises(SolverError, match="share a name"):
        in_order(["a", "b"], [b, a, SimpleNamespace(name="a")])
