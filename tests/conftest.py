"""What all tests share."""

import contextlib
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest

# A test run started in the background ignores SIGINT, and so would every program that
# a test starts and interrupts. A handler, unlike an ignored signal, is not inherited.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


_HOSTS = itertools.count()


class DaskProcesses:
    """A scheduler and workers as processes, each perhaps on a host of its own."""

    def __init__(self, folder):
        self._folder = folder
        self.processes = []

    def start(self, *words, host=None):
        command = [sys.executable, "-m", "distributed.cli." + words[0], *words[1:]]
        if host is not None:
            command = ["ip", "netns", "exec", host, *command]
        log = (self._folder / f"{words[0]}-{len(self.processes)}.log").open("w")
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=self._folder,
            env=os.environ | {"DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "15s"},
            start_new_session=True,
        )
        log.close()
        self.processes.append(process)
        return process

    def scheduler(self, address, host=None):
        file = self._folder / "scheduler.json"
        self.start(
            "dask_scheduler",
            "--host",
            address,
            "--port",
            "0",
            "--no-dashboard",
            "--scheduler-file",
            str(file),
            host=host,
        )
        end = time.monotonic() + 60
        while True:
            assert time.monotonic() < end
            with contextlib.suppress(OSError, ValueError):
                return json.loads(file.read_text())["address"]
            time.sleep(0.05)

    def worker(self, scheduler, address, host=None):
        return self.start(
            "dask_worker",
            scheduler,
            "--host",
            address,
            "--nthreads",
            "1",
            "--no-nanny",
            "--no-dashboard",
            "--resources",
            "slot=1",
            "--death-timeout",
            "60",
            host=host,
        )

    def close(self):
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


@pytest.fixture
def dask_processes(tmp_path):
    pytest.importorskip("distributed")
    made = DaskProcesses(tmp_path)
    yield made
    made.close()


@pytest.fixture
def hosts():
    """Two network namespaces on a bridge: its address, and (name, address) of each."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("network namespaces need root and iproute2")
    # Namespaces go in their own time, and those of a killed run stay: the next test
    # takes other names, and another network.
    tag = f"bw{os.getpid() % 10000}{next(_HOSTS) % 10}"
    network = f"10.213.{random.randrange(1, 255)}"
    commands = [f"ip link add {tag}br type bridge"]
    commands += [f"ip addr add {network}.1/24 dev {tag}br", f"ip link set {tag}br up"]
    found = []
    for number in (2, 3):
        name = f"{tag}h{number}"
        commands += [
            f"ip netns add {name}",
            f"ip link add {tag}v{number} type veth peer name eth0 netns {name}",
            f"ip link set {tag}v{number} master {tag}br up",
            f"ip netns exec {name} ip addr add {network}.{number}/24 dev eth0",
            f"ip netns exec {name} ip link set eth0 up",
            f"ip netns exec {name} ip link set lo up",
        ]
        found.append((name, f"{network}.{number}"))
    try:
        for command in commands:
            done = subprocess.run(command.split(), check=False, capture_output=True)
            if done.returncode:
                pytest.skip(f"no network namespaces here: {done.stderr.decode()}")
        yield f"{network}.1", found
    finally:
        for name, _ in found:
            subprocess.run(["ip", "netns", "del", name], check=False)
        subprocess.run(["ip", "link", "del", f"{tag}br"], check=False)
