"""Whatever the package issues, the verifier accepts in a process of its own; what it does not issue is listed."""

from __future__ import annotations

import ast
import itertools
import json
import math
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keybounds.bounds import (
    Hierarchy,
    Link,
    Unit,
    any_discussion,
    completed_rounds,
    lower,
    one_way,
    two_way,
    upper,
)
from keybounds.channels.families import dephasing_choi, depolarizing_choi, erasure_choi
from keybounds.errors import InputError, UnsupportedError
from keybounds.experiments import Behaviour
from keybounds.proofs import certify
from keybounds.states import PPTPrivateFamily, ppt_private_state

ROOT = Path(__file__).resolve().parents[2]
QUICK = Hierarchy("11", 4)
HALF_LESS = math.nextafter(0.5, 0.0)

Issue = tuple[str, Callable[[], Any]]


def links() -> Iterator[Issue]:
    """S from 0 to 2√2, on both sides of 2, and errors from 0 to 1/2, both ends included."""
    values = (0, 2, -2, math.nextafter(2, 3), Fraction(27, 10), -2.5, math.sqrt(8), math.nextafter(math.sqrt(8), 0))
    for chsh, error in itertools.product(values, (0, 0.25, Fraction(1, 3), HALF_LESS, 0.5)):
        link = Link(chsh, error, key=(1, 2))
        yield from of_link(f"S = {chsh}, Q = {error}", link)


def of_link(name: str, link: Link) -> Iterator[Issue]:
    for noise in (0.0, 0.1, 0.5, 5e-324):
        yield f"CHSH entropy, {name}, {noise}", lambda q=noise: lower.chsh_entropy(link, q)
        yield f"CHSH rate, {name}, {noise}", lambda q=noise: lower.chsh_rate(link, q)
        if link.tables is not None:
            yield f"CHSH and H(A|B), {name}, {noise}", lambda q=noise: lower.chsh_table_rate(link, q)
    for protocol in (two_way(link.key), completed_rounds(), any_discussion()):
        yield f"CHSH ceiling, {name}, {protocol}", lambda p=protocol: upper.chsh_ceiling(link, p)
    yield f"hull, {name}", lambda: upper.hull_ceiling(link)


def behaviours(make: dict[str, Callable[..., Any]]) -> dict[str, Behaviour]:
    """Singlets on both sides of every threshold, and tables whose information or entropy is exactly 0."""

    def points(*parts: tuple[float, tuple[int, ...], tuple[int, ...]]) -> Behaviour:
        P = np.zeros((2, 2, 2, 3))
        for (weight, a, b), x, y in itertools.product(parts, range(2), range(3)):
            P[a[x], b[y], x, y] += weight
        return Behaviour(P)

    alice, bob = np.array([[0.3, 0.6], [0.7, 0.4]]), np.array([[0.2, 0.9, 0.5], [0.8, 0.1, 0.5]])
    visibilities = (0.0, 0.7, 0.7735, 0.776, 0.78, 0.79, 0.9, 1.0)
    return {
        **{f"singlet of {v}": make["behaviour"](v) for v in visibilities},
        "deterministic": points((1.0, (0, 1), (1, 0, 1))),
        "correlated": points((0.3, (0, 0), (0, 0, 0)), (0.7, (1, 1), (1, 1, 1))),
        "product": Behaviour(np.einsum("ax,by->abxy", alice, bob)),
    }


def correlations(found: dict[str, Behaviour]) -> Iterator[Issue]:
    for name, behaviour in found.items():
        yield from of_link(name, Link.of(behaviour, key=(1, 2)))
        yield f"local weight, {name}", lambda b=behaviour: upper.local_weight(b)
        for noise, keep in ((0.0, 1.0), (0.5, 1.0), (0.1, 0.9), (0.0, 0.5)):
            asked = one_way((1, 2), noise=noise, keep=keep)
            yield f"H(A|B), {name}, {asked}", lambda b=behaviour, p=asked: lower.reconciliation_entropy(b, p)
        for protocol in (two_way((1, 2)), completed_rounds()):
            yield f"I(A:B), {name}, {protocol}", lambda b=behaviour, p=protocol: upper.mutual_information(b, p)


def entropies(found: dict[str, Behaviour]) -> Iterator[Issue]:
    for name in ("singlet of 0.7", "singlet of 0.9", "deterministic", "product"):
        for asked in (one_way((0, 2)), one_way((1, 2), noise=0.1, keep=0.5)):
            behaviour = found[name]
            yield f"H(A|E), {name}, {asked}", lambda b=behaviour, p=asked: lower.conditional_entropy(b, p, QUICK)
            yield f"rate, {name}, {asked}", lambda b=behaviour, p=asked: lower.devetak_winter(b, p, QUICK)
    behaviour, asked = found["singlet of 0.9"], one_way((0, 2), noise=0.1)
    entropy = lower.EntropySweep(QUICK).entropy(behaviour, asked)
    yield "entropy of a sweep", lambda: entropy
    yield "rate of a sweep", lambda: lower.rate_from_entropy(behaviour, entropy)


def attacks(found: dict[str, Behaviour]) -> Iterator[Issue]:
    """Where the two-way ceiling is exactly 0 or close to it; and each class once."""
    key = (0, 2)
    asked = [(v, two_way(key)) for v in (0.7735, 0.776, 0.78, 0.79)]
    asked += [(0.78, protocol) for protocol in (one_way(key, noise=0.5), completed_rounds(), any_discussion())]
    for v, protocol in asked:
        behaviour = found[f"singlet of {v}"]
        yield f"attack, {v}, {protocol}", lambda b=behaviour, p=protocol: upper.attack_ceiling(b, p)


def singlets() -> Iterator[Issue]:
    edges = (0.0, 0.7, math.sqrt(0.5), 0.7735, 1 / (2 - math.sqrt(0.5)), 0.776, 0.9, math.nextafter(1, 0), 1.0)
    for v in edges:
        yield f"singlet, {v}", lambda v=v: upper.visibility_ceiling(v, two_way((0, 2)))
        for noise in (0.0, 0.1, 0.5):
            asked = one_way((0, 2), noise=noise)
            yield f"singlet, {v}, {noise}", lambda v=v, p=asked: upper.visibility_ceiling(v, p)


def channels() -> Iterator[Issue]:
    one_parameter = (lower.pure_loss_rate, upper.pure_loss_ceiling, upper.amplitude_damping_ceiling)
    for routine, x in itertools.product(one_parameter, (0, 0.3, 0.5, Fraction(1, 3), 1e-300, 1 - 2**-53)):
        yield f"{routine.__name__}, {x}", lambda f=routine, x=x: f(x)
    yield "amplitude damping, 1", lambda: upper.amplitude_damping_ceiling(1)
    routines = (upper.dephasing_ceiling, upper.depolarizing_ceiling, upper.erasure_ceiling, lower.erasure_rate)
    grid = itertools.product(routines, (0, 0.1, 0.5, Fraction(2, 3), 0.75, 1, 1e-300), (2, 3, 4))
    for routine, p, d in grid:
        yield f"{routine.__name__}, {p}, {d}", lambda f=routine, p=p, d=d: f(p, d)
    for name, choi in {p: depolarizing_choi(p, 2) for p in (0, 0.1, 2 / 3, 1)}.items():
        for routine in (upper.choi_relative_entropy, upper.max_relative_entropy, upper.max_rains_information):
            yield f"{routine.__name__}, {name}", lambda f=routine, c=choi: f(c)
        for direction in ("forward", "reverse"):
            yield f"hashing, {name}, {direction}", lambda c=choi, d=direction: lower.channel_hashing(c, direction=d)
    yield "best on a channel", lambda: upper.channel_ceiling(depolarizing_choi(0.1, 2))


def families() -> Iterator[Issue]:
    half = Fraction(1, 2)
    members = [PPTPrivateFamily(2), PPTPrivateFamily(10**30), PPTPrivateFamily(4, half), PPTPrivateFamily(4, half / 1)]
    members += [PPTPrivateFamily(9, Fraction(1, 4)), PPTPrivateFamily(8, Fraction("0.303"))]
    sectors = [PPTPrivateFamily.sectors(3, 4, half), PPTPrivateFamily.sectors(4, 9, Fraction(1, 3))]
    of_state = (lower.privacy_squeezing, lower.pair_parity, upper.private_state_ceiling, upper.partial_transpose_bound)
    of_channel = (
        *(lower.ppt_channel_rate, lower.ppt_channel_pair_parity),
        *(upper.ppt_channel_ceiling, upper.channel_transpose_bound, upper.ppt_channel_quantum_ceiling),
    )
    for family in members + sectors:
        for routine in of_state:
            yield f"{routine.__name__}, {family}", lambda f=routine, x=family: f(x)
    for family in members:
        for routine in of_channel:
            yield f"{routine.__name__}, {family}", lambda f=routine, x=family: f(x)
        yield f"distillation, {family}", lambda x=family: lower.advantage_distillation(x, copies=3)
        yield f"published, {family}", lambda x=family: upper.partial_transpose_bound(x, method="published")


def states(make: dict[str, Callable[..., Any]]) -> Iterator[Issue]:
    """Products, pure and singular states, states on the edge of the separable ones."""

    def maximal(d: int) -> Any:
        return np.outer(np.eye(d).ravel(), np.eye(d).ravel()) / d

    def random(seed: int, size: int, rank: int) -> Any:
        return make["random_state"](seed, size, rank)

    found = {
        "maximal": (maximal(3), (3, 3)),
        "mixed": (np.eye(4) / 4, (2, 2)),
        "pure product": (np.diag([1.0, 0, 0, 0]), (2, 2)),
        "product": (np.kron(random(1, 2, 2), random(2, 3, 3)), (2, 3)),
        "product of vectors": (np.kron(random(1, 2, 1), random(2, 2, 1)), (2, 2)),
        "classical": (np.diag([0.5, 0, 0, 0.5]), (2, 2)),
        "on the edge": (maximal(2) / 3 + np.eye(4) / 6, (2, 2)),
        "generic": (random(3, 4, 2), (2, 2)),
        "nobody": (random(4, 3, 3), (1, 3)),
    }
    for name, (rho, dims) in found.items():
        yield f"E_r, {name}", lambda r=rho, d=dims: upper.relative_entropy_of_entanglement(r, d, iterations=10)
        yield f"E_sq, {name}", lambda r=rho, d=dims: upper.squashed_entanglement(r, d, starts=1)
        yield f"hashing, {name}", lambda r=rho, d=dims: lower.coherent_information(r, d)
        if name not in ("maximal", "generic"):
            yield f"transpose, {name}", lambda r=rho, d=dims: upper.partial_transpose_bound(r, d)


def devices() -> Iterator[Issue]:
    """The key of a state that is measured by untrusted devices, and the best ceiling on a state."""
    rho = np.diag([0.4, 0.1, 0.1, 0.4]).astype(complex)
    rho[0, 3] = rho[3, 0] = 0.05
    basis = [np.diag([1.0, 0.0]), np.diag([0.0, 1.0])]
    yield "device", lambda: upper.device_independent_measure(rho, (2, 2), alice=[basis], bob=[basis])
    yield "best on a state", lambda: upper.key_ceiling(rho, (2, 2))


def runs() -> Iterator[Issue]:
    methods = [("eat-2019", "trevisan"), ("eat-2019", "toeplitz"), ("renyi", "toeplitz"), ("renyi", "circulant")]
    for chsh, rounds in itertools.product((2.2, 2.7, math.sqrt(8)), (10**4, 10**7)):
        link = Link(chsh, Fraction(1, 100), key=(1, 2))
        for theorem, extractor in methods:
            options = {"rounds": rounds, "gamma": 0.05, "theorem": theorem, "extractor": extractor}
            yield f"{theorem}, {extractor}, {chsh}, {rounds}", lambda x=link, o=options: lower.finite_key(x, **o)


@pytest.fixture(scope="module")
def issued(samples: dict[str, Any], make: dict[str, Callable[..., Any]]) -> dict[str, Any]:
    """Certificates over all kinds, with what is exactly 0 and what is at an edge."""
    found = behaviours(make)
    made = {f"sample: {name}": sample.document for name, sample in samples.items()}
    sources = (links(), correlations(found), entropies(found), attacks(found), singlets())
    for name, routine in itertools.chain(*sources, channels(), families(), states(make), devices(), runs()):
        made[name] = certify(routine())
    bound = lower.chsh_rate(Link(2.7, 0.02), 0.1)
    for rate in (2_000_000, Fraction(1, 3), 1e-12):
        made[f"at {rate} rounds a second"] = certify(bound.scaled(rate, Unit.PER_SECOND))
    return made


def test_whatever_is_issued_is_accepted_in_another_process(issued: dict[str, Any], tmp_path: Path) -> None:
    """One process that knows the folder of the verifier only, and every kind, formula and edge."""
    files = []
    for k, document in enumerate(issued.values()):
        files.append(tmp_path / f"{k:04}.json")
        files[-1].write_text(json.dumps(document))
    done = subprocess.run(
        [sys.executable, "-m", "verifier", *map(str, files)],
        cwd=ROOT / "proofs",
        env={"PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    verdicts = done.stdout.split(f"'{tmp_path}")[1:]
    rejected = {
        name: verdict.partition("\n")[2]
        for name, verdict in zip(issued, verdicts, strict=True)
        if not verdict.endswith("ACCEPTED\n")
    }
    assert not rejected
    assert done.returncode == 0
    assert done.stderr == ""
    assert len(issued) > 900
    assert {document["kind"] for document in issued.values()} == kinds()


def kinds() -> set[str]:
    from keybounds.proofs.verifier.verification import KINDS

    return set(KINDS)


def refused(make: dict[str, Callable[..., Any]]) -> Iterator[Issue]:
    """Bounds of methods whose proof the verifier does not know yet."""
    link, behaviour, fresh = Link(2.7, 0.01, key=(1, 2)), make["behaviour"](), one_way((1, 2), noise=0.5)
    singlet = np.diag([0.05, 0.45, 0.45, 0.05]).astype(complex)
    singlet[1, 2] = singlet[2, 1] = -0.4
    yield "relative entropy over PPT states", lambda: upper.distillable_entanglement_ceiling(singlet, (2, 2))
    yield "Rains bound of the Choi state", lambda: upper.rains_information(dephasing_choi(0.1, 2))
    yield (
        "squashed entanglement, optimised squashing",
        lambda: upper.channel_squashed_entanglement(erasure_choi(0.4, 2), starts=1),
    )
    yield "Devetak-Winter after privacy squeezing", lambda: lower.privacy_squeezing(ppt_private_state(2))
    yield "fresh coin", lambda: lower.conditional_entropy(behaviour, fresh, QUICK)
    yield "Devetak-Winter rate, fresh coin", lambda: lower.devetak_winter(behaviour, fresh, QUICK)
    for theorem in ("eat-2018", "aep-iid"):
        yield theorem, lambda t=theorem: lower.finite_key(link, rounds=10**8, gamma=0.05, theorem=t)


def test_what_is_not_issued_is_refused_by_name(make: dict[str, Callable[..., Any]]) -> None:
    for method, routine in refused(make):
        with pytest.raises(UnsupportedError, match=re.escape(f"{method!r}, which makes none")):
            certify(routine())


NO_BOUNDS = {
    *("table_constraints", "optimal_noise", "optimise_photonic", "threshold_efficiency"),
    *("converge", "minimal_rounds", "optimal_gamma", "simulate_pair_parity", "smallest_gap", "entropy_functional"),
    "confident_rate",
}
"""Public routines that return something else, or that choose where a bound is asked for."""


def test_every_public_routine_is_issued_or_refused() -> None:
    """A new routine has to be put into this module, or among those that prove nothing."""
    used: set[str] = set()
    for path in (Path(__file__), Path(__file__).with_name("conftest.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                used |= {node.attr} if node.value.id in ("lower", "upper") else set()
            elif isinstance(node, ast.ImportFrom) and node.module in (
                "keybounds.bounds.lower",
                "keybounds.bounds.upper",
            ):
                used |= {alias.name for alias in node.names}
    public = {name for room in (lower, upper) for name in room.__all__ if name[0].islower()}
    assert public - used == NO_BOUNDS


@pytest.mark.parametrize("theorem", ["eat-2019", "renyi"])
def test_a_key_that_speaks_of_another_run_than_its_certificate_is_refused(theorem: str) -> None:
    """Its statement leaves these to the certificate, and `certify` prints them beside it."""
    key = lower.finite_key(Link(2.64, 0.018), rounds=1_500_000, gamma=13 / 256, theorem=theorem)
    document = json.loads(json.dumps(key.to_dict()))
    certify(document)
    for changes in (
        {"rounds": 150_000_000},
        {"theorem": "aep-iid"},
        {"extractor": "circulant"},
        {"syndrome_length": 280_000},
        {"soundness": 1e-20},
    ):
        with pytest.raises(InputError, match=rf"key: expected {next(iter(changes))} .*, as in its certificate"):
            certify(document | changes)
