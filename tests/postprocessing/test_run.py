"""Two parties, an honest line, and every line that is not: no two active keys differ, no bit is used twice."""

from __future__ import annotations

import dataclasses
import inspect
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from keybounds.bounds import Link
from keybounds.bounds.lower import finite_key
from keybounds.errors import DataFileError, InputError, UnknownNameError, UnsupportedError
from keybounds.experiments import Behaviour, BellDiagonalPair, IonExperiment
from keybounds.postprocessing.authentication import KeyPool
from keybounds.postprocessing.bits import Bits
from keybounds.postprocessing.extraction import extract
from keybounds.postprocessing.run import (
    Agreement,
    Alice,
    Bob,
    Kind,
    Party,
    ProtocolError,
    Records,
    RunKeys,
    State,
    Transcript,
    exchange,
    sampled,
    simulate,
)
from keybounds.postprocessing.run.frames import HEADER, Hello, frame, header
from keybounds.postprocessing.run.party import MOST_APART

ROUNDS, GAMMA = 40_000, 0.1
GOOD = IonExperiment(pair=BellDiagonalPair((0.996, 0.002, 0.0005, 0.0015))).behaviour()
OFFSET = 64
"""Bits that were used up before the run."""


@pytest.fixture(scope="module")
def records() -> tuple[Records, Records]:
    return sampled(GOOD, ROUNDS, GAMMA, np.random.default_rng(1))


class Pair:
    """Alice and Bob with pools of equal secrets."""

    def __init__(self, folder: Path, agreement: Agreement, records: tuple[Records, Records]) -> None:
        rng = np.random.default_rng(9)
        seeds = {
            "hash": rng.integers(0, 2, 1280, dtype=np.uint8),
            "extractor": rng.integers(0, 2, agreement.extractor_seed, dtype=np.uint8),
        }
        secrets = rng.integers(0, 2, 1000, dtype=np.uint8)
        for name in ("alice", "bob"):
            KeyPool.create(folder / name, secrets, seeds=seeds)
        self.agreement, self.records = agreement, records
        self.pools = KeyPool(folder / "alice"), KeyPool(folder / "bob")
        for pool in self.pools:
            pool.take(OFFSET)

    def meet(self, run: str = "run", **changes: object) -> tuple[Alice, Bob]:
        """Two parties that are about to begin; `changes` are to Bob's view."""
        view = {"agreement": self.agreement, "records": self.records[1], "bobs_run": run} | changes
        alice = Alice(self.records[0], self.agreement, self.pools[0], run)
        return alice, Bob(view["records"], view["agreement"], self.pools[1], view["bobs_run"])

    def active(self, run: str = "run") -> list[Bits]:
        """Keys that are active."""
        return [pool.key(run) for pool in self.pools if pool.keys().get(run) == "active"]


@pytest.fixture
def pair(tmp_path: Path, agreement: Agreement, records: tuple[Records, Records]) -> Iterator[Pair]:
    made = Pair(tmp_path, agreement, records)
    yield made
    for pool in made.pools:
        pool.close()


def converse(alice: Party, bob: Party, line: Callable[[int, bytes], list[bytes]]) -> None:
    """Exchange frames over a line that turns the n-th frame, from 0, into any number of others."""
    waiting = [(bob, one) for one in alice.start()] + [(alice, one) for one in bob.start()]
    number = 0
    while waiting:
        receiver, sent = waiting.pop(0)
        for octets in line(number, sent):
            sender = alice if receiver is bob else bob
            try:
                kind, size = header(octets[:HEADER], receiver.sizes)
            except ProtocolError:
                receiver.lost("no frame")
                continue
            if len(octets) == HEADER + size:
                waiting += [(sender, answer) for answer in receiver.receive(kind, octets[HEADER:])]
        number += 1
    alice.lost()
    bob.lost()


# --- an honest line --------------------------------------------------------------------------------------------------


def test_both_have_the_key_of_alices_outcomes(pair: Pair) -> None:
    alice, bob = pair.meet()
    exchange(alice, bob)
    assert (alice.state, bob.state) == (State.DONE, State.DONE)
    first, second = pair.active()
    assert len(first) == pair.agreement.key.length > 1000
    assert (first == second).all()
    seed = pair.pools[0].seed("extractor")
    direct = extract(pair.records[0].outcomes, seed, pair.agreement.key.length, extractor="toeplitz")
    assert (first == direct).all()
    for pool in pair.pools:
        assert pool.taken == OFFSET + 256
        assert pool.uses("hash") == (1, Fraction(4, 2**61))
    assert alice.frames == bob.frames
    assert [header(one[:HEADER], {kind: len(one) - HEADER for kind in Kind})[0].name for one in alice.frames] == [
        "HELLO",
        "HELLO",
        "STRINGS",
        "VERDICT",
        "ACTIVATE",
    ]


def test_the_test_counts_games_as_they_were_won(pair: Pair) -> None:
    alice, bob = pair.meet()
    exchange(alice, bob)
    one, other = pair.records
    test = one.tests == 1
    won = int((((one.outcomes ^ other.outcomes) == (one.inputs & other.inputs)) & test).sum())
    assert (bob.won_games, bob.lost_games) == (won, int(test.sum()) - won)
    assert bob.reconciled is not None
    assert bob.reconciled.corrected == ((one.outcomes ^ other.outcomes) != (one.inputs & other.inputs)).sum()


def test_pools_that_a_crash_left_apart_meet(pair: Pair) -> None:
    pair.pools[1].take(100)
    alice, bob = pair.meet()
    exchange(alice, bob)
    assert (alice.state, bob.state) == (State.DONE, State.DONE)
    assert {pool.taken for pool in pair.pools} == {OFFSET + 100 + 256}


def test_one_pool_serves_run_after_run(pair: Pair) -> None:
    for number in range(3):
        alice, bob = pair.meet(f"run {number}")
        exchange(alice, bob)
        assert len(pair.active(f"run {number}")) == 2
    assert pair.pools[0].uses("hash") == (3, Fraction(12, 2**61))
    with pytest.raises(InputError, match="88 missing"):  # 1000 - 64 - 3 * 256 are left
        pair.meet("run 4")


# --- what is saved ---------------------------------------------------------------------------------------------------


def test_a_third_party_with_the_keys_finds_every_tag_right_and_every_bit_that_is_not(pair: Pair) -> None:
    alice, bob = pair.meet()
    exchange(alice, bob)
    octets = alice.transcript.to_bytes()
    assert octets == bob.transcript.to_bytes()
    keys, agreed = bob.give_away_keys(), pair.agreement
    found = Transcript.from_bytes(octets).checked(agreed, keys)
    assert [tag.frame for tag in found] == ["STRINGS", "VERDICT", "ACTIVATE"]
    # the first bytes, those at the ends, and some of each part between
    places = {*range(60), *range(len(octets) - 60, len(octets)), *range(60, len(octets), len(octets) // 60)}
    start = 0
    for one in alice.frames:
        start = octets.index(one, start)
        places |= {*range(start, start + HEADER)}
    for place in sorted(places):
        changed = octets[:place] + bytes([octets[place] ^ 1 << place % 8]) + octets[place + 1 :]
        with pytest.raises(ValueError, match=r"."):
            Transcript.from_bytes(changed).checked(agreed, keys)
    for end in (0, 10, 30, 3000, len(octets) - 1):
        with pytest.raises(ValueError, match=r"another first line|an end within|none with a tag"):
            Transcript.from_bytes(octets[:end])
    with pytest.raises(ValueError, match="1 bytes behind"):
        Transcript.from_bytes(octets + b"x")


def test_keys_of_another_run_or_agreement_are_refused(pair: Pair, tmp_path: Path) -> None:
    alice, bob = pair.meet()
    exchange(alice, bob)
    said, keys = alice.transcript, alice.give_away_keys()
    keys.save(tmp_path / "keys")
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o600
    said.checked(pair.agreement, RunKeys.load(tmp_path / "keys"))
    other = Agreement(pair.agreement.key, GOOD, degree=5, positions=30)
    for agreed, given, named in (
        (other, keys, "agreement"),
        (pair.agreement, replace(keys, run="another"), "run 'another'"),
        (pair.agreement, replace(keys, seed=1 - keys.seed), "the tag of STRINGS"),
        (pair.agreement, replace(keys, pads=keys.pads[::-1]), "the tag of STRINGS"),
    ):
        with pytest.raises(InputError, match=named):
            said.checked(agreed, given)
    for text in ("", "[]", "{}", '{"format": "keybounds run keys 1", "run": "run", "seed": "00", "pads": []}'):
        (tmp_path / "wrong").write_text(text)
        with pytest.raises(DataFileError, match="keys of a run"):
            RunKeys.load(tmp_path / "wrong")


def test_a_hash_seed_that_was_given_away_serves_no_further_run(pair: Pair) -> None:
    alice, bob = pair.meet()
    with pytest.raises(InputError, match="over and had tags"):
        alice.give_away_keys()
    exchange(alice, bob)
    keys = alice.give_away_keys()
    assert keys.pads.shape == (3, 64)  # and not the one of the validation hash
    assert "array" not in repr(keys)
    for again in (alice.give_away_keys, lambda: pair.pools[0].seed("hash")):
        with pytest.raises(InputError, match="'hash', given away"):
            again()
    with pytest.raises(InputError, match=r"seed 'hash' of 1280 bits .*; found 0"):
        pair.meet("run 2")


# --- what is not honest ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_a_flipped_bit_gives_nobody_another_key(pair: Pair, number: int, place: str) -> None:
    alice, bob = pair.meet()

    def line(n: int, octets: bytes) -> list[bytes]:
        if n != number:
            return [octets]
        at = {"first": HEADER, "middle": (HEADER + len(octets)) // 2, "last": len(octets) - 1}[place]
        return [octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :]]

    converse(alice, bob, line)
    if number < 4:
        assert pair.active() == []
        assert (alice.state, bob.state) == (State.ABORTED, State.ABORTED) or number == 3
    else:  # ACTIVATE: Alice has hers, Bob's is burned at the one attempt
        assert alice.state is State.DONE
        assert bob.state is State.ABORTED
        assert pair.pools[1].keys() == {"run": "burned"}


@pytest.mark.parametrize("number", range(5))
def test_a_lost_frame_leaves_no_key_or_one_that_waits(pair: Pair, number: int) -> None:
    alice, bob = pair.meet()
    converse(alice, bob, lambda n, octets: [] if n == number else [octets])
    if number < 3:
        assert (alice.state, bob.state) == (State.ABORTED, State.ABORTED)
        assert pair.active() == []
        return
    assert bob.state is State.UNCONFIRMED
    assert pair.pools[1].keys() == {"run": "quarantined"}
    if number == 3:  # VERDICT: Alice has none, and no frame for Bob
        assert alice.state is State.ABORTED
        with pytest.raises(InputError, match="active key"):
            pair.pools[0].receipt("run")
    else:
        assert pair.pools[1].confirm("run", pair.pools[0].receipt("run"))
        first, second = pair.active()
        assert (first == second).all()


def test_a_replayed_run_is_refused_at_its_first_tag(pair: Pair) -> None:
    recorded: list[bytes] = []

    def record(_: int, octets: bytes) -> list[bytes]:
        recorded.append(octets)
        return [octets]

    converse(*pair.meet("run 1"), record)
    alice, bob = pair.meet("run 2")
    converse(alice, bob, lambda n, octets: [recorded[n]] if n == 2 else [octets])
    assert bob.reason == "the tag of STRINGS is wrong"
    assert pair.active("run 2") == []


@pytest.mark.parametrize("number", range(5))
def test_a_repeated_frame_is_not_taken_twice(pair: Pair, number: int) -> None:
    alice, bob = pair.meet()
    converse(alice, bob, lambda n, octets: [octets, octets] if n == number else [octets])
    keys = pair.active()
    assert all((key == keys[0]).all() for key in keys)
    assert {pool.taken for pool in pair.pools} <= {OFFSET, OFFSET + 256}


@pytest.mark.parametrize(("place", "sent"), [(1, [0]), (2, [2, 0]), (2, [0, 2]), (3, [1, 3]), (4, [2, 4])])
def test_frames_out_of_their_order_end_the_run(pair: Pair, place: int, sent: list[int]) -> None:
    """In the place of one frame come others of the run: one's own, a later before an earlier, an earlier again."""
    alice, bob = pair.meet()
    passed: list[bytes] = []

    def line(n: int, octets: bytes) -> list[bytes]:
        passed.append(octets)
        held = (place, sent) == (2, [2, 0]) and n == 0
        return [] if held else [passed[k] for k in sent] if n == place else [octets]

    converse(alice, bob, line)
    keys = pair.active()
    assert all((key == keys[0]).all() for key in keys)
    assert bool(keys) is (place == 4)  # who waits for the last frame goes on waiting for it
    assert {pool.taken for pool in pair.pools} <= {OFFSET, OFFSET + 256}


@pytest.mark.parametrize("victim", [0, 1])
@pytest.mark.parametrize("number", range(6))
def test_a_party_that_dies_at_any_message_leaves_its_pool_in_order(pair: Pair, number: int, victim: int) -> None:
    """It takes the n-th frame, from 0, and is gone before it answers; nothing of it is left but its file."""
    parties = pair.meet()
    waiting = [(1, one) for one in parties[0].start()] + [(0, one) for one in parties[1].start()]
    for n in range(number):
        if n == len(waiting):
            break
        receiver, octets = waiting[n]
        kind, _ = header(octets[:HEADER], parties[receiver].sizes)
        answers = parties[receiver].receive(kind, octets[HEADER:])
        if not (n == number - 1 and receiver == victim):
            waiting += [(1 - receiver, answer) for answer in answers]
    parties[1 - victim].lost()
    used = {pad.tobytes() for party in parties if party.has_tags for pad in party._pads}
    path = pair.pools[victim].path
    pair.pools[victim].close()
    pools = list(pair.pools)
    pools[victim] = KeyPool(path)
    pair.pools = pools[0], pools[1]
    keys = pair.active()
    assert all((key == keys[0]).all() for key in keys)
    states = [pool.keys().get("run") for pool in pair.pools]
    assert states[1] != "active" or states[0] == "active"  # Bob's key waits for Alice's
    if states == ["active", "quarantined"]:
        assert pair.pools[1].confirm("run", pair.pools[0].receipt("run"))
        first, second = pair.active()
        assert (first == second).all()
    alice, bob = pair.meet("next")
    exchange(alice, bob)
    assert len(pair.active("next")) == 2
    assert not used & {pad.tobytes() for party in (alice, bob) for pad in party._pads}
    assert {pool.taken for pool in pair.pools} <= {OFFSET + 256, OFFSET + 512}


def test_a_forged_offset_wastes_bits_and_repeats_none(pair: Pair) -> None:
    alice, bob = pair.meet()

    def line(n: int, octets: bytes) -> list[bytes]:
        if n:
            return [octets]
        hello = replace(Hello.decode(octets[HEADER:]), offset=500)
        return [frame(Kind.HELLO, hello.encode())]

    converse(alice, bob, line)
    assert pair.active() == []
    assert (pair.pools[0].taken, pair.pools[1].taken) == (OFFSET + 256, 500 + 256)


@pytest.mark.parametrize("offset", [5000, MOST_APART + OFFSET + 1, 10**9])
def test_an_offset_beyond_the_pool_or_far_ahead_ends_the_run(pair: Pair, offset: int) -> None:
    """Greetings are not authenticated yet: a stranger's must not cost a whole pool."""
    alice, bob = pair.meet()

    def line(n: int, octets: bytes) -> list[bytes]:
        hello = octets if n else frame(Kind.HELLO, replace(Hello.decode(octets[HEADER:]), offset=offset).encode())
        return [hello]

    converse(alice, bob, line)
    assert bob.reason.startswith(f"offset: {offset} there" if offset > 5000 else "offset: expected at most 1000")
    assert pair.pools[1].taken == OFFSET


@pytest.mark.parametrize("full", [0, 1])
def test_a_full_disk_ends_the_run_on_both_sides(pair: Pair, full: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def quarantine(*_: object) -> None:
        raise DataFileError("pool", "a pool to be written", "database or disk is full")

    alice, bob = pair.meet()
    monkeypatch.setattr(pair.pools[full], "quarantine", quarantine)
    exchange(alice, bob)
    assert (alice, bob)[full].reason.endswith("disk is full")
    assert pair.active() == []
    assert alice.state is State.ABORTED
    assert bob.state is (State.ABORTED if full else State.UNCONFIRMED)  # who has accepted waits to be told


# --- parties that disagree -------------------------------------------------------------------------------------------


def test_parties_that_disagree_say_in_what_and_use_nothing(pair: Pair, agreement: Agreement) -> None:
    tests, inputs = pair.records[1].tests.copy(), pair.records[1].inputs.copy()
    tests[0] ^= 1
    inputs[0] = 0 if tests[0] else 2
    for named, changes in (
        ("run", {"bobs_run": "another"}),
        ("agreement", {"agreement": Agreement(agreement.key, GOOD, degree=5, positions=30)}),
        ("test rounds T", {"records": Records(tests, inputs, pair.records[1].outcomes)}),
    ):
        alice, bob = pair.meet(**changes)  # type: ignore[arg-type]
        exchange(alice, bob)
        assert (alice.state, bob.state) == (State.ABORTED, State.ABORTED)
        assert any(party.reason.startswith(f"{named}: the parties disagree") for party in (alice, bob))
    assert {pool.taken for pool in pair.pools} == {OFFSET}


def test_two_alices_do_not_talk(pair: Pair) -> None:
    alice, _ = pair.meet()
    twin = Alice(pair.records[0], pair.agreement, pair.pools[1], "run")
    exchange(alice, twin)
    assert alice.reason.startswith("role: the parties disagree")


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"\xff", b'{"role": 1}', b"[" * 4000, json.dumps({"role": "bob"}).encode()]
)
def test_greetings_that_cannot_be_read_end_the_run(pair: Pair, body: bytes) -> None:
    alice, _ = pair.meet()
    assert alice.receive(Kind.HELLO, body) == [frame(Kind.ABORT, b"")]
    assert alice.reason == "a greeting that cannot be read"
    for offset in (-1, 0.5, True, "3", None):
        text = json.dumps(json.loads(Hello("bob", "run", "", "", 0).encode()) | {"offset": offset}).encode()
        with pytest.raises(ProtocolError, match="cannot be read"):
            Hello.decode(text)


def test_frames_of_another_size_or_kind_are_refused_unread(pair: Pair) -> None:
    alice, bob = pair.meet()
    for octets in (b"\0\0\0\0\0", b"\0\0\0\0\x63", b"\xff\xff\xff\xff\x01", b"\0\0\0\x01\x05", b"\0\0\0\x09\x03"):
        with pytest.raises(ProtocolError, match="a frame"):
            header(octets, alice.sizes)
    assert bob.receive(Kind.ACTIVATE, b"12345678") == [frame(Kind.ABORT, b"")]
    assert bob.reason == "a frame ACTIVATE where HELLO was awaited"


# --- devices that are not good enough --------------------------------------------------------------------------------


def intercepted(*weights: float) -> Behaviour:
    return IonExperiment(pair=BellDiagonalPair(weights)).behaviour()


def noisy(visibility: float) -> Behaviour:
    return Behaviour(visibility * GOOD.P + (1 - visibility) / 4)


@pytest.mark.parametrize(
    ("devices", "reason"),
    [
        (noisy(0.9), "decoding failed"),
        # who measures one ion of each pair and sends on what was found leaves a mixture with a flipped pair
        (intercepted(0.5, 0.5, 0.0, 0.0), "too few games were won"),
        (intercepted(0.5, 0.0, 0.5, 0.0), "decoding failed"),
        (Behaviour(np.where(np.arange(3) == 2, GOOD.P, GOOD.P * 0 + 0.25)), "too few games were won"),
    ],
    ids=["noise", "intercept and resend in Z", "intercept and resend in X", "local"],
)
def test_bad_devices_end_in_an_agreed_abort(pair: Pair, devices: Behaviour, reason: str) -> None:
    pair.records = sampled(devices, ROUNDS, GAMMA, np.random.default_rng(5))
    alice, bob = pair.meet()
    exchange(alice, bob)
    assert bob.reason.startswith(reason)
    assert alice.reason.startswith("Bob did not accept")
    assert pair.active() == []
    assert pair.pools[0].keys() == pair.pools[1].keys() == {}


def test_too_few_games_won_end_in_an_agreed_abort(pair: Pair, agreement: Agreement) -> None:
    """Errors that decoding still mends: tests are lost in a share that the key rounds do not show."""
    rng = np.random.default_rng(6)
    one, other = pair.records
    flipped = other.outcomes ^ ((other.tests == 1) & (rng.random(ROUNDS) < 0.06)).astype(np.uint8)
    pair.records = one, Records(other.tests, other.inputs, flipped)
    alice, bob = pair.meet()
    exchange(alice, bob)
    assert bob.reason.startswith("too few games were won")
    assert not agreement.accepts(bob.lost_games, bob.won_games)
    assert (alice.state, bob.state) == (State.ABORTED, State.ABORTED)


def test_a_string_with_the_syndrome_that_is_not_alices_is_found_out(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    from keybounds.postprocessing.run import party

    right = party.reconcile

    def wrong(*arguments: object, **options: object) -> object:
        found = right(*arguments, **options)  # type: ignore[arg-type]
        assert found.string is not None
        string = found.string.copy()
        string[777] ^= 1
        return replace(found, string=string)

    monkeypatch.setattr(party, "reconcile", wrong)
    alice, bob = pair.meet()
    exchange(alice, bob)
    assert bob.reason == "decoding failed: the validation hash differs"
    assert pair.active() == []


# --- names -----------------------------------------------------------------------------------------------------------


def test_the_public_names_are_these() -> None:
    import keybounds.postprocessing as room

    assert {"Party", "KeyPool", "simulate", "reconcile", "extract", "authenticate"} <= set(room.__all__)
    fields = {"accepted", "key_length", "keys_equal", "chsh", "errors", "balance", "seconds"}
    assert fields <= {one.name for one in dataclasses.fields(room.SimulatedRun)}
    defaults = {name: one.default for name, one in inspect.signature(simulate).parameters.items()}
    published = {"devices": "ion", "rounds": 1_500_000, "theorem": "eat-2019", "extractor": "trevisan"}
    assert published.items() <= defaults.items()


# --- arguments -------------------------------------------------------------------------------------------------------


def test_acceptance_is_the_certificates(agreement: Agreement) -> None:
    certificate = agreement.key.certificate
    assert certificate is not None
    lost, won = Fraction(certificate.parameters["loss_score"]), Fraction(certificate.parameters["win_score"])
    for losses in (400, 500, 600, 700):
        least = (Fraction(str(certificate.score)) - losses * lost) / won
        enough = -(-least.numerator // least.denominator)
        assert agreement.accepts(losses, enough)
        assert not agreement.accepts(losses, enough - 1)
    counted = finite_key(Link(2.64, 0.018), rounds=1_500_000, gamma=13 / 256)
    published = Agreement(counted, IonExperiment(pair=BellDiagonalPair((0.96, 0.0256, 0.00086, 0.01354))).behaviour())
    assert published.extractor_seed == 1_201_886
    assert published.accepts(13_289, 0)
    assert not published.accepts(13_290, 10**6)


def test_agreements_of_no_run_are_refused(agreement: Agreement) -> None:
    none = finite_key(Link(2.2, 0.05), rounds=ROUNDS, gamma=GAMMA, theorem="renyi", extractor="toeplitz")
    with pytest.raises(InputError, match="at least one bit"):
        Agreement(none, GOOD)
    with pytest.raises(InputError, match="correlations"):
        Agreement(agreement.key, Behaviour(GOOD.P[:, :, :, :2]))
    with pytest.raises(UnsupportedError, match="theorem"):
        Agreement(replace(agreement.key, certificate=None), GOOD)


def test_a_length_that_its_certificate_does_not_prove_is_refused(agreement: Agreement) -> None:
    """An agreement comes from a file, and who edits it must not be given more bits than are secret."""
    key = agreement.key
    for changes, named in (
        ({"length": key.length + 1}, "a length that its certificate proves"),
        ({"syndrome_length": key.syndrome_length + 1}, "syndrome_length"),
        ({"rounds": key.rounds + 1}, "rounds"),
        ({"extractor": "circulant"}, "extractor"),
    ):
        with pytest.raises(InputError, match=named):
            Agreement(replace(key, **changes), GOOD, degree=4, positions=30)  # type: ignore[arg-type]
        document = agreement.to_dict()
        document["finite_key"] |= changes
        with pytest.raises(InputError, match=named):
            Agreement.from_dict(document)


def test_records_that_are_not_of_this_run_are_refused(pair: Pair) -> None:
    good = pair.records[0]
    short = Records(*(one[:-1] for one in (good.tests, good.inputs, good.outcomes)))
    with pytest.raises(InputError, match=f"records: expected {ROUNDS} rounds"):
        Alice(short, pair.agreement, pair.pools[0], "run")
    with pytest.raises(InputError, match="setting 0 in key rounds"):
        Alice(pair.records[1], pair.agreement, pair.pools[0], "run")
    with pytest.raises(InputError, match="setting 2 in key rounds"):
        Bob(good, pair.agreement, pair.pools[1], "run")
    never = Records(0 * good.tests, 0 * good.inputs, good.outcomes)
    with pytest.raises(InputError, match="about 4000 test rounds"):
        Alice(never, pair.agreement, pair.pools[0], "run")


def test_pools_without_the_seeds_of_a_run_say_what_is_missing(pair: Pair, tmp_path: Path) -> None:
    once, seed = np.zeros(256, dtype=np.uint8), np.zeros(1280, dtype=np.uint8)
    needed = pair.agreement.extractor_seed
    for number, (seeds, missing) in enumerate(
        (
            ({}, "found 0: 1280 missing"),
            ({"hash": seed}, f"found 0: {needed} missing"),
            ({"hash": seed, "extractor": np.zeros(needed - 3, dtype=np.uint8)}, f"found {needed - 3}: 3 missing"),
        )
    ):
        KeyPool.create(tmp_path / f"{number}.pool", once, seeds=seeds)
        with KeyPool(tmp_path / f"{number}.pool") as pool, pytest.raises(InputError, match=missing):
            Alice(pair.records[0], pair.agreement, pool, "run")


def test_a_simulated_run_says_that_it_is_one() -> None:
    run = simulate(
        GOOD,
        rounds=ROUNDS,
        gamma=GAMMA,
        seed=3,
        link=Link(2.8, 0.004),
        theorem="renyi",
        extractor="circulant",
        soundness=1e-2,
    )
    assert (run.accepted, run.keys_equal, run.consumed) == (True, True, 256)
    assert run.key_length == run.finite_key.length == run.balance.generated
    assert run.to_dict()["simulated"] == "not secret"
    assert run.chsh == pytest.approx(2.8, abs=0.1)
    assert "S = 2.8, Q = 0.004" in run.design


def test_long_steps_say_how_far_they_are(pair: Pair) -> None:
    told: list[tuple[str, float]] = []
    alice, _ = pair.meet()
    bob = Bob(pair.records[1], pair.agreement, pair.pools[1], "run", lambda step, share: told.append((step, share)))
    exchange(alice, bob)
    shares = [share for step, share in told if step == "decoding"]
    assert shares[0] == 0 < shares[len(shares) // 2] < shares[-1] <= 1
    assert shares == sorted(shares)
    assert ("extraction", 0.0) in told


def test_a_variable_length_is_refused_for_what_is_not_proven() -> None:
    with pytest.raises(UnsupportedError, match="a proof of its own, of soundness over all stopping points"):
        simulate(GOOD, length="variable")
    with pytest.raises(UnknownNameError, match="fixed"):
        simulate(GOOD, length="long")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("theorem", "extractor", "length"), [("eat-2019", "trevisan", 95_884), ("renyi", "toeplitz", 391_000)]
)
def test_the_published_run_at_full_size(theorem: str, extractor: str, length: int) -> None:
    devices = IonExperiment(pair=BellDiagonalPair((0.96, 0.0256, 0.00086, 0.01354))).behaviour()
    run = simulate(devices, seed=1, theorem=theorem, extractor=extractor)
    assert (run.accepted, run.keys_equal) == (True, True)
    assert run.key_length >= length
    assert run.consumed == run.balance.consumed == 256
