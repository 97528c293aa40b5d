from boundwise.benchmarks.machine import (
    host_now,
    keep_machine_record,
    kept_machine_records,
    machine_record,
)


def test_the_record_names_what_times_depend_on():
    machine = machine_record()
    assert machine["cores"] >= 1
    assert machine["memory_mib"] > 100
    assert machine["cpu"]
    assert len(machine["fingerprint"]) == 12


def test_the_record_is_kept_once_and_read_back(tmp_path):
    keep_machine_record(tmp_path)
    keep_machine_record(tmp_path)
    fingerprint = machine_record()["fingerprint"]
    assert kept_machine_records(tmp_path) == {fingerprint: machine_record()}
    (tmp_path / "machines" / "bad.json").write_text("{")
    assert set(kept_machine_records(tmp_path)) == {fingerprint}


def test_a_run_records_load_and_slots():
    host = host_now(3)
    assert host["slots"] == 3
    assert host["fingerprint"] == machine_record()["fingerprint"]
    assert host["load"] is None or host["load"] >= 0
