"""An independent evaluation of a finite key's certificate, from the published formula and with another library."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import mpmath
import pytest

from keybounds.bounds import Run
from keybounds.bounds.run import FiniteKey


def published_formula(run: Run, key: FiniteKey) -> mpmath.mpf:
    """The argument of Υ at the certificate's parameters: 40 digits, the infimum by a dense grid and golden sections."""
    mp = mpmath
    certificate = key.certificate
    assert certificate is not None

    def exact(number: Fraction | str) -> mpmath.mpf:
        return mp.mpf(Fraction(number).numerator) / Fraction(number).denominator

    number = {name: exact(getattr(run, name)) for name in ("chsh", "qber", "deviations")}
    number |= {"gamma": exact(certificate.gamma), "soundness": exact(certificate.soundness)}
    p = {name: exact(text) for name, text in certificate.parameters.items()}
    n, gamma = certificate.rounds, number["gamma"]
    accepted = number["soundness"] - 4 * mp.mpf(2) ** -61

    def h(x: mpmath.mpf) -> mpmath.mpf:
        return mp.mpf(0) if x in (0, 1) else -x * mp.log(x, 2) - (1 - x) * mp.log(1 - x, 2)

    def eta(w: mpmath.mpf) -> mpmath.mpf:
        return mp.mpf(0) if w <= 0.75 else 1 - h(mp.mpf(1) / 2 + mp.sqrt(16 * w * (w - 1) + 3) / 2)

    t = p["tangent"]
    with mp.workdps(70):
        slope = mp.diff(eta, t)

    def g(w: mpmath.mpf) -> mpmath.mpf:
        return eta(t) + (w - t) * slope

    lost = g(0) / gamma + (1 - 1 / gamma) * g(1)
    low, high = (1 - 1 / mp.sqrt(2)) / 2, (1 + 1 / mp.sqrt(2)) / 2

    def bracket(w: mpmath.mpf) -> mpmath.mpf:
        q = (gamma * (1 - w), gamma * w, 1 - gamma)
        values = (lost, g(1), g(1))
        mean = mp.fsum(a * b for a, b in zip(q, values, strict=True))
        spread = mp.fsum(a * (b - mean) ** 2 for a, b in zip(q, values, strict=True))
        return eta(w) - mean - p["order_1"] * mp.log(2) / 2 * (mp.log(33, 2) + mp.sqrt(2 + spread)) ** 2

    grid = [low + (high - low) * k / 400 for k in range(401)]
    best = min(range(401), key=lambda k: bracket(grid[k]))
    left, right = grid[max(best - 1, 0)], grid[min(best + 1, 400)]
    golden = (mp.sqrt(5) - 1) / 2
    for _ in range(90):
        a, b = right - golden * (right - left), left + golden * (right - left)
        left, right = (left, b) if bracket(a) <= bracket(b) else (a, right)

    def theta(e: mpmath.mpf) -> mpmath.mpf:
        return -mp.log(1 - mp.sqrt(1 - e * e), 2)

    d1, d2 = p["order_1"], p["order_2"]
    span = 2 + g(1) - g(low)
    cubic = mp.log(2**span + mp.e**2) ** 3
    third = 2 ** (d1 * span) * cubic / (6 * (1 - d1) ** 3 * mp.log(2))
    losing = gamma * (4 - number["chsh"]) / 8
    threshold = 1 - (losing + number["deviations"] * mp.sqrt(losing * (1 - losing) / n)) / gamma
    weight = 5 if certificate.extractor == "trevisan" else 3
    constant = 0 if certificate.extractor == "trevisan" else 2
    return (
        n * g(threshold)
        + n * bracket((left + right) / 2)
        - n * d1**2 * third
        - n * gamma
        - n * d2 * mp.log(5, 2) ** 2
        - (theta(p["smoothing_1"]) + (1 + d1) * mp.log(1 / accepted, 2)) / d1
        - (theta(p["smoothing_2"]) + (1 + d2) * mp.log(1 / accepted, 2)) / d2
        - 3 * theta(p["smoothing"] - p["smoothing_1"] - 2 * p["smoothing_2"])
        - weight * mp.log(1 / p["extractor_error"], 2)
        + constant
        - certificate.syndrome_length
        - 264
    )


@pytest.fixture
def independent() -> Callable[[Run, FiniteKey], float]:
    """The argument of Υ of a run's key, as `published_formula` finds it."""

    def evaluate(run: Run, key: FiniteKey) -> float:
        with mpmath.workdps(60):
            return float(published_formula(run, key))

    return evaluate
