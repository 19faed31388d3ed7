"""Certificates made by somebody who knows the verifier: each proves too much, and must be told why it does not."""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from typing import Any

import pytest

from keybounds.bounds import Bound, Status
from keybounds.bounds.shared import shared_certificates
from keybounds.errors import InputError, UnsupportedError
from keybounds.proofs import certify, verify
from keybounds.proofs.certificates import bounds_of

Document = dict[str, Any]


@pytest.fixture
def document(samples: dict[str, Any], request: pytest.FixtureRequest) -> Document:
    return copy.deepcopy(samples[request.param].document)


def of(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("document", [name], indirect=True)


def rejected(document: Document, reason: str) -> None:
    verdict = verify(document)
    assert not verdict.accepted
    assert reason in verdict.reason
    assert verdict.statement == ""


@of("entropy under constraints")
def test_matrices_that_meet_every_equality_but_are_not_positive(document: Document) -> None:
    """The dual without its cone proves anything: X - Y fixed, and Y as negative as one likes at the identity."""
    dual = document["data"]["dual"]
    for X, Y in zip(dual["X"], dual["Y"], strict=True):
        for matrix in (X, Y):
            matrix[0] -= 1 << dual["bits"]
    rejected(document, "not positive semidefinite")


@of("entropy")
def test_weights_above_their_integrals(document: Document) -> None:
    document["data"]["weights"]["W"][0] += 1 << 20
    rejected(document, "above the integral of its hat function")


@of("entropy")
def test_a_node_beyond_the_mirror(document: Document) -> None:
    nodes = document["data"]["nodes"]
    nodes["t"][-1] = 1 << (nodes["bits"] - 1)
    rejected(document, "a node beyond 1/2")


@of("rate with preprocessing")
def test_nodes_out_of_order(document: Document) -> None:
    t = document["data"]["nodes"]["t"]
    t[0], t[1] = t[1], t[0]
    rejected(document, "nodes that do not increase")


@of("entropy")
def test_an_identity_worth_more_than_one(document: Document) -> None:
    first = document["data"]["known"][0]
    first["low"] = first["high"] = 2
    rejected(document, "the identity has the value 1")


@of("entropy")
def test_known_values_that_no_quantum_device_meets(document: Document) -> None:
    """A dual applies to every table; of an impossible one it would prove more than one bit."""
    for entry, own in zip(document["data"]["known"][1:], document["data"]["mirrored"][1:], strict=False):
        word = entry["functional"][0][0]
        if entry["functional"][0][0] == own[0] and len(word[0]) + len(word[1]) == 2:
            entry["low"] = entry["high"] = own[1] = 0 if word == [[[0, 0]], [[1, 0]]] else "1/2"
    rejected(document, "no quantum device")


@of("entropy")
def test_a_table_that_is_not_the_one_mirrored(document: Document) -> None:
    document["data"]["mirrored"][-1][1] = "1/4"
    rejected(document, "not the mirrored table's")


@of("entropy")
def test_a_general_attack_does_not_follow_from_collective_ones(document: Document) -> None:
    document["statement"]["scope"]["adversary"] = "general attacks"
    rejected(document, "does not follow")


@of("entropy")
def test_another_key_setting_than_the_proofs(document: Document) -> None:
    document["statement"]["scope"]["protocol"]["settings"][0]["key"] = [0, 0]
    rejected(document, "does not follow")


@of("Bell-diagonal")
def test_the_state_itself_is_not_separable(document: Document) -> None:
    document["data"]["separable_state"]["shares"] = ["4/5", "1/10", "3/50", "1/25"]
    document["statement"]["value"] = 0
    rejected(document, "entangled")


@of("isotropic")
def test_an_entangled_isotropic_state(document: Document) -> None:
    document["data"]["separable_state"]["share"] = "2/5"
    rejected(document, "share is above 1/3")


@of("ensemble")
@pytest.mark.parametrize("admixture", [-1, 2, "-1/1000"])
def test_negative_weights_of_noise(document: Document, admixture: int | str) -> None:
    document["data"]["separable_state"]["admixture"] = admixture
    rejected(document, "admixture")


@of("squashed")
def test_a_map_that_is_no_isometry(document: Document) -> None:
    """Half the isometry would leave half of the information."""
    rows = document["data"]["isometry"]
    document["data"]["isometry"] = [[[str(Fraction(1, 2)) if z else 0 for z in entry] for entry in row] for row in rows]
    rejected(document, "not one")


@of("hashing")
def test_a_matrix_that_is_no_state(document: Document) -> None:
    """A negative eigenvalue lowers the entropy, and so would raise the rate."""
    matrix = document["data"]["state"]["matrix"]
    matrix[0][0][0], matrix[3][3][0] = "3/2", "-1/2"
    matrix[0][3] = matrix[3][0] = [0, 0]
    rejected(document, "no state")


@of("hashing")
def test_key_without_trust_in_the_state(document: Document) -> None:
    document["statement"]["scope"]["trust"] = "device-independent"
    rejected(document, "does not follow")


@of("transpose ceiling off the edge")
def test_a_ceiling_below_the_ppt_edge(document: Document) -> None:
    document["data"]["inputs"]["p"] = "1/5"
    rejected(document, "not PPT")


@of("channel, quantum")
def test_a_ceiling_on_quantum_capacity_is_none_on_key(document: Document) -> None:
    document["statement"]["scope"]["quantity"] = "secret-key rate"
    rejected(document, "does not follow")


@of("two-qubit")
def test_a_ceiling_from_two_numbers_binds_no_protocol_that_uses_the_table(document: Document) -> None:
    document["statement"]["scope"]["statistics"] = "full correlations"
    rejected(document, "does not follow")


@of("mixture")
def test_a_mixture_with_another_table(document: Document) -> None:
    document["data"]["mixture"]["strategies"][0]["state"] = [1, 0, 0, 0, 0, 0, 0, 1]  # Eve holds a copy
    rejected(document, "another table")


@of("mixture")
def test_weights_that_are_no_distribution(document: Document) -> None:
    document["data"]["mixture"]["points"][0]["weight"] = "1/16"
    rejected(document, "do not sum to 1")


@of("EAT")
def test_more_losses_than_the_length_allows(document: Document) -> None:
    document["data"]["accepted_losses"] += 2
    rejected(document, "is not proven")


@of("EAT")
@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("tangent", "3/4", "below the classical"),
        ("tangent", "9/10", "beyond the quantum"),
        ("order_1", 1, "order_1 is not below 1"),
        ("order_2", "1/2", "order_2 is not below 1/log 5"),
        ("order_1", 0, "not above 0"),
        ("smoothing_1", "1/10", "not above smoothing_1"),
        ("extractor_error", "1/1000", "exceed the soundness"),
        ("smoothing", "1/1000", "exceed the soundness"),
    ],
)
def test_parameters_that_the_theorem_does_not_admit(
    document: Document, name: str, value: int | str, reason: str
) -> None:
    document["data"]["parameters"][name] = value
    document["statement"]["value"] = 1
    rejected(document, reason)


@of("EAT")
def test_less_soundness_than_was_spent(document: Document) -> None:
    document["statement"]["scope"]["soundness"] = "1/100000000000"
    rejected(document, "a soundness smaller")


@of("EAT")
def test_more_key_than_rounds(document: Document) -> None:
    document["statement"]["value"] = document["data"]["rounds"] + 1
    rejected(document, "length is not from 0")


@of("EAT")
def test_a_seed_extractor_without_its_overhead(document: Document) -> None:
    document["data"]["extractor"] = "none"
    rejected(document, "extractor is 'none'")


@of("Rényi")
def test_a_bit_more_of_renyi_entropy(document: Document) -> None:
    document["statement"]["value"] += 1
    rejected(document, "is not proven")


@of("Rényi")
def test_lost_tests_that_weigh_more_than_won_ones(document: Document) -> None:
    """Q*(C) alone would be maximised then, and κ be too large for a bracket that falls in C."""
    document["data"]["parameters"]["loss_score"] = 40
    rejected(document, "weigh as much")


@of("Rényi")
def test_an_extractor_that_the_theorem_does_not_cover(document: Document) -> None:
    document["data"]["extractor"] = "trevisan"
    rejected(document, "exactly uniform")


@of("local weight")
def test_more_of_a_point_than_the_table_has(document: Document) -> None:
    document["data"]["points"][0]["weight"] = 1
    rejected(document, "more than P")


@of("local weight")
def test_an_inequality_without_a_local_bound(document: Document) -> None:
    pairs = document["data"]["inequality"]
    document["data"]["inequality"] = [[[0 for _ in row] for row in table] for table in pairs]
    rejected(document, "positive bound")


@of("local weight")
def test_a_nonlocal_table_that_signals(document: Document) -> None:
    document["data"]["tables"][0]["P"] = [["1/2", "1/4"], ["1/8", "1/8"]]
    rejected(document, "signal")


@of("local weight")
def test_an_interval_that_excludes_the_weight(document: Document) -> None:
    document["statement"]["upper"] = document["statement"]["lower"] = "1/100"
    rejected(document, "is not proven")


@of("local weight")
def test_both_ends_of_a_local_weight_are_tight(document: Document, samples: dict[str, Any]) -> None:
    """The inequality proves no less than the weight, and the points no more."""
    truth = Fraction(samples["local weight"].truth)
    step = Fraction(1, 10**6)
    for lower, upper, accepted in (
        (truth - step, truth + step, True),
        (truth + step, 1, False),
        (0, truth - step, False),
    ):
        document["statement"] |= {"lower": str(lower), "upper": str(upper)}
        assert verify(document).accepted is accepted


@of("mixture of devices")
def test_devices_that_do_not_surround_the_one_given(document: Document) -> None:
    document["data"]["inputs"]["points"] = [["5/2", 0], ["13/5", 0], ["14/5", "1/10"]]
    rejected(document, "negative")


@of("mixture of devices")
def test_a_device_beyond_quantum_mechanics(document: Document) -> None:
    document["data"]["inputs"]["points"][0] = ["29/10", 0]
    rejected(document, "beyond 2√2")


@of("singlet")
def test_a_chord_that_ends_before_the_singlet(document: Document) -> None:
    document["data"]["inputs"]["chord_end"] = "79/100"
    rejected(document, "chord_end is below")


@of("CHSH rate of a table")
def test_tables_of_a_box_that_is_no_quantum_device(document: Document) -> None:
    for entry in document["data"]["inputs"]["tables"]:
        same = entry["settings"] != [2, 2]
        entry["P"] = [["1/2", 0], [0, "1/2"]] if same else [[0, "1/2"], ["1/2", 0]]
    document["statement"]["value"] = 0
    rejected(document, "beyond 2√2")


@of("CHSH rate of a table")
def test_point_values_that_signal_are_called_so(document: Document) -> None:
    document["data"]["inputs"]["tables"][0]["P"][0] = ["2/5", "1/20"]
    document["data"]["inputs"]["tables"][0]["P"][1] = ["3/20", "2/5"]
    document["statement"]["value"] = 0
    verdict = verify(document)
    assert verdict.accepted
    assert "which no device has exactly" in verdict.statement


@of("CHSH rate of a table")
def test_errors_above_one_half_are_relabelled(document: Document) -> None:
    """Bob's outcomes at the key setting exchanged: the same error, the same rate."""
    key = document["data"]["inputs"]["key"]
    for entry in document["data"]["inputs"]["tables"]:
        if entry["settings"] == key:
            entry["P"] = [row[::-1] for row in entry["P"]]
    assert verify(document).accepted


@of("two-qubit")
@pytest.mark.parametrize("formula", ["two-qubit device, I(A:B|E)", "two-qubit device, E_r"])
def test_a_hair_above_two_is_not_local(document: Document, formula: str) -> None:
    """S = 2 + 2^-400 leaves about 2^-401 bit: not nothing."""
    data = document["data"]
    data["formula"], data["inputs"]["chsh"], data["inputs"]["qber"] = formula, f"{2**401 + 1}p-400", 0
    for value, accepted in ((0, False), ("1p-401", False), ("1p-399", True)):
        document["statement"]["value"] = value
        assert verify(document).accepted is accepted
    data["inputs"]["chsh"] = -2
    document["statement"]["value"] = 0
    assert verify(document).accepted


@of("one device")
def test_where_the_orthogonal_observable_begins(document: Document) -> None:
    """At S = 12/5 an error of (S-2)/(2(2√2-2)) = .24142 leaves nothing, a little less does not."""
    document["data"]["inputs"]["chsh"], document["statement"]["value"] = "12/5", 0
    for error, accepted in (("24143/100000", True), ("24142/100000", False), ("1/2", True), (0, False)):
        document["data"]["inputs"]["qber"] = error
        assert verify(document).accepted is accepted
    document["data"]["inputs"] |= {"chsh": "3184525836262886p-50", "qber": "1/2"}  # the double above 2√2
    assert verify(document).accepted


@of("mutual information, all")
def test_information_of_tables_that_signal(document: Document) -> None:
    document["data"]["inputs"]["tables"][0]["P"] = [["1/2", "1/4"], ["1/8", "1/8"]]
    rejected(document, "tables that signal")


@of("partial transpose")
def test_a_partial_transpose_of_no_state(document: Document) -> None:
    """The maximally entangled state has a negative partial transpose, and no device is made of that."""
    matrix = [[["1/2" if i in (0, 3) and j in (0, 3) else 0, 0] for j in range(4)] for i in range(4)]
    document["data"]["state"] = {"matrix": matrix, "shift": 0}
    document["statement"]["value"] = 2
    verdict = verify(document)  # nothing is within the repair of it: true of every such state
    assert verdict.accepted
    assert "every state whose partial transpose is a state within the trace distance" in verdict.statement
    del document["data"]["repair"]
    rejected(document, "a matrix that is no state")


def test_quoted_and_unproven_bounds_have_no_certificate(samples: dict[str, Any]) -> None:
    from dataclasses import replace

    bound = samples["CHSH rate"].bound
    with pytest.raises(UnsupportedError, match="quoted from"):
        certify(replace(bound, status=Status.PUBLISHED))
    with pytest.raises(UnsupportedError, match="'hearsay', which makes none"):
        certify(replace(bound, method="hearsay", certificate=None))
    with pytest.raises(UnsupportedError, match="'eat-2019', which makes none"):
        certify({**samples["EAT"].bound.to_dict(), "certificate": None})
    with pytest.raises(InputError, match="expected a Bound"):
        certify({"value": 1})
    with pytest.raises(InputError, match="certificate"):
        certify({**bound.to_dict(), "certificate": {"kind": "hearsay", "data": {}}})


def test_display_text_is_no_part_of_a_certificate(samples: dict[str, Any]) -> None:
    """Another name of the method or the thing, other notes: the same proof of the same statement."""
    from dataclasses import replace

    for sample in samples.values():
        if not isinstance(sample.bound, Bound):
            continue
        renamed = replace(sample.bound.about("my link"), method="hearsay", provenance={}, diagnostics={})
        document = certify(renamed)
        assert document.pop("statement") == {**sample.document["statement"], "method": "hearsay"}
        assert document.items() <= sample.document.items()


def test_a_bound_survives_json(samples: dict[str, Any]) -> None:
    """Certified from the printed result, the document is the same as from the bound."""
    for sample in samples.values():
        printed = json.loads(json.dumps(sample.bound.to_dict()))
        assert certify(printed) == sample.document


def test_rows_that_share_a_certificate_have_it_each(samples: dict[str, Any]) -> None:
    """A result holds a shared certificate once; a row that names one that is not there is no row to certify."""
    names = ("rate", "rate bit/s", "entropy", "CHSH rate", "EAT")
    rows, certificates = shared_certificates(samples[name].bound.to_dict() for name in names)
    assert [row["certificate"].keys() == {"sha256"} for row in rows] == [True, True, False, False, False]
    result = json.loads(json.dumps({"rows": rows, "certificates": certificates}))
    assert [certify(bound) for bound in bounds_of(result)] == [samples[name].document for name in names]
    with pytest.raises(InputError, match="the certificates that its rows name"):
        list(bounds_of({"rows": rows, "certificates": {}}))
