"""Certificates about untrusted devices: the entropy of Alice's key symbol from the dual of a moment relaxation.

A device: commuting projectors of Alice and Bob, one for each setting and outcome, in a state. A word is a product of
them. Known are low_j <= Σ_w f_j(w) <w> <= high_j. In a key round at (x, y), with A the projector onto Alice's outcome
0 and B_b Bob's, the parties keep outcome 1 with probability p and others always, and Alice flips her bit with
probability q. The symbols that survive are

    L_0 = Σ_b k_b A B_b,    L_1 = p Σ_b k_b (1-A) B_b,    k_1 = p, k_b = 1 else,    p_V = <L_0 + L_1>,

and Frenkel's integral formula [frenkel2023; jencova2024] reads, with r = 1-2q,

    p_V H = p_V h(q) + r²/ln 2 ∫_0^1 e(t) w(t) dt,    w(t) = 1/(q+rt) + 1/(q+r(1-t)),
    e(t) = min_Z <(1-t) L_0 (1-Z) + t L_1 Z>

over projectors Z of the adversary. e is concave and 0 at both ends, so it lies above its chords:
∫ e w dt >= Σ_i W_i e(t_i) if W_i is at most the integral of w times the hat function of node i. Coefficients of
positive operators may be rounded down. That leaves a minimum over moments, in which every device satisfies

    Γ(z_i) >= 0 and Γ(m - z_i) >= 0,   m_w = Re <w>,  z_i,w = Re <w Z_i>,   Γ(v)_(u,w) = v_(u†w),

for all words u, w of the list. With c_i the costs of z_i and d those of m, positive X_i and Y_i and any κ give

    Σ_i c_i z_i + d m >= Σ_j κ_j f_j(m) - Σ_i |c_i - Γ*(X_i) + Γ*(Y_i)| - |d - Σ_i Γ*(Y_i) - Σ_j κ_j f_j|,

|·| being the sum of moduli: no moment of a word exceeds 1 in modulus.

For two outcomes a side and p = 1, let F exchange the outcomes of both parties. A device mixed with its relabelling by
F, the adversary knowing which, is flip-invariant, and the adversary knows as much of Alice's symbol; so the bound may
be made for flip-invariant devices with the table (P + FP)/2. These have <w> = <Fw>, F putting 1 - E for each projector
E, and e(1-t) = e(t): nodes t < 1/2 with twice their weights do for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from flint import arb, ctx

from .effort import afford_time
from .logarithms import binary_entropy, shannon, xlog2x
from .reading import RejectedError, ball, fields, integer, number, require, sequence
from .statement import ENTROPY, HALF, KEY, PER_KEPT_ROUND, PER_ROUND, Derived, KeySetting, Protocol, Scope

Letters = tuple[tuple[int, int], ...]  # (setting, outcome) of one party
Word = tuple[Letters, Letters]  # Alice's, Bob's

ONE: Word = ((), ())
MOST_WORDS, MOST_NODES, MOST_WORK = 100, 512, 60_000_000
BEYOND_ONE = Fraction(1, 10**6)  # bits above 1 that rounding of a table on the boundary may cost


@dataclass(frozen=True)
class KeyRound:
    """The scenario and what happens in a key round."""

    alice: tuple[int, ...]
    bob: tuple[int, ...]
    key: tuple[int, int]
    noise: Fraction
    keep: Fraction

    @property
    def kept(self) -> list[Fraction]:
        """k_b for Bob's outcomes at the key setting; for Alice's, the first two."""
        return [self.keep if b == 1 else Fraction(1) for b in range(self.bob[self.key[1]])]

    def expand(self, alice: int, coefficients: list[Fraction]) -> dict[Word, Fraction]:
        """Σ_b coefficients[b] A_a B_b in words; the last outcome of a setting is 1 minus the others."""
        x, y = self.key
        last = coefficients[-1]
        bob = [((), last)] + [(((y, b),), c - last) for b, c in enumerate(coefficients[:-1])]
        terms: dict[Word, Fraction] = {}
        for letters, c in bob:
            if alice == 0:
                _add(terms, (((x, 0),), letters), c)
            else:
                _add(terms, ((), letters), c)
                _add(terms, (((x, 0),), letters), -c)
        return terms

    @property
    def survival(self) -> dict[Word, Fraction]:
        """p_V in words."""
        terms = self.expand(0, self.kept)
        for word, c in self.expand(1, [self.keep * k for k in self.kept]).items():
            _add(terms, word, c)
        return terms


@dataclass(frozen=True)
class Known:
    """low <= Σ_w functional(w) <w> <= high."""

    functional: dict[Word, Fraction]
    low: Fraction
    high: Fraction


def entropy_bound(document: dict[str, Any], quantity: str) -> Derived:
    """H(Â|E,V), or the rate p_V [H(Â|E,V) - H(Â|B,V)] of a device all of whose moments at the key setting are known."""
    names = ("outcomes", "key", "noise", "keep", "words", "known", "nodes", "weights", "multipliers", "dual")
    found = fields(document, "data", names, ("mirrored",))
    key_round = _key_round(found)
    known = _known(found["known"], key_round)
    if "mirrored" in found:
        letters = (len(alice) + len(bob) for one in known for alice, bob in one.functional)
        afford_time(sum(5.0 * 2**count for count in letters), "flipping the words")
    value = _dual_value(found, key_round, known)
    if "mirrored" in found:
        known = _unmirrored(found["mirrored"], known, key_round)
    survives = _survival(key_round, known)

    def entropy() -> arb:
        q = ball(key_round.noise)
        r = 1 - 2 * q
        floor = binary_entropy(q)
        proven = floor + r * r * ball(value) / (ball(survives) * arb.const_log2())
        if proven > 1 + ball(BEYOND_ONE):
            raise RejectedError("more than one bit is proven, so no quantum device meets what is called known")
        return proven.max(floor).min(arb(1))

    outcomes = (", ".join(map(str, side)) for side in (key_round.alice, key_round.bob))
    subject = (
        "devices with {} outcomes at Alice's settings and {} at Bob's, and no others, that meet the ".format(*outcomes)
        + f"{len(known)} known values with the digest below; nothing else is known of them"
    )
    settings = (KeySetting(key_round.key, noise=key_round.noise),)
    scope = Scope("device-independent", Protocol("one-way", settings, key_round.keep), quantity)
    grounds = "integral formula [frenkel2023; jencova2024], moment relaxation [navascues2008]"
    if quantity == ENTROPY:
        return Derived("lower", scope, PER_KEPT_ROUND, subject, entropy, grounds)
    require(quantity == KEY, "this certificate is about an entropy or a key rate")
    joint = _joint(key_round, known)

    def rate() -> arb:
        return ball(survives) * entropy() - unnormalised_entropy(joint, key_round.noise, key_round.keep)

    return Derived("lower", scope, PER_ROUND, subject, rate, f"{grounds}; Devetak-Winter rate [devetak2005]")


def _unmirrored(table: Any, known: list[Known], key_round: KeyRound) -> list[Known]:
    """The table P whose (P + FP)/2 is what is known; rejects known values that do not follow from it."""
    require(key_round.keep == 1 and {*key_round.alice, *key_round.bob} == {2}, "a mirror image of what has none")
    entries = [{"functional": [[word, 1]], "low": value, "high": value} for word, value in _pairs(table)]
    own = _known(entries, key_round)
    moments = {next(iter(entry.functional)): entry.low for entry in own}
    for entry in known:
        word = next(iter(entry.functional))
        require(entry.low == entry.high, "a mirrored table is known exactly")
        if list(entry.functional.values()) != [1]:
            require(entry.low == 0 and _flips_to_its_negative(entry.functional), "what a mirror image does not imply")
            continue
        if word == ONE:
            value = Fraction(1)
        elif len(word[0]) + len(word[1]) == 1:
            value = HALF
        else:
            require(len(word[0]) == len(word[1]) == 1, "a known moment that no table holds")
            parts = (word, (word[0], ()), ((), word[1]))
            require(moments.keys() >= {*parts}, "a known moment that is not in the table")
            both, alice, bob = (moments[part] for part in parts)
            value = both + HALF - (alice + bob) / 2
        require(entry.low == value, "a known value that is not the mirrored table's")
    return own


def _pairs(table: Any) -> list[list[Any]]:
    rows = sequence(table, "the mirrored table", least=1, most=2000)
    return [sequence(row, "entry of the mirrored table", least=2, most=2) for row in rows]


def _flips_to_its_negative(functional: dict[Word, Fraction]) -> bool:
    """Whether f + Ff = 0, so that f is 0 on flip-invariant devices; a word counts as its adjoint."""
    total: dict[Word, Fraction] = {}
    for word, c in functional.items():
        _add(total, _representative(word), c)
        require(len(word[0]) + len(word[1]) <= 12, "a word too long to be flipped")
        for alice in _subwords(word[0]):
            for bob in _subwords(word[1]):
                sign = -1 if (len(alice) + len(bob)) % 2 else 1
                left, right = _reduced(alice), _reduced(bob)
                assert left is not None and right is not None  # noqa: PT018 - one outcome a setting: no product is 0
                _add(total, _representative((left, right)), sign * c)
    return not any(total.values())


def _subwords(letters: Letters) -> list[Letters]:
    """Every choice of the letters, in their order: the words of the product of 1 - E."""
    found: list[Letters] = [()]
    for letter in letters:
        found += [(*chosen, letter) for chosen in found]
    return found


def unnormalised_entropy(joint: list[list[Fraction]], noise: Fraction, keep: Fraction) -> arb:
    """p_V H(Â|B,V) of a table P(a,b), after post-selection and the flip."""
    kept = post_selected(joint, keep)
    if noise:
        kept = [[(1 - noise) * p + noise * o for p, o in zip(kept[a], kept[1 - a], strict=True)] for a in (0, 1)]
    columns = [[w for w in column if w] for column in zip(*kept, strict=True)]
    # where Bob's outcome says which symbol it is, nothing is left, exactly
    return sum((xlog2x(ball(sum(c))) + shannon(map(ball, c)) for c in columns if len(c) > 1), arb(0))


def post_selected(joint: list[list[Fraction]], keep: Fraction) -> list[list[Fraction]]:
    """What is left of a table if either party keeps outcome 1 with probability `keep` only."""
    share = (Fraction(1), keep)
    return [[share[a == 1] * share[b == 1] * p for b, p in enumerate(row)] for a, row in enumerate(joint)]


def _joint(key_round: KeyRound, known: list[Known]) -> list[list[Fraction]]:
    """P(a,b) of the key setting, from moments that are known exactly."""
    moments = {next(iter(k.functional)): k.low for k in known if list(k.functional.values()) == [1] and k.low == k.high}
    count = key_round.bob[key_round.key[1]]
    table = []
    for a in (0, 1):
        row = []
        for b in range(count):
            terms = key_round.expand(a, [Fraction(int(k == b)) for k in range(count)])
            needed = {word: c for word, c in terms.items() if c}
            require(needed.keys() <= moments.keys(), "the table of the key setting is not known exactly")
            row.append(sum((c * moments[word] for word, c in needed.items()), Fraction(0)))
        table.append(row)
    require(min(map(min, table)) >= 0, "a probability of the key setting is negative")
    return table


def _survival(key_round: KeyRound, known: list[Known]) -> Fraction:
    """The most that p_V can be."""
    ranges = {next(iter(k.functional)): (k.low, k.high) for k in known if list(k.functional.values()) == [1]}
    terms = {word: c for word, c in key_round.survival.items() if c}
    if not terms.keys() <= ranges.keys():
        return Fraction(1)
    most = sum((max(c * end for end in ranges[word]) for word, c in terms.items()), Fraction(0))
    require(most > 0, "no key round survives")
    return min(Fraction(1), most)


def _dual_value(found: dict[str, Any], key_round: KeyRound, known: list[Known]) -> Fraction:
    """Re-derive the right-hand side of the module's last inequality at the known values."""
    words = [_word(word, key_round) for word in sequence(found["words"], "words", least=1, most=MOST_WORDS)]
    index, classes = _moment_structure(words)
    nodes, weights, grid = _nodes(found, key_round.noise, mirrored="mirrored" in found)
    require(len(words) ** 3 * len(nodes) <= MOST_WORK, "more words and nodes than this verifier takes")
    dual = fields(found["dual"], "dual", ("bits", "X", "Y"))
    unit = Fraction(1, 2) ** integer(dual["bits"], "bits of the dual", -200, 200)
    sides = [sequence(dual[name], name, least=len(nodes), most=len(nodes)) for name in ("X", "Y")]

    def moment(word: Word) -> int:
        representative = _representative(word)
        require(representative in classes, "the moment matrix does not hold a word that is needed")
        return classes[representative]

    charge = Fraction(0)
    left = [Fraction(0)] * len(classes)  # d - Σ Γ*(Y)
    for t, weight, *matrices in zip(nodes, weights, *sides, strict=True):
        x_sums, y_sums = (_adjoint_map(entries, index, len(words), len(classes), unit) for entries in matrices)
        miss = [_down(weight * (1 - t) * k, grid) for k in key_round.kept]
        guess = [_down(weight * t * key_round.keep * k, grid) for k in key_round.kept]
        costs = [Fraction(0)] * len(classes)
        for word, c in key_round.expand(0, miss).items():
            costs[moment(word)] -= c
            left[moment(word)] += c
        for word, c in key_round.expand(1, guess).items():
            costs[moment(word)] += c
        charge += sum((abs(c - x + y) for c, x, y in zip(costs, x_sums, y_sums, strict=True)), Fraction(0))
        left = [d - y for d, y in zip(left, y_sums, strict=True)]

    multipliers = sequence(found["multipliers"], "multipliers", least=len(known), most=len(known))
    value = -charge
    for entry, given in zip(known, multipliers, strict=True):
        kappa = number(given, "multiplier")
        value += min(kappa * entry.low, kappa * entry.high)
        for word, c in entry.functional.items():
            left[moment(word)] -= kappa * c
    return value - sum(map(abs, left), Fraction(0))


def _moment_structure(words: list[Word]) -> tuple[list[int], dict[Word, int]]:
    """For each pair i <= j the class of the word u_i† u_j, -1 where it is 0; and the classes by representative.

    A word and its adjoint have the same real part of the moment.
    """
    require(len(set(words)) == len(words), "the same word twice")
    classes: dict[Word, int] = {}
    index = []
    for i, (alice, bob) in enumerate(words):
        for other_alice, other_bob in words[i:]:
            left, right = _reduced(alice[::-1] + other_alice), _reduced(bob[::-1] + other_bob)
            if left is None or right is None:
                index.append(-1)
            else:
                index.append(classes.setdefault(_representative((left, right)), len(classes)))
    return index, classes


def _adjoint_map(entries: Any, index: list[int], size: int, count: int, unit: Fraction) -> list[Fraction]:
    """Γ* of a matrix, given by its upper triangle in units; rejects one that is not positive."""
    triangle = sequence(entries, "a matrix of the dual", least=len(index), most=len(index))
    for entry in triangle:
        integer(entry, "entry of the dual", -(2**80), 2**80)
    sums = [0] * (count + 1)  # the last for words that are 0
    position = 0
    for i in range(size):
        for j in range(i, size):
            sums[index[position]] += triangle[position] * (1 if i == j else 2)
            position += 1
    require(_positive(triangle, size), "a matrix of the dual is not positive semidefinite")
    return [value * unit for value in sums[:-1]]


def _positive(triangle: list[int], size: int) -> bool:
    """Whether every pivot of an LDL† decomposition is certainly positive, or what is left is exactly 0."""
    with ctx.workprec(192):
        rows, position = [], 0
        for i in range(size):
            rows.append([arb(value) for value in triangle[position : position + size - i]])
            position += size - i
        # rows[0] is the first row of what is left, from its diagonal on
        while rows:
            first, *rows = rows
            pivot = first[0]
            if not pivot > 0:
                return all(value == 0 for row in (first, *rows) for value in row)
            for k, row in enumerate(rows, start=1):
                factor = first[k] / pivot
                for m in range(len(row)):
                    row[m] -= factor * first[k + m]
    return True


def _nodes(
    found: dict[str, Any], noise: Fraction, *, mirrored: bool
) -> tuple[list[Fraction], list[Fraction], Fraction]:
    """The nodes t_i, weights proven to be at most the W_i, and the grid on which costs are rounded down."""
    given = fields(found["nodes"], "nodes", ("bits", "t"))
    step = Fraction(1, 1 << integer(given["bits"], "bits of the nodes", 1, 100))
    nodes = [integer(t, "node", 1, 2**100) * step for t in sequence(given["t"], "nodes", least=1, most=MOST_NODES)]
    require(
        all(a < b for a, b in pairwise([*nodes, Fraction(1)])),
        "nodes that do not increase in (0, 1)",
    )
    stated = fields(found["weights"], "weights", ("bits", "W"))
    grid = Fraction(1, 1 << integer(stated["bits"], "bits of the weights", 1, 200))
    weights = [
        integer(w, "weight", 0, 2**240) * grid
        for w in sequence(stated["W"], "weights", least=len(nodes), most=len(nodes))
    ]
    require(noise < HALF, "noise 1/2, at which there is nothing to prove")
    every = nodes
    if mirrored:
        require(nodes[-1] < HALF, "a node beyond 1/2 with its mirror image")
        every = [*nodes, *(1 - t for t in reversed(nodes))]
    with ctx.workprec(512):
        hats = [(1 + mirrored) * hat for hat in _hat_integrals(every, noise)[: len(nodes)]]
        for weight, true in zip(weights, hats, strict=True):
            require(bool(ball(weight) <= true), "a weight above the integral of its hat function")
    return nodes, weights, grid


def _hat_integrals(nodes: list[Fraction], noise: Fraction) -> list[arb]:
    """∫ w · hat of each node: the second divided difference of a W with W'' = w."""
    q = ball(noise)
    r = 1 - 2 * q

    def antiderivative(t: Fraction) -> arb:
        """Twice integrated w."""
        total = arb(0)
        for x in (q + r * ball(t), q + r * ball(1 - t)):
            total += (x * x.log() if x > 0 else arb(0)) - x
        return total / (r * r)

    ends = [Fraction(0), *nodes, Fraction(1)]
    slopes = [(antiderivative(b) - antiderivative(a)) / ball(b - a) for a, b in pairwise(ends)]
    return [after - before for before, after in pairwise(slopes)]


def _key_round(found: dict[str, Any]) -> KeyRound:
    outcomes = fields(found["outcomes"], "outcomes", ("alice", "bob"))
    alice, bob = (
        tuple(integer(n, "number of outcomes", 2, 16) for n in sequence(outcomes[party], party, least=1, most=16))
        for party in ("alice", "bob")
    )
    x, y = sequence(found["key"], "key", least=2, most=2)
    key = integer(x, "Alice's key setting", 0, len(alice) - 1), integer(y, "Bob's key setting", 0, len(bob) - 1)
    require(alice[key[0]] == 2, "Alice's key symbol is not a bit")
    keep = number(found["keep"], "keep", 0, 1)
    require(keep > 0, "keep is 0")
    return KeyRound(alice, bob, key, number(found["noise"], "noise", 0, HALF), keep)


def _known(value: Any, key_round: KeyRound) -> list[Known]:
    known = []
    for entry in sequence(value, "known", least=1, most=2000):
        given = fields(entry, "a known value", ("functional", "low", "high"))
        functional: dict[Word, Fraction] = {}
        for term in sequence(given["functional"], "functional", least=1, most=2000):
            word, coefficient = sequence(term, "term of a functional", least=2, most=2)
            letters = _word(word, key_round)
            require(letters not in functional, "the same word twice in a functional")
            functional[letters] = number(coefficient, "coefficient")
        low, high = number(given["low"], "low"), number(given["high"], "high")
        require(low <= high, "a known value whose low end is above the high one")
        if list(functional) == [ONE]:
            require(functional[ONE] == low == high, "the identity has the value 1")
        known.append(Known(functional, low, high))
    different = {frozenset(entry.functional.items()) for entry in known}
    require(len(different) == len(known), "two known values of one functional")
    return known


def _word(value: Any, key_round: KeyRound) -> Word:
    parties = []
    for part, outcomes in zip(sequence(value, "word", least=2, most=2), (key_round.alice, key_round.bob), strict=True):
        letters = []
        for letter in sequence(part, "word", most=16):
            setting, outcome = sequence(letter, "letter", least=2, most=2)
            place = integer(setting, "setting", 0, len(outcomes) - 1)
            letters.append((place, integer(outcome, "outcome", 0, outcomes[place] - 2)))
        reduced = _reduced(tuple(letters))
        require(reduced == tuple(letters), "a word that is not reduced")
        parties.append(tuple(letters))
    return parties[0], parties[1]


def _reduced(letters: Letters) -> Letters | None:
    """E E = E and E E' = 0 for two outcomes of one setting; None for 0."""
    word: list[tuple[int, int]] = []
    for letter in letters:
        if word and word[-1][0] == letter[0]:
            if word[-1] != letter:
                return None
        else:
            word.append(letter)
    return tuple(word)


def _representative(word: Word) -> Word:
    return min(word, (word[0][::-1], word[1][::-1]))


def _down(x: Fraction, grid: Fraction) -> Fraction:
    """The greatest multiple of the grid not above x >= 0."""
    return (x // grid) * grid


def _add(terms: dict[Word, Fraction], word: Word, coefficient: Fraction) -> None:
    terms[word] = terms.get(word, Fraction(0)) + coefficient
