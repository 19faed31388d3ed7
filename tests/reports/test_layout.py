"""An answer as a reader meets it: scopes, legend, stated rates, keys of runs, and short reprs."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from keybounds import bounds_on
from keybounds.bounds import (
    P_0,
    P_1,
    P_2,
    Adversary,
    Answer,
    Bound,
    Direction,
    Link,
    Protocol,
    Quantity,
    Run,
    Scope,
    Statistics,
    Status,
    Thing,
    Trust,
    Unit,
    any_discussion,
    completed_rounds,
    one_way,
    two_way,
)
from keybounds.bounds.layout import answer_tables, answer_text, legend, short_scope, value_text
from keybounds.bounds.lower import chsh_rate
from keybounds.bounds.shared import shared_certificates, with_certificates
from keybounds.bounds.upper import chsh_ceiling

LINK = Link(2.677, 0.0144)
TABLE, CHANNEL, STATE = (Thing.of_numbers(kind, kind, n=1) for kind in ("correlations", "channel", "state"))
DI, DD = Trust.DEVICE_INDEPENDENT, Trust.DEVICE_DEPENDENT


@pytest.fixture
def answer() -> Answer:
    rows = [chsh_rate(LINK), chsh_ceiling(LINK, two_way(LINK.key)), chsh_ceiling(LINK, any_discussion())]
    return Answer.of([row.about("my link") for row in rows], title="A link", notes=["A note."])


def bound(protocol: Protocol, thing: Thing = TABLE, trust: Trust = DI, **parts: object) -> Bound:
    scope = Scope(thing=thing, trust=trust, protocol=protocol, **parts)  # type: ignore[arg-type]
    unit = Unit.PER_CHANNEL_USE if thing is CHANNEL else Unit.PER_ROUND
    return Bound(
        value=0.5,
        direction=Direction.UPPER,
        unit=unit,
        scope=scope,
        status=Status.ENCLOSED,
        method="m",
        reference="ho2020",
    )


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (bound(one_way((0, 2))), "DI, one-way key (0,2)"),
        (bound(one_way((0, 2), noise=0.1, keep=0.9)), "DI, one-way key (0,2) noise 0.1 keep 0.9"),
        (bound(completed_rounds()), "DI, completed rounds"),
        (bound(any_discussion()), "DI, any discussion"),
        (bound(two_way((0, 2)), statistics=Statistics.CHSH_AND_ERROR), "DI, two-way key (0,2), (S,Q)"),
        (bound(P_1, STATE, DD), "DD, one-way"),
        (bound(P_2, STATE, DD), "DD, any discussion"),
        (bound(P_2, STATE, DI, adversary=Adversary.GENERAL), "DI, any discussion, general attacks"),
        (bound(P_0, CHANNEL, DD), "P_0"),
        (bound(P_1, CHANNEL, DD), "P_1"),
        (bound(P_2, CHANNEL, DD), "P_2"),
        (bound(P_2, CHANNEL, DI), "P_2^DI"),
        (bound(P_2, CHANNEL, DD, quantity=Quantity.QUANTUM_CAPACITY), "Q_2"),
    ],
)
def test_scopes_in_short(found: Bound, text: str) -> None:
    assert short_scope(found.scope) == text


def test_rows_and_intervals_are_grouped_by_the_label(answer: Answer) -> None:
    rows, intervals = answer_tables(answer)
    assert (rows.name, intervals.name) == ("bounds", "bounds-intervals")
    assert {row[0] for table in (rows, intervals) for row in table.rows} == {"my link"}
    text = str(answer)
    assert text == answer_text(answer)
    assert text.count("[my link]") == 2
    assert "A note." in text
    assert text.endswith("2 of 2 comparable pairs hold (lower bound <= ceiling).\n")


def test_the_legend_explains_what_occurs_and_nothing_else(answer: Answer) -> None:
    scope, *statuses = legend(answer)
    assert "(S,Q): the guarantee" in scope
    assert "Any discussion: in public and at any time." in scope
    for absent in ("Completed rounds", "H(A|E)", "P_0", "Q_2", "Whole bits", "In brackets"):
        assert absent not in scope
    assert [status.partition(":")[0] for status in statuses] == ["enclosed"]
    (both,) = legend(Answer.of([bound(completed_rounds()), bound(any_discussion())]))[:1]
    assert "once" not in both
    assert (
        "Completed rounds: any public discussion of the outcomes of rounds of which both sides have been used" in both
    )
    (capacities,) = legend(Answer.of([bound(P_2, CHANNEL, DI)]))[:1]
    assert "P_2^DI" in capacities
    assert "DD trusted" not in capacities


def test_a_changed_unit_is_printed_with_its_rate(answer: Answer) -> None:
    per_second = Answer.of([row.scaled(2_000_000, Unit.PER_SECOND) for row in answer.bounds])
    assert "bit/s: at 2000000 rounds a second." in legend(per_second)
    per_herald = Answer.of([row.scaled(1, Unit.PER_HERALD) for row in answer.bounds])
    assert "bit/herald: each heralded pair counts as one round." in legend(per_herald)
    third = Answer.of([answer.bounds[0].scaled(Fraction(1, 3), Unit.PER_SECOND)])
    assert any(note.startswith("bit/s: at 0.333333333333 rounds a second") for note in legend(third))


def test_values_are_printed_on_their_safe_side() -> None:
    low, high = chsh_rate(LINK), chsh_ceiling(LINK, two_way(LINK.key))
    assert float(value_text(low)) <= low.value
    assert float(value_text(high)) >= high.value


def test_keys_of_a_run_are_rows_of_whole_bits() -> None:
    answer = bounds_on(Run(Link(2.64, 0.018), rounds=1_500_000, gamma=Fraction(13, 256)))
    (table,) = answer_tables(answer)
    assert any("≥ 95885" in line and "bit   DI, general attacks" in line for line in str(table).splitlines())
    assert "no rate, and held against no ceiling" in table.notes[0]
    assert "comparable pairs" not in str(answer)


def test_reprs_are_short(answer: Answer) -> None:
    assert repr(answer) == "<Answer bounds: 3 rows, 2 of 2 comparable pairs hold>"
    assert all(len(repr(table)) < 80 for table in answer.tables)
    assert answer._repr_html_().count("<table>") == 2
    assert answer._repr_latex_().count(r"\begin{tabular}") == 2


def test_shared_certificates_are_stored_once_and_put_back(answer: Answer) -> None:
    one = answer.bounds[0]
    documents = [one.to_dict(), one.scaled(1, Unit.PER_HERALD).to_dict(), answer.bounds[1].to_dict()]
    rows, certificates = shared_certificates(documents)
    assert len(certificates) == 1
    assert rows[0]["certificate"] == rows[1]["certificate"] == {"sha256": next(iter(certificates))}
    assert rows[2]["certificate"] == documents[2]["certificate"]
    assert documents[0]["certificate"] != rows[0]["certificate"]
    back = with_certificates(json.loads(json.dumps(rows)), certificates)
    assert [Bound.from_dict(row) for row in back] == [Bound.from_dict(row) for row in documents]
    with pytest.raises(KeyError, match=next(iter(certificates))):
        with_certificates(rows, {})


def test_an_answer_reads_what_it_writes(answer: Answer) -> None:
    again = Answer.from_dict(json.loads(json.dumps(answer.to_dict())))
    assert again == answer
    assert str(again) == str(answer)
