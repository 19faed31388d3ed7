"""Device-independent rates from the CHSH value and the key error rate alone, in closed form."""

from __future__ import annotations

from flint import arb

from keybounds.bounds.bound import Bound, Unit, lower_bound
from keybounds.bounds.correlations.reconciliation import kept_rounds
from keybounds.bounds.link.chsh import entropy_given_eve
from keybounds.bounds.link.link import Link, LinkRates
from keybounds.bounds.scope import Quantity, Scope, Statistics, Trust
from keybounds.enclosure import ball, binary_entropy, enclose


def chsh_entropy(link: Link, noise: float = 0.0) -> Bound:
    """Lower bound on H(Â|E), the entropy of Alice's key bit given Eve, from the CHSH value S.

    H(Â|E) >= 1 - h((1+C)/2) + h((1 + sqrt(1 - q(1-q)(8-S²)))/2), C = sqrt(S²/4 - 1), for |S| > 2, else h(q).
    It holds for each of Alice's two CHSH settings, against collective attacks, and is attained.

    Parameters
    ----------
    link
        S, taken as the exact number it is, and the key setting.
    noise
        q in [0, 1/2]: Alice flips her bit with this probability before anything else.

    Returns
    -------
    Bound
        LOWER, on the conditional entropy, in bits per kept key round.

    Raises
    ------
    QuestionError
        Alice's key setting is none of the CHSH settings, of which alone S speaks.
    InputError
        `noise` outside [0, 1/2].

    Notes
    -----
    pironio2009, Eq. (11); with noise ho2020.
    """
    view = link.rates
    protocol = view.protocol(noise)
    q = protocol.noise
    return lower_bound(
        enclose(lambda: entropy_given_eve(link.s, ball(q))),
        unit=Unit.PER_KEY_ROUND,
        scope=Scope(
            thing=link.thing,
            trust=Trust.DEVICE_INDEPENDENT,
            protocol=protocol,
            quantity=Quantity.CONDITIONAL_ENTROPY,
            statistics=Statistics.CHSH_AND_ERROR,
        ),
        method="CHSH entropy",
        reference=_reference(q),
        certificate=link.closed_form("CHSH entropy", noise=q),
        provenance={**link.provenance, "noise": q},
    )


def chsh_rate(link: Link, noise: float = 0.0) -> Bound:
    """Lower bound on the one-way key rate of a device with CHSH value S and key error rate Q (Devetak–Winter).

    r >= H(Â|E) - h(q + (1-2q) Q), with H(Â|E) as in `chsh_entropy`. Asymptotic, against collective attacks.

    Parameters
    ----------
    link
        S, Q and the key setting.
    noise
        q in [0, 1/2]; `optimal_noise` finds the best.

    Returns
    -------
    Bound
        LOWER, in bits per round of the key setting.

    Raises
    ------
    QuestionError, InputError
        As in `chsh_entropy`.

    Notes
    -----
    pironio2009, Eq. (11); with noise ho2020; devetak2005 for the rate.
    """
    view = link.rates
    protocol = view.protocol(noise)
    q = protocol.noise
    return lower_bound(
        enclose(lambda: rate_enclosure(view, q)),
        unit=Unit.PER_ROUND,
        scope=Scope(
            thing=link.thing,
            trust=Trust.DEVICE_INDEPENDENT,
            protocol=protocol,
            statistics=Statistics.CHSH_AND_ERROR,
        ),
        method="Devetak-Winter rate from CHSH" + (" with noisy preprocessing" if q else ""),
        reference=_reference(q),
        certificate=link.closed_form("CHSH rate", noise=q),
        provenance={**link.provenance, "noise": q},
    )


def chsh_table_rate(link: Link, noise: float = 0.0) -> Bound:
    """Lower bound on the one-way key rate from S and the whole table of the key setting: r >= H(Â|E) - H(Â|B).

    Never below `chsh_rate`: errors that Bob's outcome or their bias betrays cost less than h(Q). H(Â|E) as in
    `chsh_entropy`; `devetak_winter` takes it from all of the correlations instead.

    Parameters
    ----------
    link
        A link of a behaviour, `Link.of`.
    noise
        q in [0, 1/2]; ``optimal_noise(link, from_table=True)`` finds the best.

    Returns
    -------
    Bound
        LOWER, in bits per round of the key setting.

    Raises
    ------
    QuestionError
        Alice's key setting is none of the CHSH settings; a link of two numbers, which has no table.
    InputError
        `noise` outside [0, 1/2].

    Notes
    -----
    pironio2009, Eq. (11); with noise ho2020; devetak2005 for the rate.
    """
    view = link.rates
    protocol = view.protocol(noise)
    q = protocol.noise
    return lower_bound(
        enclose(lambda: table_rate_enclosure(view, q)),
        unit=Unit.PER_ROUND,
        scope=Scope(thing=link.thing, trust=Trust.DEVICE_INDEPENDENT, protocol=protocol),
        method="Devetak-Winter rate from CHSH and H(A|B)" + (" with noisy preprocessing" if q else ""),
        reference=_reference(q),
        certificate=link.closed_form("CHSH rate with H(A|B)", noise=q),
        provenance={**link.provenance, "noise": q},
    )


def rate_enclosure(view: LinkRates, noise: float) -> arb:
    """H(Â|E) - h(q + (1-2q) Q), at the working precision, not clamped."""
    link, q = view.link, ball(noise)
    return entropy_given_eve(link.s, q) - binary_entropy(q + (1 - 2 * q) * link.e)


def table_rate_enclosure(view: LinkRates, noise: float) -> arb:
    """H(Â|E) - H(Â|B), at the working precision, not clamped."""
    link = view.link
    rounds = kept_rounds(link.key_table(), view.protocol(noise))
    return entropy_given_eve(link.s, ball(noise)) - rounds.unnormalised_entropy


def _reference(noise: float) -> str:
    return "ho2020" if noise else "pironio2009, Eq. (11)"
