"""Which formula of the verifier a closed-form bound is, and its inputs, read off the bound's method and provenance."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Document = Mapping[str, Any]  # of a bound, as `Bound.to_dict` makes it
EDGE = "1/(sqrt(d)+1)"


def closed_form(bound: Document) -> dict[str, Any] | None:
    """The data of a certificate, or None for a bound that is none of the formulas."""
    for pattern, formula, inputs in _FORMULAS:
        if re.fullmatch(pattern, bound["method"]):
            try:
                return {"formula": formula, "inputs": inputs(bound)}
            except KeyError:  # another routine's bound of the same name
                return None
    return None


def _family(bound: Document) -> dict[str, Any]:
    given = bound["provenance"]
    sectors = [given["m"], given["n"]] if "m" in given else [given["d"]] * 2
    return {
        "object": "channel" if bound["unit"] == "bit/channel use" else "state",
        "sectors": sectors,
        "p": None if given["p"] == EDGE else given["p"],
    }


def _squeezing(bound: Document) -> dict[str, Any]:
    return {**_family(bound), "copies": 1}


def _with(name: str) -> Callable[[Document], dict[str, Any]]:
    return lambda bound: {**_family(bound), name: bound["provenance"][name]}


def _device(bound: Document) -> dict[str, Any]:
    given = bound["provenance"]
    if "table" in given:  # S and Q are rounded for display there: its certificate holds the tables
        raise KeyError("chsh")
    return {
        "chsh": given["chsh"],
        "qber": given.get("qber"),
        "tables": None,
        "key": bound["scope"]["protocol"]["key"],
    }


def _mixed_device(bound: Document) -> dict[str, Any]:
    points = bound["provenance"]["mixture"]
    return {**_device(bound), "points": points if len(points) > 1 else []}


def _singlet(bound: Document) -> dict[str, Any]:
    given = bound["provenance"]
    return {"visibility": given["visibility"], "noise": given["noise"], "chord_end": given.get("chord_end")}


def _noisy_device(bound: Document) -> dict[str, Any]:
    return {**_device(bound), "noise": bound["provenance"]["noise"]}


def _given(*names: str) -> Callable[[Document], dict[str, Any]]:
    return lambda bound: {name: bound["provenance"][name] for name in names}


def _damping(bound: Document) -> dict[str, Any]:
    return {"damping": bound["provenance"]["damping"], "tangent_at": bound["diagnostics"]["input_weight"]}


_LOSS, _PROBABILITY = _given("transmissivity"), _given("probability", "dimension")

_FORMULAS: tuple[tuple[str, str, Callable[[Document], dict[str, Any]]], ...] = (
    ("Devetak-Winter after privacy squeezing", "advantage distillation", _squeezing),
    (r"advantage distillation on \d+ copies", "advantage distillation", _with("copies")),
    ("hashed pair parities", "hashed pair parities", _with("levels")),
    (r"relative entropy of entanglement, 1-h\(p\)", "relative entropy to p = 1/2", _family),
    ("partial transpose, p", "published partial-transpose ceiling", _family),
    (r"partial transpose, (E_r|p m D\(A_r\|\|A_1\)).*", "partial-transpose ceiling", _family),
    ("max-Rains information", "quantum capacity of a PPT channel", _family),
    ("CHSH entropy", "CHSH entropy", _noisy_device),
    ("Devetak-Winter rate from CHSH( with noisy preprocessing)?", "CHSH rate", _noisy_device),
    (r"two-qubit device \(I\(A:B\|E\)\)", "two-qubit device, I(A:B|E)", _device),
    (r"two-qubit device \(E_r\)", "two-qubit device, E_r", _device),
    (r"mixture of devices \(I\(A:B\|E\)\)", "mixture of devices", _mixed_device),
    ("convex combination( and orthogonal observable)?", "noisy singlet", _singlet),
    (r"reverse coherent information, -log\(1-η\)", "pure loss, rate", _LOSS),
    (r"relative entropy of entanglement, -log\(1-η\)", "pure loss, ceiling", _LOSS),
    (r"squashed entanglement, log\(\(1\+η\)/\(1-η\)\)", "pure loss, beam splitter", _LOSS),
    (r"announced erasures, \(1-ε\) log d", "erasure, rate", _PROBABILITY),
    (r"relative entropy of entanglement, \(1-ε\) log d", "erasure, ceiling", _PROBABILITY),
    (r"relative entropy of entanglement, log d - H\(errors\)", "dephasing", _PROBABILITY),
    ("relative entropy of entanglement, isotropic Choi state", "depolarising", _PROBABILITY),
    ("squashed entanglement, 50:50 splitter", "amplitude damping", _damping),
    (
        "relative entropy of entanglement of the pairs, loss flagged",
        "pair source",
        _given("pair_angle", "mean_pairs", "efficiencies"),
    ),
)
