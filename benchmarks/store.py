"""The store of a campaign: append-only JSON lines, one record a run.

A record is one line, written by one system call and flushed to disk. A line that a
crash or a full disk cut short is removed when the store is opened again; the run it
belonged to is simply not there yet. Of two records with one key the later counts.
Array jobs without a common process write each record to a file of its own under
``shards/``; reading merges them.
"""

import contextlib
import fcntl
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from boundwise.benchmarks.record import Record
from boundwise.benchmarks.status import RunStatus
from boundwise.core.errors import InputError
from boundwise.core.files import atomic_write

RECORDS = "records.jsonl"
SHARDS = "shards"
_LOCK = "lock"


class Store:
    """Read the records of a campaign folder.

    Parameters
    ----------
    folder
        Folder of the campaign.

    Raises
    ------
    InputError
        If there is no such folder.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise InputError(f"there is no campaign folder {str(folder)!r}.")
        self.folder = folder
        self.damaged: list[str] = []

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield every complete line in the order of writing.

        A damaged line is skipped and named in ``damaged``; a last line without
        its end is not there yet.
        """
        self.damaged.clear()
        files = [self.folder / RECORDS]
        files += sorted((self.folder / SHARDS).glob("*.json"))
        for path in files:
            if path.is_file():
                yield from self._lines_of(path)

    def _lines_of(self, path: Path) -> Iterator[dict[str, Any]]:
        with path.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                if not line.endswith(b"\n"):
                    return
                try:
                    document = json.loads(line)
                    if not isinstance(document["key"], str):
                        raise TypeError
                    RunStatus(document["status"])
                except (ValueError, KeyError, TypeError):
                    self.damaged.append(f"{path.name}, line {number}")
                    continue
                yield document

    def statuses(self) -> dict[str, RunStatus]:
        """Return the status of every recorded run by key, without its details."""
        return {line["key"]: RunStatus(line["status"]) for line in self.lines()}

    def records(self, keys: frozenset[str] | None = None) -> list[Record]:
        """Return the records, the latest of each key.

        Parameters
        ----------
        keys
            Only these, or all if None.
        """
        latest: dict[str, Record] = {}
        for line in self.lines():
            if keys is None or line["key"] in keys:
                # Records keep the place of the latest run.
                latest.pop(line["key"], None)
                with contextlib.suppress(InputError):
                    latest[line["key"]] = Record.from_dict(line)
        return list(latest.values())

    def records_in(self, path: Path) -> list[Record]:
        """Return the records of one file of the store."""
        return [Record.from_dict(line) for line in self._lines_of(path)]

    def write_shard(self, record: Record) -> Path:
        """Write one record to a file of its own, atomically."""
        shards = self.folder / SHARDS
        shards.mkdir(exist_ok=True)
        path = shards / f"{record.key}.json"
        with atomic_write(path, "wb") as stream:
            stream.write(_encode(record))
        return path


class Writer:
    """Append records; only one process at a time can.

    Parameters
    ----------
    folder
        Folder of the campaign; made if it is not there.

    Raises
    ------
    InputError
        If another runner uses the folder, or it cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise InputError(
                f"cannot write to {str(folder)!r}: {error.strerror}."
            ) from error
        try:
            self._take_lock(folder)
            self._recover(folder / RECORDS)
        except BaseException:
            os.close(self._lock)
            raise

    def _take_lock(self, folder: Path) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.pread(self._lock, 200, 0).decode(errors="replace").strip()
            raise InputError(
                f"another runner ({owner or 'unknown'}) is using {str(folder)!r}."
            ) from error
        os.ftruncate(self._lock, 0)
        with contextlib.suppress(OSError):
            # The owner's name is a courtesy; on a full disk it stays empty.
            owner = f"process {os.getpid()} on {socket.gethostname()}\n"
            os.pwrite(self._lock, owner.encode(), 0)

    def _recover(self, path: Path) -> None:
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            whole = _end_of_last_line(self._file)
            os.ftruncate(self._file, whole)
            os.lseek(self._file, 0, os.SEEK_END)
        except OSError as error:
            raise InputError(
                f"cannot write {str(path)!r}: {error.strerror}."
            ) from error

    def append(self, record: Record) -> None:
        """Append one record and wait until it is on disk.

        Raises
        ------
        InputError
            If the disk is full or fails; the store is then as it was before.
        """
        line = _encode(record)
        before = os.fstat(self._file).st_size
        try:
            written = 0
            while written < len(line):
                written += os.write(self._file, line[written:])
            os.fsync(self._file)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, before)
                os.lseek(self._file, before, os.SEEK_SET)
            raise InputError(
                f"cannot store the record of run {record.key}: {error.strerror}."
            ) from error

    def close(self) -> None:
        """Close the files and let others write."""
        os.close(self._file)
        os.close(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def is_running(folder: Path) -> str | None:
    """Return who is writing to a campaign folder, or None."""
    try:
        lock = os.open(folder / _LOCK, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return os.pread(lock, 200, 0).decode(errors="replace").strip()
    finally:
        os.close(lock)
    return None


def _encode(record: Record) -> bytes:
    text = json.dumps(record.to_dict(), allow_nan=False, separators=(",", ":"))
    return text.encode() + b"\n"


def _end_of_last_line(descriptor: int, block: int = 65536) -> int:
    end = os.fstat(descriptor).st_size
    while end > 0:
        start = max(0, end - block)
        newline = os.pread(descriptor, end - start, start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0
