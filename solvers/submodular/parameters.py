"""Parameters of the dynamic maximizer, checked."""

import math
from dataclasses import dataclass

import numpy as np

from boundwise.core.arguments import as_count, as_number
from boundwise.core.errors import InputError
from boundwise.solvers.submodular.leveled.state import (
    ALL,
    BALANCED,
    COUNT_TRIGGER,
    HIGHEST,
    LARGEST,
    ONE_PER_LEVEL,
    PAIR,
    VALUE_TRIGGER,
    exponents,
)
from boundwise.solvers.submodular.objectives.program import Floats, Ints

_MODES = {"pair": PAIR, "all": ALL, "one_per_level": ONE_PER_LEVEL}
_TRIGGERS = {"value": VALUE_TRIGGER, "count": COUNT_TRIGGER}
_BUCKETS = {"balanced": BALANCED, "largest": LARGEST, "highest": HIGHEST}

#: Range of eps; below it there are too many buckets, above it nothing is promised.
_EPS = (0.001, 0.5)
#: Share of rejected draws that ends a level.
_REJECTIONS = 0.5
#: Value over bound at which a guess that is not full is accepted, if strict.
_STRICT = 0.95


@dataclass(frozen=True, slots=True)
class Parameters:
    """Hold the parameters of `DynamicMaximizer`.

    Raises
    ------
    InputError
        If one is out of range.
    """

    k: int
    eps: float
    mode: str
    trigger: str
    bucket: str
    strict: bool
    refresh_budget: float
    top_up: bool

    def __post_init__(self) -> None:
        """Validate every parameter."""
        as_count("k", self.k)
        as_number("eps", self.eps, at_least=_EPS[0], at_most=_EPS[1])
        for name, known in (
            ("mode", _MODES),
            ("trigger", _TRIGGERS),
            ("bucket", _BUCKETS),
        ):
            value = getattr(self, name)
            if not isinstance(value, str) or value not in known:
                raise InputError(
                    f"{name} must be one of {', '.join(known)}, got {value!r}."
                )
        if self.trigger == "count" and self.mode != "all":
            raise InputError(
                "trigger must be 'value' unless mode is 'all': a count of deaths "
                f"promises nothing in mode {self.mode!r}."
            )
        budget = as_number("refresh_budget", self.refresh_budget, at_least=0)
        if budget and self.mode != "pair":
            raise InputError(f"refresh_budget needs mode 'pair', got {self.mode!r}.")
        for name in ("strict", "top_up"):
            if not isinstance(getattr(self, name), bool):
                raise InputError(
                    f"{name} must be True or False, got {getattr(self, name)!r}."
                )

    @property
    def guarantees(self) -> bool:
        """Whether (1/2 - eps) holds for certain, against any adversary."""
        return self.trigger == "value"

    def rules(self, n: int) -> Ints:
        """Return the integer settings of the kernels."""
        k = min(int(self.k), n)
        buckets = math.ceil(math.log(2 * k) / math.log1p(self.eps)) + 1
        return np.array(
            [
                k,
                _MODES[self.mode],
                _TRIGGERS[self.trigger],
                _BUCKETS[self.bucket],
                self.strict,
                buckets,
                exponents(self.eps),
            ],
            dtype=np.int64,
        )

    def shares(self) -> Floats:
        """Return the real settings of the kernels."""
        accepted = _STRICT if self.strict else max(0.0, 0.5 - self.eps)
        return np.array(
            [
                math.log1p(self.eps),
                self.eps / 2,
                _REJECTIONS,
                accepted,
                float(self.refresh_budget),
            ]
        )
