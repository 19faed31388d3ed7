"""What Bob knows of Alice's bits before he sees the syndrome: agreed correlations, by setting and outcome."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from keybounds.errors import InputError
from keybounds.experiments.behaviour import Behaviour

_LEAST = 1e-6  # an error rate that a code is made for


def log_ratios(correlations: Behaviour, x: ArrayLike, y: ArrayLike, b: ArrayLike) -> NDArray[np.float32]:
    """Return ln P(A=0|b,x,y)/P(A=1|b,x,y) of each round; 0 for an outcome that the table says never to occur.

    Parameters
    ----------
    correlations
        P(a,b|x,y), two outcomes of Alice, that both parties agreed on before the run. Where they are wrong the key is
        as secret as before, and decoding fails more often.
    x, y, b
        Alice's and Bob's settings and Bob's outcome, one of each a round.

    Raises
    ------
    InputError
        More outcomes of Alice, arrays of different lengths, a setting or outcome that the table does not have, or a
        pair of settings that it says nothing of.
    """
    if correlations.outcomes[0] != 2:
        raise InputError("correlations", "two outcomes of Alice", f"{correlations.outcomes[0]}")
    counts = {"x": correlations.settings[0], "y": correlations.settings[1], "b": correlations.outcomes[1]}
    columns = {name: _column(name, values, counts[name]) for name, values in (("x", x), ("y", y), ("b", b))}
    if len({len(column) for column in columns.values()}) != 1:
        sizes = ", ".join(f"{name}: {len(column)}" for name, column in columns.items())
        raise InputError("b", "as many rounds as in x and y", sizes)
    with np.errstate(divide="ignore", invalid="ignore"):
        logarithms = np.log(correlations.P)
        table = logarithms[0] - logarithms[1]  # b, x, y
    never = (correlations.P == 0).all(axis=0)
    found = np.where(never, 0.0, table)[columns["b"], columns["x"], columns["y"]]
    wrong = np.flatnonzero(np.isnan(found))
    if len(wrong):
        pair = int(columns["x"][wrong[0]]), int(columns["y"][wrong[0]])
        raise InputError("correlations", f"the setting pair {pair} of round {wrong[0]}", "an unmeasured one")
    return found.astype(np.float32)


def conditional_entropy(correlations: Behaviour, weights: NDArray[np.float64]) -> float:
    """Return H(A|B,X,Y) in bits a round: what a syndrome has at least, for long strings.

    Parameters
    ----------
    correlations
        P(a,b|x,y).
    weights
        Probability of each setting pair, shape of the settings; 0 for one that was not measured.

    Examples
    --------
    >>> from keybounds.experiments import Behaviour
    >>> noisy = Behaviour([[[[0.45]], [[0.05]]], [[[0.05]], [[0.45]]]])
    >>> round(conditional_entropy(noisy, np.ones((1, 1))), 6)
    0.468996
    """
    joint = np.where(weights > 0, correlations.P, 0.0) * weights
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.nansum(-joint * np.log2(joint / joint.sum(axis=0))))


def error_kinds(correlations: Behaviour, weights: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    """Return share and error rate of each kind of round: how often the likelier value of Alice's bit is not hers.

    A kind is a pair of settings with an outcome of Bob's; arguments as in `conditional_entropy`.

    Examples
    --------
    >>> from keybounds.experiments import Behaviour
    >>> noisy = Behaviour([[[[0.45]], [[0.05]]], [[[0.05]], [[0.45]]]])
    >>> [(round(share, 6), round(rate, 6)) for share, rate in error_kinds(noisy, np.ones((1, 1)))]
    [(0.5, 0.1), (0.5, 0.1)]
    """
    joint = (np.where(weights > 0, correlations.P, 0.0) * weights).reshape(2, -1)
    shares = joint.sum(axis=0)
    kept = shares > 0
    rates = np.clip(joint.min(axis=0)[kept] / shares[kept], _LEAST, 0.5 - _LEAST)
    total = float(shares.sum())
    return tuple((float(share) / total, float(rate)) for share, rate in zip(shares[kept], rates, strict=True))


def _column(name: str, values: ArrayLike, count: int) -> NDArray[np.int64]:
    column = np.asarray(values)
    if column.ndim != 1 or column.dtype.kind not in "biu":
        raise InputError(name, "one integer a round", f"{column.dtype} array of shape {column.shape}")
    wrong = np.flatnonzero((column < 0) | (column >= count))
    if len(wrong):
        raise InputError(name, f"numbers from 0 to {count - 1}", f"{column[wrong[0]]} in round {wrong[0]}")
    return column.astype(np.int64)
