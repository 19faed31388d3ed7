"""The dual of a moment relaxation: dense matrices, words of one list of letters, quadrature."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import mpmath as mp
import numpy as np
from numpy.typing import NDArray

from evaluation.common import LOOSE, SYMBOL, Document, Proven, exact, h, need, on, real, scoped
from evaluation.links import given_bob

Letter = tuple[int, int, int]  # party, setting, outcome
Word = tuple[Letter, ...]


def _normal(word: Iterator[Letter] | Word) -> Word | None:
    """Alice's letters first; EE = E, EE' = 0. A word stands for its adjoint, too."""
    letters: list[Letter] = []
    for letter in sorted(word, key=lambda one: one[0]):
        if letters and letters[-1][:2] == letter[:2]:
            if letters[-1] != letter:
                return None
            continue
        letters.append(letter)
    alice = [one for one in letters if one[0] == 0]
    bob = [one for one in letters if one[0] == 1]
    return min(tuple(alice + bob), tuple(alice[::-1] + bob[::-1]))


def _letters(given: Any) -> Word:
    return tuple((party, setting, outcome) for party in (0, 1) for setting, outcome in given[party])


def entropy_dual(document: Document) -> Proven:
    data = document["data"]
    outcomes = (data["outcomes"]["alice"], data["outcomes"]["bob"])
    (x, y), noise, keep = data["key"], exact(data["noise"]), exact(data["keep"])
    need(outcomes[0][x] == 2 and 0 <= noise < Fraction(1, 2) and 0 < keep <= 1, "no key setting")
    words = [_letters(word) for word in data["words"]]
    need(len(set(words)) == len(words), "a word twice")
    for word in (*words, *(_letters(term[0]) for entry in data["known"] for term in entry["functional"])):
        need(all(0 <= s < len(outcomes[p]) and 0 <= o < outcomes[p][s] - 1 for p, s, o in word), "no such letter")
    index = {}
    size = len(words)
    place = np.full((size, size), -1)
    for i, j in itertools.product(range(size), repeat=2):
        word = _normal(
            (
                *reversed([one for one in words[i] if one[0] == 0]),
                *(o for o in words[j] if o[0] == 0),
                *reversed([one for one in words[i] if one[0] == 1]),
                *(o for o in words[j] if o[0] == 1),
            )
        )
        if word is not None:
            place[i, j] = index.setdefault(word, len(index))
    nodes, weights = _quadrature(data, noise)
    grid = Fraction(1, 2 ** data["weights"]["bits"])
    unit = 2.0 ** -data["dual"]["bits"]
    kept = [keep if b == 1 else Fraction(1) for b in range(outcomes[1][y])]

    def spread(symbol: int, coefficients: list[Fraction]) -> NDArray[np.float64]:
        """Σ_b c_b (A or 1-A) B_b as coefficients of words, the last outcome being what the others leave."""
        found = np.zeros(len(index))
        for b, c in enumerate(coefficients):
            rounded = float(c // grid * grid)
            own = [((), 1.0)] + [(((1, y, k),), -1.0) for k in range(outcomes[1][y] - 1)]
            bobs = [(((1, y, b),), 1.0)] if b < outcomes[1][y] - 1 else own
            alices = [(((0, x, 0),), 1.0)] if symbol == 0 else [((), 1.0), (((0, x, 0),), -1.0)]
            for (a, s), (w, t) in itertools.product(alices, bobs):
                found[index[_normal(a + w)]] += rounded * s * t  # type: ignore[index]
        return found

    loss, rest = 0.0, np.zeros(len(index))
    for t, weight, X, Y in zip(nodes, weights, data["dual"]["X"], data["dual"]["Y"], strict=True):
        gammas = []
        for triangle in (X, Y):
            matrix = np.zeros((size, size))
            matrix[np.triu_indices(size)] = np.array(triangle, dtype=float) * unit
            matrix = np.triu(matrix) + np.triu(matrix, 1).T
            values = np.linalg.eigvalsh(matrix)
            need(values[0] >= -1e-9 * max(1e-9, values[-1]), "a matrix that is not positive")
            gammas.append(np.bincount(place[place >= 0], matrix[place >= 0], len(index)))
        miss = spread(0, [weight * (1 - t) * k for k in kept])
        guess = spread(1, [weight * t * keep * k for k in kept])
        loss += float(np.abs(guess - miss - gammas[0] + gammas[1]).sum())
        rest += miss - gammas[1]
    value = -loss
    need(len(data["multipliers"]) == len(data["known"]), "other multipliers")
    for kappa, entry in zip(map(exact, data["multipliers"]), data["known"], strict=True):
        low, high = exact(entry["low"]), exact(entry["high"])
        need(low <= high, "an empty range")
        value += float(min(kappa * low, kappa * high))
        for word, c in entry["functional"]:
            rest[index[_normal(_letters(word))]] -= float(kappa * exact(c))  # type: ignore[index]
    value -= float(np.abs(rest).sum())
    moments = _known_moments(data)
    if "mirrored" in data:
        need(keep == 1 and {*outcomes[0], *outcomes[1]} == {2}, "no mirror image")
        moments = _mirrored(data, moments)
    return _entropy_bound(document, value, moments, kept)


def _known_moments(data: Document) -> dict[Word, tuple[Fraction, Fraction]]:
    found = {}
    for entry in data["known"]:
        if len(entry["functional"]) == 1 and exact(entry["functional"][0][1]) == 1:
            found[_letters(entry["functional"][0][0])] = (exact(entry["low"]), exact(entry["high"]))
    need(found.get((), (1, 1)) == (1, 1), "the identity")
    return found


def _mirrored(data: Document, moments: dict[Word, tuple[Fraction, Fraction]]) -> dict[Word, tuple[Fraction, Fraction]]:
    """The table meant, of which what is called known must be the mean with its mirror image."""
    table = {_letters(word): exact(value) for word, value in data["mirrored"]}
    need(table.get((), 1) == 1, "the identity")
    for entry in data["known"]:
        word = _letters(entry["functional"][0][0])
        need(exact(entry["low"]) == exact(entry["high"]), "a range")
        if len(entry["functional"]) > 1 or exact(entry["functional"][0][1]) != 1:
            need(exact(entry["low"]) == 0 and _antisymmetric(entry["functional"]), "not implied by the mirror")
            continue
        if len(word) < 2:
            want = Fraction(1) if not word else Fraction(1, 2)
        else:
            need([one[0] for one in word] == [0, 1], "no entry of a table")
            both, a, b = table[word], table[word[:1]], table[word[1:]]
            want = (both + 1 - a - b + both) / 2
        need(moments[word] == (want, want), "not the mean")
    return {word: (value, value) for word, value in table.items()}


def _antisymmetric(functional: list[Any]) -> bool:
    """Whether f and its mirror image, 1 - E for each E, cancel."""
    total: dict[Word, Fraction] = {}
    for given, coefficient in functional:
        word, c = _letters(given), exact(coefficient)
        first = _normal(word)
        assert first is not None
        total[first] = total.get(first, Fraction(0)) + c
        for chosen in itertools.product((0, 1), repeat=len(word)):
            part_of = _normal(tuple(letter for letter, taken in zip(word, chosen, strict=True) if taken))
            if part_of is not None:
                total[part_of] = total.get(part_of, Fraction(0)) + (-1) ** sum(chosen) * c
    return not any(total.values())


def _quadrature(data: Document, noise: Fraction) -> tuple[list[Fraction], list[Fraction]]:
    """Nodes and weights; each weight at most the integral of w times its hat, by Gauss-Legendre."""
    nodes = [Fraction(t, 2 ** data["nodes"]["bits"]) for t in data["nodes"]["t"]]
    weights = [Fraction(w, 2 ** data["weights"]["bits"]) for w in data["weights"]["W"]]
    need(len(nodes) == len(weights) >= 1 and min(weights) >= 0, "other nodes")
    need(all(a < b for a, b in itertools.pairwise([Fraction(0), *nodes, Fraction(1)])), "nodes out of order")
    double = "mirrored" in data
    need(not double or nodes[-1] < Fraction(1, 2), "nodes beyond 1/2")
    every = [0.0, *map(float, nodes), *(float(1 - t) for t in reversed(nodes) if double), 1.0]
    q, (points, shares) = float(noise), np.polynomial.legendre.leggauss(60)

    def integral(a: float, b: float, top: float) -> float:
        """Of w times the line from 0 at the one end to 1 at `top`, the other."""
        t = (a + b) / 2 + (b - a) / 2 * points
        hat = (t - a) / (b - a) if top == b else (b - t) / (b - a)
        r = 1 - 2 * q
        w = 1 / (q + r * t) + 1 / (q + r * (1 - t))
        return float((b - a) / 2 * (shares * w * hat).sum())

    for k, weight in enumerate(weights, start=1):
        true = integral(every[k - 1], every[k], every[k]) + integral(every[k], every[k + 1], every[k])
        need(float(weight) <= (1 + double) * true * (1 + LOOSE), "a weight above its integral")
    return nodes, weights


def _entropy_bound(document: Document, value: float, moments: dict[Word, Any], kept: list[Fraction]) -> Proven:
    data, quantity = document["data"], document["statement"]["scope"]["quantity"]
    (x, y), keep, noise = data["key"], exact(data["keep"]), float(exact(data["noise"]))

    def chance(a: int, b: int) -> list[tuple[Word, int]]:
        """P(a, b) in words."""
        count = data["outcomes"]["bob"][y]
        bobs = [(((1, y, b),), 1)] if b < count - 1 else [((), 1), *((((1, y, k),), -1) for k in range(count - 1))]
        alices = [(((0, x, 0),), 1)] if a == 0 else [((), 1), (((0, x, 0),), -1)]
        return [(u + w, s * t) for (u, s), (w, t) in itertools.product(alices, bobs)]  # type: ignore[operator]

    terms: dict[Word, Fraction] = {}
    for a, (b, k) in itertools.product((0, 1), enumerate(kept)):
        for word, sign in chance(a, b):
            terms[word] = terms.get(word, Fraction(0)) + sign * k * (keep if a else 1)
    terms = {word: c for word, c in terms.items() if c}
    survives = Fraction(1)
    if terms.keys() <= moments.keys():
        survives = min(sum((max(c * end for end in moments[word]) for word, c in terms.items()), Fraction(0)), survives)
    need(survives > 0, "nothing survives")
    floor = float(h(mp.mpf(noise)))
    bound = floor + (1 - 2 * noise) ** 2 * value / (float(survives) * math.log(2))
    need(bound <= 1 + 1e-5, "no quantum device")
    bound = min(max(bound, floor), 1.0)
    protocol = on(data["key"], data["noise"], data["keep"])
    if quantity == SYMBOL:
        return Proven("lower", bound, "bit/kept key round", scoped("independent", protocol, SYMBOL), LOOSE)
    table = []
    for a in (0, 1):
        row = []
        for b in range(len(kept)):
            total = Fraction(0)
            for word, sign in chance(a, b):
                low, high = moments[word]
                need(low == high, "not known exactly")
                total += sign * low
            need(total >= 0, "a negative probability")
            row.append(real(total))
        table.append(row)
    cost, _ = given_bob(table, mp.mpf(noise), real(keep))
    scope = scoped("independent", protocol)
    return Proven("lower", float(survives) * bound - float(cost), "bit/round", scope, LOOSE)
