"""Two labels written as one: ``+-``, ``a0b1``, ``(0, 1)``, ``ab'``, ``1-1``, ``click/no-click``."""

from __future__ import annotations

import re

_SIGNED = re.compile(r"([+-]?1|0)[,;/|_ ]*([+-]?1|0)")
_NAMED = re.compile(r"([a-z]+)[_=: ]*([+-]?\d+|[+-])[,;/|_ ]*([a-z]+)[_=: ]*([+-]?\d+|[+-])", re.IGNORECASE)
_PRIMED = re.compile(r"([a-z]['′’]*)[,;/|_ ]*([a-z]['′’]*)", re.IGNORECASE)
_OUTCOME = re.compile(r"[+-]?\d|[+-]|[hvdarlut]|h|v|click|no[ -]?click|none|plus|minus|up|down|nc", re.IGNORECASE)
_VALUE = re.compile(r"(?P<kind>coincidences|coinc|counts?|cc?|n|probability|prob|p)[ _]*(?P<pair>.+?)", re.IGNORECASE)


def split_pair(text: str) -> tuple[str, str] | None:
    """Alice's and Bob's label of a text that holds both; None if it does not say where one ends."""
    bare = text.strip().replace("−", "-")
    quoted = re.fullmatch(r"(['\"])(.*)\1", bare)
    bare = quoted[2] if quoted else bare
    inner = re.fullmatch(r"[({\[<|](.*)[)}\]>⟩]", bare)
    bare = inner[1].strip() if inner else bare
    for pattern in (_SIGNED, _PRIMED):
        found = pattern.fullmatch(bare)
        if found:
            return found[1], found[2]
    named = _NAMED.fullmatch(bare)
    if named:
        return named[2], named[4]
    if re.fullmatch(r"[0-9+-]{2}", bare):
        return bare[0], bare[1]
    parts = [part.strip() for part in re.split(r"[,;/|_]|\s+", bare) if part.strip()]
    parts = [re.sub(r"^[a-z]\s*=\s*", "", part, flags=re.IGNORECASE) for part in parts]
    return (parts[0], parts[1]) if len(parts) == 2 else None


def outcome_pair(heading: str) -> tuple[str, str, str | None] | None:
    """The outcomes that a column of a wide table is about, and what it holds: ``count``, ``p`` or untold (None)."""
    name = re.sub(r"[{}$\\^]", "", heading).strip().replace("−", "-")
    name = re.sub(r"\|\s*x?\s*,?\s*y?\s*(?=[)\]]?$)", "", name)  # P(ab|xy)
    whole = split_pair(name)
    if whole is not None and all(_OUTCOME.fullmatch(label) for label in whole):
        return *whole, None
    found = _VALUE.fullmatch(name)
    pair = split_pair(found["pair"]) if found else None
    if found is None or pair is None or not all(_OUTCOME.fullmatch(label) for label in pair):
        return None
    return *pair, "p" if found["kind"].casefold().startswith("p") else "count"
