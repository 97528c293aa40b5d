import os
import signal

from boundwise.benchmarks.isolation.verifier import Verifier


def request(tiny, folder):
    return {"suite": "mip", "instance": str(tiny), "folder": str(folder), "claim": {}}


def test_one_process_serves_many_requests(tiny, tmp_path):
    verifier = Verifier()
    try:
        (tmp_path / "solution.sol").write_text("=obj= 7\nx 1\ny 1\n")
        first = verifier.verify(request(tiny, tmp_path))
        pid = verifier._process.pid
        (tmp_path / "solution.sol").write_text("=obj= 9\nx 1\ny 2\n")
        second = verifier.verify(request(tiny, tmp_path))
        assert (first["verified"], second["verified"]) == (True, False)
        assert verifier._process.pid == pid
    finally:
        verifier.close()


def test_a_killed_checker_is_started_again(tiny, tmp_path):
    verifier = Verifier()
    (tmp_path / "solution.sol").write_text("=obj= 7\nx 1\ny 1\n")
    try:
        verifier.verify(request(tiny, tmp_path))
        os.kill(verifier._process.pid, signal.SIGKILL)
        verifier._process.wait()
        assert verifier.verify(request(tiny, tmp_path))["verified"] is True
    finally:
        verifier.close()


def test_a_check_that_takes_too_long_is_given_up(tiny, tmp_path):
    verifier = Verifier(timeout=0.001)
    try:
        assert "no verdict" in verifier.verify(request(tiny, tmp_path))["error"]
    finally:
        verifier.close()


def test_garbage_in_a_solution_file_is_a_rejected_solution(tiny, tmp_path):
    verifier = Verifier()
    try:
        for text in ("x one\n", "x\n", "\x00\xff", "=obj= 7\nx 1\nx 1\n"):
            (tmp_path / "solution.sol").write_text(text)
            verdict = verifier.verify(request(tiny, tmp_path))
            assert verdict["verified"] is False, text
    finally:
        verifier.close()


def test_an_unknown_suite_is_an_error_document(tiny, tmp_path):
    verifier = Verifier()
    try:
        answer = verifier.verify(request(tiny, tmp_path) | {"suite": "nosuch"})
        assert "suite" in answer["error"]
    finally:
        verifier.close()
