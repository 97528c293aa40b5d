"""How a run divides its budget between partners: by what each gained for its cost.

Every partner i has a rate of gain r_i, the discounted sum of the gaps it closed over
the discounted sum of what that cost. Its share of the budget is

    share_i = floor_i + (1 - sum of floors) * w_i,
    w_i = (1 - s) * r_i / sum of r + s * v_i,

where s grows from 0 to 1 while nobody finds anything, and v_i are the weights of a
search that has stalled: then proving is what is left to do. Until somebody has gained,
weights of the opening stand in for r_i. The next turn goes to the partner that lags
most behind its share.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from boundwise.core.errors import InputError

#: Least cost of a turn, as a fraction of the half-life.
_LEAST_EFFORT = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """State what a partner is given whatever it earns.

    Parameters
    ----------
    floor
        Least share.
    opening
        Weight while nobody has gained anything.
    stalled
        Weight in a search that has stalled.
    """

    floor: float
    opening: float
    stalled: float


@dataclass(slots=True)
class Account:
    """What one partner gained and what it cost.

    Parameters
    ----------
    turns, spent, gain
        Sums since the start.
    """

    turns: int = 0
    spent: float = 0.0
    gain: float = 0.0
    _recent_gain: float = field(default=0.0, repr=False)
    _recent_effort: float = field(default=0.0, repr=False)

    def add(self, gain: float, effort: float, half_life: float) -> None:
        """Count a turn."""
        self.turns += 1
        self.spent += effort
        self.gain += gain
        # A turn of no length at all would earn an infinite rate.
        effort = max(effort, _LEAST_EFFORT * half_life)
        kept = 0.5 ** (effort / half_life)
        self._recent_gain = kept * self._recent_gain + gain
        self._recent_effort = kept * self._recent_effort + effort

    def to_dict(self) -> dict[str, float]:
        """Return the sums as JSON holds them."""
        return {"turns": self.turns, "spent": self.spent, "gain": self.gain}

    @property
    def rate(self) -> float:
        """Recent gain per effort."""
        return self._recent_gain / self._recent_effort if self._recent_effort else 0.0


class Shares:
    """Decide whose turn it is.

    Whatever is spent is credited to the partners that were ready, in proportion to
    their shares at that time, and charged to the one that spent it. The partner with
    the largest credit is next.

    Parameters
    ----------
    claims
        The partners by name; between equals, the first is next.
    half_life
        Effort of a partner after which an earlier gain counts half.

    Raises
    ------
    InputError
        If the floors do not leave anything to earn.
    """

    def __init__(self, claims: Mapping[str, Claim], half_life: float) -> None:
        if sum(claim.floor for claim in claims.values()) >= 1.0:
            raise InputError("the floors of the shares must add up to less than 1.")
        self._claims = dict(claims)
        self._half_life = half_life
        self._credits = dict.fromkeys(claims, 0.0)
        self.accounts = {name: Account() for name in claims}

    def shares(self, ready: Sequence[str], patience_used: float) -> dict[str, float]:
        """Return the shares of the partners that are ready; they add up to 1.

        Parameters
        ----------
        ready
            Names.
        patience_used
            How long nobody gained, as a fraction of how long one would wait.
        """
        stalled = min(1.0, max(0.0, patience_used)) ** 2
        rates = {name: self.accounts[name].rate for name in ready}
        if not any(rates.values()):
            rates = {name: self._claims[name].opening for name in ready}
        total_rate = sum(rates.values())
        total_stalled = sum(self._claims[name].stalled for name in ready)
        equal = 1.0 / len(ready)
        left = 1.0 - sum(self._claims[name].floor for name in ready)
        shares = {}
        for name in ready:
            claim = self._claims[name]
            earned = rates[name] / total_rate if total_rate > 0 else equal
            kept = claim.stalled / total_stalled if total_stalled > 0 else equal
            weight = (1.0 - stalled) * earned + stalled * kept
            shares[name] = claim.floor + left * weight
        return shares

    def next(
        self, ready: Sequence[str], pending: Mapping[str, float] | None = None
    ) -> str:
        """Return the partner whose turn it is.

        Parameters
        ----------
        ready
            Names, at least one.
        pending
            What running turns are expected to cost, by name.
        """
        running = pending or {}
        return max(ready, key=lambda name: self._credits[name] - running.get(name, 0.0))

    def settle(
        self, name: str, gain: float, effort: float, shares: Mapping[str, float]
    ) -> None:
        """Count a turn.

        Parameters
        ----------
        name
            Who had it.
        gain, effort
            What it brought, and what it cost.
        shares
            The shares among which its cost is credited.
        """
        self.accounts[name].add(gain, effort, self._half_life)
        self._credits[name] -= effort
        for other, share in shares.items():
            self._credits[other] += share * effort
