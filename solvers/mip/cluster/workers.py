"""Who works for a Dask scheduler, asked of the scheduler itself.

``Client.scheduler_info`` returns a document that a periodic call of the client may
just have replaced by one without workers: all of them seem to be gone for a moment.
"""

from collections.abc import Mapping
from typing import Any


def workers_of(client: Any, patience: float = 5.0) -> Mapping[str, Mapping[str, Any]]:
    """Return what the scheduler knows of its workers, by address.

    Parameters
    ----------
    client
        Dask client.
    patience
        Seconds to wait for the answer.

    Raises
    ------
    OSError
        If the scheduler cannot be reached, or does not answer in time.
    """
    identity = client.sync(
        client.scheduler.identity, n_workers=-1, callback_timeout=patience
    )
    workers: Mapping[str, Mapping[str, Any]] = identity["workers"]
    return workers
