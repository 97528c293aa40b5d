"""Extract the arrays of a SCIP model in problem stage, without changing it."""

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array

from boundwise.core.errors import InputError, StageError
from boundwise.core.tolerances import INFINITY
from boundwise.instances.instance import Indicator, Sos

if TYPE_CHECKING:
    from pyscipopt import Model

_LINEAR = ("linear", "setppc", "logicor", "knapsack", "varbound")
_PROBLEM_STAGE = 1


def parts_of_model(model: "Model") -> dict[str, Any]:
    """Return the arguments of `Instance` for a model; see `Instance.from_model`."""
    from pyscipopt import Model

    if not isinstance(model, Model):
        raise InputError(
            f"model must be a pyscipopt.Model, got {type(model).__name__}."
        )
    if model.getStage() != _PROBLEM_STAGE:
        raise StageError(
            f"model must be in problem stage, got stage {model.getStageName()}."
        )
    return _Extraction(model).parts()


class _Extraction:
    def __init__(self, model: "Model") -> None:
        self.model = model
        self.variables = model.getVars()
        self.index = {v.ptr(): j for j, v in enumerate(self.variables)}
        self.by_name = {v.name: j for j, v in enumerate(self.variables)}
        self.starts = [0]
        self.columns: list[int] = []
        self.values: list[float] = []
        self.lower: list[float] = []
        self.upper: list[float] = []
        self.names: list[str] = []
        self.sos: list[Sos] = []
        self.indicators: list[Indicator] = []
        self.unchecked: list[str] = []

    def parts(self) -> dict[str, Any]:
        for constraint in self.model.getConss():
            if constraint.isChecked():
                self._add(constraint)
        n = len(self.variables)
        matrix = csr_array(
            (
                np.array(self.values, dtype=np.float64),
                np.array(self.columns, dtype=np.int32),
                np.array(self.starts, dtype=np.int32),
            ),
            shape=(len(self.names), n),
        )
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        return {
            "name": self.model.getProbName(),
            "objective": np.array([v.getObj() for v in self.variables]),
            "matrix": matrix,
            "row_lower": _infinite(self.lower),
            "row_upper": _infinite(self.upper),
            "lower": _infinite([v.getLbOriginal() for v in self.variables]),
            "upper": _infinite([v.getUbOriginal() for v in self.variables]),
            "is_integer": np.array(
                [v.vtype() in ("BINARY", "INTEGER") for v in self.variables], dtype=bool
            ),
            "names": tuple(v.name for v in self.variables),
            "row_names": tuple(self.names),
            "sense": self.model.getObjectiveSense(),
            "offset": self.model.getObjoffset(original=True),
            "sos": tuple(self.sos),
            "indicators": tuple(self.indicators),
            "unchecked": tuple(self.unchecked),
        }

    def _add(self, constraint: Any) -> None:
        kind = constraint.getConshdlrName()
        if kind in _LINEAR:
            self._add_row(constraint)
        elif kind in ("SOS1", "SOS2"):
            self._add_sos(constraint, 1 if kind == "SOS1" else 2)
        elif kind == "indicator":
            self._add_indicator(constraint)
        else:
            self.unchecked.append(f"{constraint.name} ({kind})")

    def _add_row(self, constraint: Any) -> None:
        variables = self.model.getConsVars(constraint) or []
        values = self.model.getConsVals(constraint) or []
        shift = 0.0
        for variable, value in zip(variables, values, strict=True):
            place = self.index.get(variable.ptr())
            if place is None:
                # A negated variable stands for 1 - x.
                place = self._negated(variable)
                shift += value
                value = -value
            self.columns.append(place)
            self.values.append(value)
        self.starts.append(len(self.columns))
        self.names.append(constraint.name)
        low, up = self.model.getLhs(constraint), self.model.getRhs(constraint)
        self.lower.append(low if low <= -INFINITY else low - shift)
        self.upper.append(up if up >= INFINITY else up - shift)

    def _negated(self, variable: Any) -> int:
        return self.by_name[variable.name.removesuffix("_neg")]

    def _add_sos(self, constraint: Any, kind: Any) -> None:
        places = [self.index[v.ptr()] for v in self.model.getConsVars(constraint) or []]
        weights = self.model.getConsVals(constraint) or range(len(places))
        order = sorted(range(len(places)), key=lambda k: weights[k])
        self.sos.append(
            Sos(
                constraint.name,
                kind,
                tuple(places[k] for k in order),
                tuple(float(weights[k]) for k in order),
            )
        )

    def _add_indicator(self, constraint: Any) -> None:
        """SCIP's form: binary active -> slack = 0; the row with the slack is linear."""
        binary = self.model.getConsVars(constraint)[0]
        slack = self.model.getSlackVarIndicator(constraint)
        place = self.index.get(binary.ptr())
        self.indicators.append(
            Indicator(
                name=constraint.name,
                binary=self._negated(binary) if place is None else place,
                value=0 if place is None else 1,
                indices=(self.index[slack.ptr()],),
                coefficients=(1.0,),
                lower=-np.inf,
                upper=0.0,
            )
        )


def _infinite(values: list[float]) -> np.ndarray:
    array = np.array(values, dtype=np.float64)
    array[array >= INFINITY] = np.inf
    array[array <= -INFINITY] = -np.inf
    return array
