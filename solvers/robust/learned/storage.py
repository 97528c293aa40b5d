"""Value networks as files: one npz with the arrays and a JSON text, no pickle."""

import json
import os
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from boundwise.core.errors import InputError, NotAvailableError
from boundwise.core.files import atomic_write
from boundwise.heuristics.networks.mlp import Layer, Mlp
from boundwise.solvers.robust.learned.value_network import Branch, ValueNetwork

_FORMAT = "boundwise value network 1"
_PARTS = ("encoder_in", "encoder_out", "pool_in", "pool_out")


def save_network(network: ValueNetwork, path: str | os.PathLike[str]) -> None:
    """Write a network to one file.

    Parameters
    ----------
    network
        The network.
    path
        File to write, by custom ``.npz``.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    arrays: dict[str, Any] = {
        "decision_scale": network.decision_scale,
        "scenario_scale": network.scenario_scale,
        "label": np.array([network.label_offset, network.label_spread]),
    }
    for side, branch in (
        ("decision", network.decision),
        ("scenario", network.scenario),
    ):
        arrays |= {f"{side}_{part}": getattr(branch, part) for part in _PARTS}
    for position, layer in enumerate(network.head.layers):
        arrays[f"head_{position}_weights"] = layer.weights
        arrays[f"head_{position}_bias"] = layer.bias
    document = {
        "format": _FORMAT,
        "problem_class": network.problem_class,
        "joint": network.joint,
        "facts": dict(network.facts),
    }
    try:
        text = json.dumps(document, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(f"facts must be strict JSON: {error}.") from error
    arrays["json"] = np.frombuffer(text.encode(), dtype=np.uint8)
    with atomic_write(path, "wb") as stream:
        np.savez_compressed(stream, **arrays)


def load_network(path: str | os.PathLike[str]) -> ValueNetwork:
    """Read a network that `save_network` wrote.

    Raises
    ------
    InputError
        If the file is missing, damaged, of another format, or holds a weight that is
        not finite.
    """
    try:
        with (
            Path(path).open("rb") as stream,
            np.load(stream, allow_pickle=False) as archive,
        ):
            document = json.loads(archive["json"].tobytes())
            if document["format"] != _FORMAT:
                raise InputError(f"the format is {document['format']!r}.")
            offset, spread = archive["label"].tolist()
            branches = {
                side: Branch(*(archive[f"{side}_{part}"] for part in _PARTS))
                for side in ("decision", "scenario")
            }
            layers = tuple(
                Layer(
                    archive[f"head_{position}_weights"],
                    archive[f"head_{position}_bias"],
                    relu=position == 0,
                )
                for position in range(2)
            )
            return ValueNetwork(
                problem_class=str(document["problem_class"]),
                head=Mlp(layers),
                joint=bool(document["joint"]),
                decision_scale=archive["decision_scale"],
                scenario_scale=archive["scenario_scale"],
                label_offset=offset,
                label_spread=spread,
                facts=document["facts"],
                **branches,
            )
    except Exception as error:
        # A damaged archive fails in a dozen ways: zlib, zipfile, numpy, json.
        raise InputError(f"{str(path)!r} is no value network: {error}") from error


@cache
def shipped_network(problem_class: str) -> ValueNetwork:
    """Return the network that comes with the package for a class of problems.

    Raises
    ------
    NotAvailableError
        If there is none; the message says how to train one.
    """
    folder = resources.files("boundwise.solvers.robust.learned") / "networks"
    with resources.as_file(folder / f"{problem_class}.npz") as path:
        if not path.is_file():
            raise NotAvailableError(
                f"no network comes with the package for {problem_class}; train one "
                "with boundwise.solvers.robust.learned.train and pass network=..."
            )
        return load_network(path)
