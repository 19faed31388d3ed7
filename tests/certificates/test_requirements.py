"""Each clause of the verifier is the only reason once, for a genuine certificate stays acceptable without it.

The clauses are listed from the verifier's syntax tree (`clauses`). For each there is a document that is refused, and
that is accepted as soon as this clause alone is switched off: at a value that is false where the clause is about what
is proven. What no document shows is listed with its reason.
"""

from __future__ import annotations

import importlib.util
import math
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flint import arb

from keybounds.proofs import verify


def sibling(name: str) -> ModuleType:
    """A module of this folder."""
    spec = importlib.util.spec_from_file_location(f"certificates_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


clauses, forgeries = sibling("clauses"), sibling("forgeries")
FORGERIES, edited = forgeries.FORGERIES, forgeries.edited
edges = sibling("edges")
ROWS = [
    *((name, edits) for _, name, edits in FORGERIES),
    *((name, {path: value}) for of in (edges.EDGES, edges.BACKED) for name, ends in of.items() for path, value in ends),
]

Document = dict[str, Any]

OTHERWISE: dict[str, tuple[str, ...]] = {
    "the spectrum of a larger matrix is refused, and its rows are counted": (
        "extensions.squashed_entanglement: f <= LARGEST",
        "extensions.squashed_entanglement: integer environment high 4096",
        "extensions.squashed_entanglement: integer environment low 1",
        "extensions.squashed_entanglement: max(rho.dims) * e <= LARGEST",
        "states.read_dims: d_a * d_b <= LARGEST",
        "states.read_dims: integer dimension high LARGEST",
        "states.read_dims: integer dimension low 1",
    ),
    "the value is then no number, and nothing is decided": (
        "extensions._cholesky: pivot > 0",
        "devices._nodes: noise < HALF",
        "correlations._mixed_device.value: raises a weight of the mixture is negative",
        "finite._eat: ball(exact['tangent']) < _edge()",
        "finite._eat: exact['order_1'] < 1",
        "finite._eat: value > 0",
        "finite._renyi: 0 < reference",
        "finite._renyi: reference < 1",
        "finite._run: HASHES < soundness",
        "formulas._amplitude_damping: number damping low 0",
        "separable._ensemble.build: trace > 0",
        "separable._gram_schmidt: length > 0",
        "spectra.cross_entropy_above: returns NaN",
        "verification._decide: raises the value {decimal(value)} is not proven: the data give {derived.str(25)}",
    ),
    "the scope must name the same number, and holds it to the same range": (
        "correlations.ChshDevice.__init__: number noise high HALF",
        "correlations.ChshDevice.__init__: number noise low 0",
        "devices._key_round: integer Alice's key setting low 0",
        "devices._key_round: integer Bob's key setting low 0",
        "devices._key_round: keep > 0",
        "devices._key_round: number keep high 1",
        "devices._key_round: number keep low 0",
        "devices._key_round: number noise high HALF",
        "devices._key_round: number noise low 0",
    ),
    "a stricter range, or one that is not closed, follows": (
        "correlations.ChshDevice.__init__: number chsh high 3",
        "correlations.ChshDevice.__init__: number chsh low -3",
        "correlations._mixed_device: number S of a point high 3",
        "correlations._mixed_device: sequence points most 3",
        "devices._nodes: integer node high 2 ** 100",
        "devices._nodes: integer weight high 2 ** 240",
        "devices._pairs: sequence the mirrored table least 1",
        "devices._pairs: sequence the mirrored table most 2000",
        "finite._eat: number name high 1",
        "finite._eat: number name low 0",
        "finite._renyi: number order low 0",
        "finite._renyi: number reference high 1",
        "finite._renyi: number reference low 0",
        "finite._run: number gamma high 1",
        "finite._run: number gamma low 0",
        "finite._run: number soundness high 1",
        "finite._run: number soundness low 0",
        "finite.finite_key: number soundness low 0",
        "formulas.Family.__init__: integer sector high LARGEST_DIMENSION",
        "formulas._transmissivity: number transmissivity high 1",
        "local.local_weight: number lower high 1",
        "local.local_weight: number upper low 0",
        "mixtures._check_tables: number distance low 0",
        "statement.read_protocol: number keep low 0",
        "statement.read_protocol: number weight low 0",
    ),
    "probabilities that are not negative and sum to 1 are none above it": (
        "local._local_part: number weight high 1",
        "local._tables: number probability high 1",
        "mixtures._mixture: number weight high 1",
        "mixtures._mixture: number weight high 1 (2)",
        "separable._distribution: number share high 1",
        "statement.read_protocol: number weight high 1",
    ),
    "the table must be the mixture's own": (
        "mixtures._check_tables: number probability high 1",
        "mixtures._check_tables: number probability low 0",
        "mixtures._check_tables: sequence row of the table least nb",
        "mixtures._check_tables: sequence row of the table most nb",
        "mixtures._check_tables: sequence table of a pair least na",
        "mixtures._check_tables: sequence table of a pair most na",
    ),
    "what must be in it, or different, bounds its length": (
        'correlations._sizes: integer f"Alice\'s {what}" low 1',
        'correlations._sizes: integer f"Bob\'s {what}" low 1',
        "correlations._tables: sequence row of a table least 1",
        "correlations._tables: sequence table least 1",
        "correlations._tables: sequence tables least 1",
        "correlations._tables: sequence tables most 400",
        "devices._dual_value: sequence words least 1",
        "devices._key_round: sequence party least 1",
        "local._sizes: integer Alice's number low 1",
        "local._sizes: integer Bob's number low 1",
        "local._tables: sequence tables most settings[0] * settings[1]",
        "mixtures._measured: sequence measured most 64",
        "mixtures._mixture: integer settings low 1",
    ),
    "another clause says the same, less to the point": (
        "devices._adjoint_map: integer entry of the dual low -2 ** 80",  # not positive
        "formulas._no_quantum_capacity: family.channel",  # a quantum capacity of no channel
        "local._tables: number probability low 0",  # more than P is taken from it
        "spectra.entropy_of: not any((value < 0 for value in values))",  # a matrix that is no state
        "statement._scope: quantity is one of the names QUANTITY",  # no order has it
        "statement.read_statement: direction is one of the names ('lower', 'upper')",  # not the derived one
        "verification._decide: value >= 0",  # no ceiling derived is below 0
        "verification._verified: isinstance(found['data'], dict)",  # it has no fields
        "verification._verified: version != 1",  # nor is it the right one
    ),
    "met, it claims less": (
        "finite._entropy: winning <= CLASSICAL",
        "finite._entropy_slope: winning < CLASSICAL",
        "finite._power: exponent > 0",
        "formulas._transpose_ceiling.equal: p is None",
        "statement.Protocol.of_rounds: bool(self.settings) or self.discussion == 'completed rounds'",
        "statement.Protocol.processed: self.keep != 1 or any((one.noise for one in self.settings))",
        "states.hashing.value: found.contains(0)",
        "states.hashing.value: found.upper() < arb(2) ** (-64)",
    ),
    "it bounds the time, which without it is too long for a test": (
        "devices._dual_value: len(words) ** 3 * len(nodes) <= MOST_WORK",
        "devices._known: sequence functional most 2000",
        "finite._renyi: number name high LARGEST",
        "local._inequality: outcomes[0] ** settings[0] * len(tables) * outcomes[1] <= MOST_WORK",
        "mixtures._mixture: sequence strategies most MOST_STRATEGIES",
    ),
    "no document is known that does not meet it": (
        "channels._log_norm: greatest > 0",  # the Choi operator is added to it
        "mixtures._one_way: sum(map(sum, weighed)) > 0",  # keep is above 0
        "spectra._guessed_eigenvectors: length > 0",  # eig of python-flint has not failed on finite entries
        "spectra._guessed_eigenvectors: length.is_finite()",
        "spectra.frame_of: 1 <= size",  # dimensions are counted before
        "spectra.frame_of: size <= LARGEST",
        "spectra.frame_of: skew < 0.1",
        "statement._devices_within: order.index(a) <= order.index(b)",  # ceilings are against the weakest devices
    ),
}
"""Why no document is refused by this clause alone."""
UNBACKED = (
    "met, it claims less",
    "it bounds the time, which without it is too long for a test",
    "no document is known that does not meet it",
)
"""All but these are refused by another clause, too."""
ELSEWHERE = (
    *("reading.parse", "reading.check_plain", "reading.denominator_of", "effort.", "guard.", "__main__."),
    "verification._verified: isinstance(document, dict)",
)
"""What texts and documents of any content must meet: test_reading, test_limits."""
UNCLEAR = "malformed:"  # Python's own words: the clause is the only one that says what is wrong


@pytest.fixture(scope="module")
def switched() -> Iterator[tuple[ModuleType, Any]]:
    with clauses.switched_verifier() as (copy, switches):
        yield copy, switches


@pytest.mark.parametrize(
    ("reason", "name", "edits"), FORGERIES, ids=[f"{k}-{row[1]}-{row[0][:40]}" for k, row in enumerate(FORGERIES)]
)
def test_a_forgery_is_told_why(samples: dict[str, Any], reason: str, name: str, edits: dict[str, Any]) -> None:
    verdict = verify(edited(samples[name].document, edits))
    assert not verdict.accepted
    assert reason in verdict.reason
    assert (verdict.statement, verdict.about, verdict.digest) == ("", "", "")


def restated(document: Document, reason: str) -> Document | None:
    """The same with the value that its data give where one clause is off: the lie as large as it gets."""
    found = re.search(r"the data give (\[.*\]|\S+)$", reason)
    if found is None or "value" not in document["statement"]:
        return None
    lower, ball = document["statement"].get("direction") != "upper", arb(found[1])
    if document["kind"] == "finite key":
        value = Fraction(math.floor(float(ball.lower())))
    else:
        value = Fraction(round(float(ball.lower() if lower else ball.upper()) * 10**9) + (-1 if lower else 1), 10**9)
    told = int(value) if value.denominator == 1 else str(value)
    return {**document, "statement": {**document["statement"], "value": told}}


def without(switched: tuple[ModuleType, Any], document: Document, clause: str) -> str:
    """The reason that is left where one clause is off; empty where the document, or its largest lie, is accepted."""
    copy, switches = switched

    def reason(of: Document, off: str) -> str:
        switches.start(off)
        try:
            return str(copy.verify(of).reason)
        except AttributeError as error:  # of None or of a list; no document gets so far with all clauses on
            return f"{UNCLEAR} {error}"

    left = reason(document, clause)
    largest = restated(document, left)
    return "" if largest is not None and reason(largest, "") and not reason(largest, clause) else left


def test_every_clause_is_the_only_reason_once(samples: dict[str, Any], switched: tuple[ModuleType, Any]) -> None:
    """Switched off, a document that it alone refuses is accepted; so it is no clause that could be lost unseen."""
    copy, switches = switched
    explained = {clause for listed in OTHERWISE.values() for clause in listed}
    alone: set[str] = set()
    unclear: set[str] = set()
    for name, edits in ROWS:
        document = edited(samples[name].document, edits)
        switches.start()
        verdict = copy.verify(document)
        assert asdict(verdict) == asdict(verify(document)), (name, edits)
        assert not verdict.accepted, (name, edits)
        for clause in dict.fromkeys(switches.suspects):
            if clause in alone or clause in explained:
                continue
            left = without(switched, document, clause)
            if not left:
                alone.add(clause)
            elif left.startswith(UNCLEAR):
                unclear.add(clause)
    every = {clause for clause in switches.clauses if not clause.startswith(ELSEWHERE)}
    print(
        f"{len(every)} clauses: {len(alone)} alone, {len(unclear - alone)} unclear without, {len(explained)} otherwise"
    )
    assert sorted(every - alone - unclear - explained) == []
    assert sorted(explained - every) == []  # nothing is explained that there is not
    assert len(alone) > 300


def test_what_is_explained_is_refused_by_another(samples: dict[str, Any], switched: tuple[ModuleType, Any]) -> None:
    """Of each clause that others back there is a document that it refuses, and no such document is accepted without."""
    copy, switches = switched
    backed = {clause for reason, listed in OTHERWISE.items() for clause in listed if reason not in UNBACKED}
    seen = set()
    for name, edits in ROWS:
        document = edited(samples[name].document, edits)
        switches.start()
        copy.verify(document)
        for clause in sorted(backed.intersection(switches.suspects)):
            seen.add(clause)
            assert without(switched, document, clause), (clause, name, edits)
    assert sorted(backed - seen) == []


def test_genuine_certificates_are_accepted_by_the_copy(
    samples: dict[str, Any], switched: tuple[ModuleType, Any]
) -> None:
    """The switches change nothing as long as all clauses are on."""
    copy, switches = switched
    for sample in samples.values():
        switches.start()
        assert asdict(copy.verify(sample.document)) == asdict(verify(sample.document))


def test_clauses_are_found_where_they_stand() -> None:
    """Each form of clause, in source of its own."""
    switches = clauses.Switches()
    source = (
        "def f(x: int) -> bool:\n"
        "    require(0 < x < 5 and all(y > 0 or y == -1 for y in x), 'a range')\n"
        "    number(x, 'x', 0, high=1)\n"
        "    one_of(x, 'x', NAMES)\n"
        "    if x: raise RejectedError(f'bad {x}')\n"
        "    if x == 3: return False\n"
        "    return x > 7\n"
        "def g() -> arb:\n"
        "    if a and b: return arb(0)\n"
        "    return arb('nan')\n"
    )
    clauses.switch(source, "module", switches)
    assert list(switches.clauses) == [
        "module.f: 0 < x",
        "module.f: x < 5",
        "module.f: y > 0 or y == -1",
        "module.f: number x low 0",
        "module.f: number x high 1",
        "module.f: x is one of the names NAMES",
        "module.f: raises bad {x}",
        "module.f: False",
        "module.f: x > 7",
        "module.g: a",
        "module.g: b",
        "module.g: returns NaN",
    ]
