import pytest

from boundwise.benchmarks.instance_sets import (
    IN_TREE,
    SMALL_HARD,
    SMALL_HARD_ASIDE,
    SMALL_HARD_ASIDE_2,
    SMOKE,
    collect,
    instance_name,
    members,
    reference_of,
)
from boundwise.core.errors import InputError
from boundwise.instances.reference import Kind


@pytest.fixture
def library(tmp_path, monkeypatch, tiny):
    folder = tmp_path / "library"
    (folder / "instances").mkdir(parents=True)
    for name in ("flugpl", "gt2", "swath"):
        (folder / "instances" / f"{name}.mps").write_text(tiny.read_text())
    (folder / "known.solu").write_text("=opt= flugpl 1201500\n=inf= gt2\n")
    monkeypatch.setenv("BOUNDWISE_MIPLIB", str(folder))
    return folder


def names(patterns, folder):
    return [file.name for file in collect(patterns, folder)]


def test_a_name_is_found_in_the_users_folder(library, tmp_path):
    (file,) = collect(["flugpl"], tmp_path)
    assert file.path == library / "instances" / "flugpl.mps"


def test_a_glob_of_names_matches_what_is_at_hand(library, tmp_path):
    assert names(["*l*"], tmp_path) == ["flugpl"]
    with pytest.raises(InputError, match="no instance at hand"):
        collect(["zzz*"], tmp_path)


def test_a_glob_of_files_is_sorted_and_each_file_counts_once(library, tmp_path):
    pattern = f"{library}/instances/*.mps"
    assert names([pattern, "gt2"], tmp_path) == ["flugpl", "gt2", "swath"]
    with pytest.raises(InputError, match="no file matches"):
        collect([f"{library}/*.lp"], tmp_path)


def test_a_known_instance_without_a_file_stays_in_the_plan(library, tmp_path):
    (file,) = collect(["markshare2"], tmp_path)
    assert file.path is None
    files = {file.name: file.path for file in collect(["small-hard"], tmp_path)}
    assert set(files) == set(SMALL_HARD)
    assert files["swath"] is not None


def test_what_is_tuned_on_is_not_what_is_set_aside(library, tmp_path):
    assert len(SMALL_HARD) == len(SMALL_HARD_ASIDE) == 15
    assert len(SMALL_HARD_ASIDE_2) == 10
    assert len({*SMALL_HARD, *SMALL_HARD_ASIDE, *SMALL_HARD_ASIDE_2}) == 40
    files = collect(["small-hard", "small-hard-aside"], tmp_path)
    assert [file.name for file in files] == [*SMALL_HARD, *SMALL_HARD_ASIDE]


def test_what_times_are_compared_on_is_not_what_gaps_are_compared_on():
    assert len(IN_TREE) >= 30
    assert not set(IN_TREE) & {*SMALL_HARD, *SMALL_HARD_ASIDE, *SMALL_HARD_ASIDE_2}
    found = members("in-tree")
    assert len(set(found)) == len(IN_TREE)
    assert {"pk1", "set_cover-rows=1000-cols=1000-seed=11"} <= set(found)


@pytest.mark.slow
def test_a_set_may_hold_names_and_specifications(library, tmp_path):
    files = {file.name: file.path for file in collect(["in-tree"], tmp_path)}
    assert tuple(files) == members("in-tree")
    assert files["air04"] is None
    generated = files["set_cover-rows=1000-cols=1000-seed=11"]
    assert generated is not None
    assert generated.is_file()


def test_the_benchmark_set_has_240_instances(library, tmp_path):
    assert len(collect(["miplib2017-benchmark"], tmp_path)) == 240


def test_a_misspelt_name_gets_a_suggestion(library, tmp_path):
    with pytest.raises(InputError, match="Did you mean 'markshare2'"):
        collect(["markshar2"], tmp_path)


def test_two_files_of_one_name_are_refused(library, tmp_path, tiny):
    other = tmp_path / "flugpl.mps"
    other.write_text(tiny.read_text())
    with pytest.raises(InputError, match="distinct names"):
        collect(["flugpl", str(other)], tmp_path)


def test_smoke_instances_are_generated_once_and_always_the_same(tmp_path):
    first = collect(["smoke"], tmp_path / "a")
    second = collect(["smoke"], tmp_path / "b")
    assert len(first) == len(SMOKE)
    for one, two in zip(first, second, strict=True):
        assert one.path.read_bytes() == two.path.read_bytes()


def test_a_range_of_seeds_makes_a_family(tmp_path):
    found = names(["set_cover:rows=30,cols=60,seed=3..5"], tmp_path)
    assert found == [f"set_cover-rows=30-cols=60-seed={s}" for s in (3, 4, 5)]
    with pytest.raises(InputError, match="range"):
        collect(["set_cover:seed=5..3"], tmp_path)


def test_series_need_their_folder(tmp_path, monkeypatch, tiny):
    monkeypatch.delenv("BOUNDWISE_SERIES", raising=False)
    with pytest.raises(InputError, match="BOUNDWISE_SERIES"):
        collect(["series"], tmp_path)
    monkeypatch.setenv("BOUNDWISE_SERIES", str(tiny.parent))
    assert names(["series"], tmp_path) == ["tiny"]


def test_references_come_from_the_users_file_first(library):
    assert reference_of("flugpl").value == 1201500.0
    assert reference_of("gt2").kind is Kind.INFEASIBLE
    assert reference_of("air05").value == 26374.0
    assert reference_of("nobody-knows").kind is Kind.UNKNOWN


def test_names_lose_their_suffixes_only():
    from pathlib import Path

    assert instance_name(Path("a/neos-5.x.mps.gz")) == "neos-5.x"
    assert instance_name(Path("b.LP")) == "b"
