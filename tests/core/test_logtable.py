"""The table keeps its columns, says nothing wrong, and leaves logging as it was."""

import contextlib
import logging
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundwise.core.logtable import (
    Column,
    LogTable,
    format_number,
    logger,
    verbose_logging,
)

COLUMNS = (Column("mark", 4), Column("value", 9), Column("who", 6))


@pytest.fixture
def lines(capsys):
    """Return a function that gives the lines printed since its last call."""
    return lambda: capsys.readouterr().out.splitlines()


def test_rows_have_fixed_columns_and_no_ansi_codes(lines):
    table = LogTable(COLUMNS)
    with verbose_logging(True):
        table.row("T", 1234.5, "tree")
        table.row("", -math.inf, "a much too long name")
    text = lines()
    assert text == [
        "mark      value     who",
        "   T     1234.5    tree",
        "              -  a much",
    ]
    assert "\x1b" not in "".join(text)


def test_the_heading_comes_again_after_so_many_rows(lines):
    table = LogTable(COLUMNS, repeat=3)
    with verbose_logging(True):
        for number in range(7):
            table.row("x", float(number), "w")
    is_heading = [line.startswith("mark") for line in lines()]
    assert is_heading == [True, False, False, False] * 2 + [True, False]


def test_nothing_is_written_and_nothing_formatted_while_the_level_is_off(lines):
    class Fails:
        def __str__(self) -> str:
            raise AssertionError("formatted for nobody")

    quiet = logging.getLogger("boundwise.test_logtable")
    quiet.setLevel(logging.WARNING)
    table = LogTable(COLUMNS, log=quiet)
    table.row(Fails(), Fails(), Fails())
    assert lines() == []


def test_a_row_of_another_length_is_an_error(lines):
    with verbose_logging(True), pytest.raises(ValueError, match="zip"):
        LogTable(COLUMNS).row("one")


@pytest.mark.parametrize("level", [logging.NOTSET, logging.ERROR, logging.DEBUG])
def test_verbose_logging_restores_handlers_and_level(lines, level):
    handlers, before = list(logger.handlers), logger.level
    logger.setLevel(level)
    try:
        with contextlib.suppress(KeyError), verbose_logging(True):
            logger.info("seen")
            raise KeyError
        assert logger.level == level
    finally:
        logger.setLevel(before)
    assert logger.handlers == handlers
    assert lines() == ["seen"]


def test_verbose_logging_does_not_silence_an_application_that_debugs(lines):
    before = logger.level
    logger.setLevel(logging.DEBUG)
    try:
        with verbose_logging(True):
            logger.debug("detail")
    finally:
        logger.setLevel(before)
    assert lines() == ["detail"]


def test_not_verbose_changes_nothing(lines):
    handlers, level = list(logger.handlers), logger.level
    with verbose_logging(False):
        assert logger.handlers == handlers
        assert logger.level == level
        logger.info("unseen")
    assert lines() == []


@given(
    st.floats(-1e300, 1e300) | st.sampled_from([math.inf, -math.inf, math.nan]),
    st.integers(1, 20),
)
def test_a_number_fits_its_width_and_is_right_or_starred(value, width):
    text = format_number(value, width)
    assert len(text) <= width
    if text in {"-", "*" * width}:
        assert not math.isfinite(value) or width < 8
    else:
        assert float(text) == pytest.approx(value, rel=0.5, abs=5e-324)


@pytest.mark.parametrize(
    ("entry", "shown"),
    [
        (123456789, "1.23e+08"),
        (np.int64(-123456789), "-1.2e+08"),
        (12345678, "12345678"),
        (np.float64(0.1) + np.float64(0.2), "0.3"),
        (np.float32(0.5), "0.5"),
        (True, "True"),
        (None, "None"),
        (-0.0, "-0"),
    ],
)
def test_entries_of_any_type_fit_and_no_number_is_cut(lines, entry, shown):
    with verbose_logging(True):
        LogTable((Column("n", 8),)).row(entry)
    assert lines()[1].strip() == shown
