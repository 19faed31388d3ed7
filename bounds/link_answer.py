"""The answer for a link, (S, Q): rates and ceilings, also of a table's link at a key setting."""

from __future__ import annotations

from collections.abc import Callable

from keybounds.bounds.bound import Bound
from keybounds.bounds.collecting import Asked, Collection
from keybounds.bounds.link.link import Link
from keybounds.errors import InputError
from keybounds.protocol import any_discussion, one_way, two_way


def answer_link(found: Collection, asked: Asked) -> None:
    """Rates and ceilings of a link, with the protocol's noise or the best."""
    link: Link = asked.x
    found.title = f"Bounds on the key of a link, {link}"
    noise = None
    if asked.protocol is not None:
        asked.protocol.key  # noqa: B018 - one key setting
        if asked.protocol != one_way(link.key, noise=asked.protocol.noise):
            raise InputError("protocol", f"None, or one_way({link.key}, noise=...)", str(asked.protocol))
        noise = asked.protocol.noise
    link_rates(found, link, noise)
    link_ceilings(found, link)
    if asked.effort == "best":
        hull_rows(found, link)


def link_rates(found: Collection, link: Link, noise: float | None) -> None:
    """Rates from (S, Q) and from S and the key table; `noise` None tries none and, where it helps, the best."""
    from keybounds.bounds.lower import chsh_rate, chsh_table_rate

    def rows(name: str, rate: Callable[[Link, float], Bound], *, from_table: bool) -> None:
        try:
            noises = _noises(link, noise, from_table=from_table)
        except InputError as error:
            found.notes.append(f"No {name}: {error}.")
        else:
            found.add_linked(name, link, lambda one: [rate(one, q) for q in noises])

    rows("rate from (S,Q)", chsh_rate, from_table=False)
    if link.tables is not None:
        rows("rate from S and H(A|B)", chsh_table_rate, from_table=True)


def link_ceilings(found: Collection, link: Link) -> None:
    """Ceilings from (S, Q)."""
    from keybounds.bounds.upper import chsh_ceiling

    found.add_linked("ceiling from (S,Q)", link, lambda one: [chsh_ceiling(one, two_way(link.key))])
    found.add_linked("ceiling from (S,Q)", link, lambda one: [chsh_ceiling(one, any_discussion())])


def hull_rows(found: Collection, link: Link) -> None:
    """The ceiling by a mixture of devices, whose linear program takes longer to load than the rest to compute."""
    from keybounds.bounds.upper import hull_ceiling

    found.add_linked("ceiling by a mixture of devices", link, lambda one: [hull_ceiling(one)])


def _noises(link: Link, noise: float | None, *, from_table: bool) -> list[float]:
    """The noise asked for; else none and, where it helps, the best to four digits, which can be quoted."""
    from keybounds.bounds.lower import optimal_noise

    if noise is not None:
        return [noise]
    return list(dict.fromkeys((0.0, round(optimal_noise(link, from_table=from_table), 4))))
