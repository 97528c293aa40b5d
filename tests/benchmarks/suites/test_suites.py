import pytest

from boundwise.benchmarks.suites.base import PLANNED, available_suites, load_suite
from boundwise.benchmarks.suites.mip import Suite
from boundwise.core.errors import InputError, NotAvailableError


def test_every_suite_that_is_there_keeps_the_protocol():
    for name in available_suites():
        suite = load_suite(name)
        assert suite.name == name
        assert suite.title
        assert suite.default_instances
        assert suite.default_solvers
        assert {measure.better for measure in suite.measures()} <= {"lower", "higher"}


def test_a_planned_suite_that_is_not_there_says_so():
    for name in set(PLANNED) - set(available_suites()):
        with pytest.raises(NotAvailableError, match="not part of this version"):
            load_suite(name)
    with pytest.raises(InputError, match="suite must be one of"):
        load_suite("nosuch")


def test_the_judge_is_the_exact_checker(tiny, tmp_path):
    suite = Suite()
    path = tmp_path / "solution.sol"
    path.write_text("=obj= 7\nx 1\ny 1\n")
    verdict = suite.verify(tiny, tmp_path, {})
    assert (verdict["verified"], verdict["strict"]) == (True, True)
    assert verdict["sense"] == "maximize"
    # Beyond 1e-6 but within 1e-4: accepted as by MIPLIB, and reported as loose.
    path.write_text("=obj= 7.00005\nx 1.00001\ny 1\n")
    verdict = suite.verify(tiny, tmp_path, {})
    assert (verdict["verified"], verdict["strict"]) == (True, False)
    path.write_text("=obj= 7.5\nx 1\ny 1\n")
    assert suite.verify(tiny, tmp_path, {})["verified"] is False


def test_without_a_solution_there_is_nothing_to_judge(tiny, tmp_path):
    assert Suite().verify(tiny, tmp_path, {})["verified"] is None


def test_measures_use_the_best_known_value(make_record):
    record = make_record(
        primal=12.0, nodes=7, trace=((10.0, 12.0, 6.0, "a"),), check={"verified": True}
    )
    suite = Suite()
    assert suite.measure("gap", record, 10.0) == pytest.approx(2 / 12)
    assert suite.measure("gap", record, None) is None
    assert suite.measure("nodes", record, None) == 7.0
    assert suite.measure("primal_integral", record, 10.0) == pytest.approx(
        10 + 90 * 2 / 12
    )
    assert suite.measure("primal_dual_integral", record, None) == pytest.approx(
        1000 + 90 * 50
    )
