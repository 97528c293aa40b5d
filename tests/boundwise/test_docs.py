"""The pages name everything that a user may ask for by name."""

from pathlib import Path

import pytest

from boundwise.heuristics.bandits.factory import POLICIES
from boundwise.heuristics.neighbourhoods.factory import DEFAULT_ARMS, NEIGHBOURHOODS

PAGE = Path(__file__).parents[2] / "docs" / "mip.md"


@pytest.mark.parametrize("name", [*NEIGHBOURHOODS, *POLICIES])
def test_the_page_of_mips_tells_every_arm_and_policy(name):
    assert f"`{name}`".replace("|", "\\|") in PAGE.read_text(encoding="utf-8")


def test_the_page_marks_the_default_arms():
    text = PAGE.read_text(encoding="utf-8")
    marked = {line.split("`")[1] for line in text.splitlines() if "` * |" in line}
    assert marked == set(DEFAULT_ARMS)
