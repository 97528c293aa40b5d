import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundwise.benchmarks.campaign_file import permutation_seeds, read_campaign
from boundwise.core.errors import InputError

GOOD = """\
name = "nightly"
instances = ["small-hard", "models/*.mps.gz"]
time_limit = 60
seeds = [0, 1]
permutations = 2

[solvers.scip]

[solvers.scip-other]
adapter = "scip"
settings = { "limits/restarts" = 0 }
set_file = "other.set"

[solvers.mine]
command = "mysolver {instance} {solution}"
"""


def write(tmp_path, text):
    path = tmp_path / "campaign.toml"
    path.write_text(text)
    return path


def test_a_campaign_is_read_with_all_its_parts(tmp_path):
    (tmp_path / "other.set").write_text("limits/nodes = 5\n")
    campaign = read_campaign(write(tmp_path, GOOD))
    assert campaign.name == "nightly"
    assert campaign.instances == ("small-hard", f"{tmp_path}/models/*.mps.gz")
    assert campaign.limits.time_limit == 60
    assert campaign.seeds == (0, 1)
    assert campaign.permutations == (0, 1, 2)
    first, second, third = campaign.solvers
    assert (first.label, first.adapter) == ("scip", "scip")
    assert second.settings["set_file_text"] == "limits/nodes = 5\n"
    assert third.adapter == "command"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("time_limit = 60", "time_limt = 60", 3, "did you mean 'time_limit'"),
        ("time_limit = 60", 'time_limit = "60"', 3, "int or float"),
        ("time_limit = 60", "time_limit = true", 3, "int or float"),
        ("time_limit = 60", "time_limit = -1", 3, "positive"),
        ("time_limit = 60", "time_limit = nan", 3, "number"),
        ("seeds = [0, 1]", "seeds = []", 4, "empty"),
        ("seeds = [0, 1]", "seeds = [0, 0]", 4, "distinct"),
        ("seeds = [0, 1]", 'seeds = ["a"]', 4, "integers"),
        ("permutations = 2", "permutations = -2", 5, "negative"),
        ("[solvers.mine]", "[solvers.mine]\nadaptr = 'x'", 15, "'adapter'"),
        ('set_file = "other.set"', 'set_file = "no.set"', 12, "readable"),
        ('instances = ["small-hard", "models/*.mps.gz"]', "instances = [3]", 2, "str"),
        ("time_limit = 60", "time_limit = ", 3, "TOML"),
    ],
)
def test_every_error_names_the_line(tmp_path, old, new, line, words):
    (tmp_path / "other.set").write_text("")
    assert old in GOOD
    with pytest.raises(InputError) as caught:
        read_campaign(write(tmp_path, GOOD.replace(old, new)))
    assert f"line {line}" in str(caught.value)
    assert words in str(caught.value)


def test_missing_parts_are_named(tmp_path):
    with pytest.raises(InputError, match="solvers is missing"):
        read_campaign(write(tmp_path, 'instances = ["smoke"]\n'))
    with pytest.raises(InputError, match="cannot read"):
        read_campaign(tmp_path / "nowhere.toml")


@given(st.binary(max_size=200))
def test_no_file_makes_the_reader_fall_over(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("campaign") / "c.toml"
    path.write_bytes(data)
    with pytest.raises(InputError):
        read_campaign(path)


def test_permutations_come_beside_the_original_order():
    assert permutation_seeds(0) == (0,)
    with pytest.raises(InputError, match="permutations must be a non-negative integer"):
        permutation_seeds(-1)
