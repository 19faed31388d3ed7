"""Ceilings on device-independent key from a CHSH value and a key error rate, in closed form.

The principle [christandl2021, Eq. (2)]: any device with the same statistics is one that the protocol cannot tell
apart, so its key is a ceiling. A ceiling therefore says which statistics it reproduces: the two-qubit device
reproduces S and Q but not the whole table, and binds protocols whose guarantee rests on these two numbers.
"""

from __future__ import annotations

from keybounds.bounds.bound import Bound, Unit, upper_bound
from keybounds.bounds.link.chsh import device_information, device_relative_entropy
from keybounds.bounds.link.link import Link, LinkCeilings
from keybounds.bounds.scope import Scope, Statistics, Trust
from keybounds.enclosure import enclose
from keybounds.errors import QuestionError
from keybounds.protocol import Discussion, Protocol


def chsh_ceiling(link: Link, protocol: Protocol) -> Bound:
    """Ceiling on the key of every protocol whose guarantee rests on a CHSH value S and a key error rate Q.

    The device is two-qubit: (1+C)/2 Φ+ + (1-C)/2 Φ- with C = sqrt(S²/4 - 1), Eve holding the purification; Alice's key
    setting and Bob's measure Z, and his outcome is flipped with probability Q by local noise. If Alice's key setting is
    her second CHSH setting, her two settings change places, and Bob flips his outcome at his second, which leaves S as
    it is; if it is a third setting, that measures Z too; a negative S is one with Bob's test outcomes flipped.

    - ``two_way(link.key)``: any public discussion of the announced key setting.
      K <= I(A:B|E) = 1 - h(Q) - h((1+C)/2) + h((1 + sqrt(1 - Q(1-Q)(8-S²)))/2).
    - ``any_discussion()``, ``completed_rounds()``: K <= E_r of the state = 1 - h((1+C)/2), whatever is discussed and
      when.

    Both are 0 for |S| <= 2, where deterministic devices with shared noise give the same S and Q, and the first for
    Q = 1/2. Bob's key setting must be another one than his two CHSH settings: the device chooses its outcome freely,
    whereas a test setting's outcomes are part of S already.

    Parameters
    ----------
    link
        S, Q and the settings to which they belong.
    protocol
        The class of protocols.

    Returns
    -------
    Bound
        UPPER, in bits per round of the key setting.

    Raises
    ------
    QuestionError
        Bob's key setting is one of the CHSH settings; another class, or another key setting than the link's.

    Notes
    -----
    arnonfriedman2020; the derivation stands in the claim ``two-qubit-ceiling``.
    """
    view = link.ceilings
    if _whatever_is_said(view, protocol):
        value, cost = enclose(lambda: device_relative_entropy(link.s)), "E_r"
    else:
        value, cost = enclose(lambda: device_information(link.s, link.e)), "I(A:B|E)"
    return upper_bound(
        value,
        unit=Unit.PER_ROUND,
        scope=Scope(
            thing=link.thing,
            trust=Trust.DEVICE_INDEPENDENT,
            protocol=protocol,
            statistics=Statistics.CHSH_AND_ERROR,
        ),
        method=f"two-qubit device ({cost})",
        reference="arnonfriedman2020",
        certificate=link.closed_form(f"two-qubit device, {cost}"),
        provenance=link.provenance,
    )


def _whatever_is_said(view: LinkCeilings, protocol: Protocol) -> bool:
    """Whether the class has no key setting of its own, so that only E_r binds it."""
    if isinstance(protocol, Protocol):
        if protocol.discussion in (Discussion.COMPLETED_ROUNDS, Discussion.ANY):
            return True
        if protocol.discussion is Discussion.TWO_WAY and protocol.keys == (view.link.key,):
            return False
    covered = f"{view.protocol()}, completed rounds or any discussion"
    raise QuestionError("protocol", f"a class that chsh_ceiling covers for this link: {covered}", str(protocol))
