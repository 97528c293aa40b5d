"""The machine record: what a table of times depends on, and its fingerprint."""

import contextlib
import functools
import hashlib
import json
import os
import platform
import socket
from pathlib import Path
from typing import Any

from boundwise.core.files import write_json

#: Folder of the machine records, below the campaign's folder.
MACHINES = "machines"


@functools.cache
def machine_record() -> dict[str, Any]:
    """Return what is known of this machine, with a fingerprint of the hardware.

    Returns
    -------
    dict
        ``name``, ``fingerprint``, ``cpu``, ``cores``, ``memory_mib``,
        ``governor``, ``max_mhz``, ``system``, ``python``.
    """
    facts = {
        "name": socket.gethostname(),
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_mib": _memory_mib(),
        "governor": _first_line(
            "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"
        ),
        "max_mhz": _first_line("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq"),
        "system": platform.platform(),
        "python": platform.python_version(),
    }
    # The name tells two equal machines apart: their loads differ all the same.
    text = json.dumps([facts[k] for k in ("name", "cpu", "cores", "memory_mib")])
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return {"fingerprint": digest, **facts}


def host_now(slots: int) -> dict[str, Any]:
    """Return what a record keeps of the machine at the start of a run.

    Parameters
    ----------
    slots
        How many runs the engine has at a time on this machine.
    """
    machine = machine_record()
    load = None
    with contextlib.suppress(OSError):
        load = round(os.getloadavg()[0], 2)
    return {
        "name": machine["name"],
        "fingerprint": machine["fingerprint"],
        "cores": machine["cores"],
        "load": load,
        "slots": slots,
    }


def keep_machine_record(folder: Path) -> None:
    """Write this machine's record below a campaign's folder, once.

    Parameters
    ----------
    folder
        Folder of the campaign.
    """
    machine = machine_record()
    path = folder / MACHINES / f"{machine['fingerprint']}.json"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        write_json(path, machine)


def kept_machine_records(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the records of the machines of a campaign by fingerprint.

    Parameters
    ----------
    folder
        Folder of the campaign.
    """
    found = {}
    for path in sorted((folder / MACHINES).glob("*.json")):
        with contextlib.suppress(OSError, ValueError):
            found[path.stem] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _cpu_model() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory_mib() -> int | None:
    with contextlib.suppress(OSError, ValueError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return None


def _first_line(path: str) -> str | None:
    with contextlib.suppress(OSError):
        return Path(path).read_text().strip()
    return None
