"""Device-independent rates from the CHSH value and the key error rate alone, in closed form."""

from __future__ import annotations

from flint import arb

from keybounds.bounds.bound import Bound, Unit, lower_bound
from keybounds.bounds.chsh import check_chsh, check_error_rate, chsh_ball, entropy_given_eve
from keybounds.bounds.scope import Quantity, Scope, Statistics, Trust, one_way
from keybounds.enclosure import ball, binary_entropy, enclose


def chsh_entropy(
    chsh: float,
    *,
    noise: float = 0.0,
    key: tuple[int, int] | None = None,
    subject: str | None = None,
    unit: Unit = Unit.PER_ROUND,
) -> Bound:
    """Lower bound on H(Â|E), the entropy of Alice's key bit given Eve, for a CHSH value S.

    H(Â|E) >= 1 - h((1+C)/2) + h((1 + sqrt(1 - q(1-q)(8-S²)))/2), C = sqrt(S²/4 - 1), for S > 2, else h(q).
    It holds for each of Alice's two test settings, against collective attacks, and is attained.

    Parameters
    ----------
    chsh
        S in [-2√2, 2√2]; the double is taken as the exact number it is.
    noise
        q in [0, 1/2]: Alice flips her bit with this probability before anything else.
    key, subject, unit
        The key setting, what the bound is about (default ``S = ...``), and what a round is called.

    Returns
    -------
    Bound
        LOWER, on the conditional entropy, in bits.

    Raises
    ------
    InputError
        `chsh` beyond 2√2, `noise` outside [0, 1/2].

    Notes
    -----
    pironio2009, Eq. (11); with noise ho2020.
    """
    s, q = check_chsh(chsh), check_error_rate(noise, "noise")
    return lower_bound(
        enclose(lambda: entropy_given_eve(chsh_ball(s), ball(q))),
        unit=unit,
        scope=Scope(
            subject=subject or f"S = {s!r}",
            trust=Trust.DEVICE_INDEPENDENT,
            protocol=one_way(key, noise=q),
            quantity=Quantity.CONDITIONAL_ENTROPY,
            statistics=Statistics.CHSH_AND_ERROR,
        ),
        method="CHSH entropy",
        reference="pironio2009, Eq. (11)" if q == 0 else "ho2020",
        provenance={"chsh": s, "noise": q},
    )


def chsh_rate(
    chsh: float,
    qber: float,
    *,
    noise: float = 0.0,
    key: tuple[int, int] | None = None,
    subject: str | None = None,
    unit: Unit = Unit.PER_ROUND,
) -> Bound:
    """Lower bound on the one-way key rate of a device with CHSH value S and key error rate Q (Devetak–Winter).

    r >= H(Â|E) - h(q + (1-2q) Q), with H(Â|E) as in `chsh_entropy`. Asymptotic, against collective attacks.

    Parameters
    ----------
    chsh, qber
        S in [-2√2, 2√2] and Q in [0, 1/2].
    noise
        q in [0, 1/2]; `optimal_noise` finds the best.
    key, subject, unit
        As for `chsh_entropy`.

    Raises
    ------
    InputError
        An argument outside its range.

    Notes
    -----
    pironio2009, Eq. (11); with noise ho2020; devetak2005 for the rate.
    """
    s, e, q = check_chsh(chsh), check_error_rate(qber), check_error_rate(noise, "noise")
    return lower_bound(
        enclose(lambda: rate_enclosure(s, e, q)),
        unit=unit,
        scope=Scope(
            subject=subject or f"S = {s!r}, Q = {e!r}",
            trust=Trust.DEVICE_INDEPENDENT,
            protocol=one_way(key, noise=q),
            statistics=Statistics.CHSH_AND_ERROR,
        ),
        method="Devetak-Winter rate from CHSH" + (" with noisy preprocessing" if q else ""),
        reference="pironio2009, Eq. (11)" if q == 0 else "ho2020",
        provenance={"chsh": s, "qber": e, "noise": q},
    )


def rate_enclosure(s: float, e: float, q: float) -> arb:
    """H(Â|E) - h(q + (1-2q) Q) at the working precision, unclamped."""
    noise, error = ball(q), ball(e)
    return entropy_given_eve(chsh_ball(s), noise) - binary_entropy(noise + (1 - 2 * noise) * error)
