"""The two parties of a run, as machines that are given frames and give frames; they know of no network.

    both   HELLO      role, run, digests of agreement and T, offset of the pool
    Alice  STRINGS    X, M, validation hash of A under pad 1;  tag under pad 2 of everything so far, and of T
    Bob    VERDICT    accept or abort;                          tag under pad 3 of everything so far
    Alice  ACTIVATE                                             tag under pad 4 of everything so far

*Everything* is the agreement itself, T as the party recorded it, and every frame, greetings with their offsets too: a
tag is right only if both have the same. The greetings come unauthenticated, and the tags behind them tell: a forged
offset makes the parties give up bits or take different ones, and never the same twice. A party looks at one tag a
frame, and at nothing once a tag was wrong. Every pad is taken from the pool before anything is sent under it.

Alice's key is active once Bob's VERDICT is authenticated, Bob's once ACTIVATE is; till then it is in quarantine. Bob
knows what ACTIVATE must be and keeps it with the key, and Alice keeps what she sent. If it is lost she sends the same
frame again, to any process that has Bob's pool; or he burns the key.
"""

from __future__ import annotations

import enum
import hashlib
import threading
from collections.abc import Callable
from fractions import Fraction

import numpy as np

from keybounds.bounds.run.run import HASH_ERROR
from keybounds.errors import InputError
from keybounds.postprocessing.authentication import SEED_BITS, TAG_BITS, HashSeed, KeyPool, authenticate, is_authentic
from keybounds.postprocessing.bits import Bits
from keybounds.postprocessing.extraction import extract
from keybounds.postprocessing.reconciliation import Reconciled, reconcile
from keybounds.postprocessing.run.agreement import Agreement
from keybounds.postprocessing.run.clock import Progress
from keybounds.postprocessing.run.frames import VERSION, Hello, Kind, ProtocolError, frame
from keybounds.postprocessing.run.records import Records
from keybounds.postprocessing.run.transcript import RunKeys, Transcript, tagged_message

MOST_APART = 64 * 4 * TAG_BITS
"""Bits by which two pools may lie apart, as runs leave them that one side alone began: no more is lost to a forger."""

_TAG = TAG_BITS // 8
_ABORT, _ACCEPT = b"\0", b"\1"


class State(enum.Enum):
    """Where a party stands."""

    WAITING = "waiting"
    UNCONFIRMED = "unconfirmed"
    DONE = "key active"
    ABORTED = "aborted"


class Party:
    """What Alice and Bob have in common. `start` gives the first frames, `receive` what a frame is answered with.

    Attributes
    ----------
    state, reason
        Where it stands, and why it aborted.
    at_fault
        Whether it aborted because something is wrong with the other party, the line or a file, and not for want of key.
    frames
        Those that count for the tags, in order.

    Raises
    ------
    InputError
        Records of another run than was agreed on, a run that has a key, or a pool that is too small for one.
    """

    role = ""
    other = ""
    side = 0

    def __init__(
        self,
        records: Records,
        agreement: Agreement,
        pool: KeyPool,
        run: str,
        progress: Progress | None = None,
    ) -> None:
        if len(records.tests) != agreement.key.rounds:
            raise InputError("records", f"{agreement.key.rounds} rounds", f"{len(records.tests)}")
        records.check(agreement.key_setting[self.side], agreement.gamma)
        if state := pool.keys().get(run):
            raise InputError("run", f"a run that has no key in {pool.path}", f"{run!r}: {state}")
        needed = 4 * TAG_BITS
        if pool.remaining < needed:
            raise InputError("pool", f"{needed} unused bits in {pool.path}", f"{needed - pool.remaining} missing")
        for name, size in (("hash", SEED_BITS), ("extractor", agreement.extractor_seed)):
            if (held := pool.seed_length(name)) != size:
                found = f"{held}: {size - held} missing" if held < size else str(held)
                raise InputError("pool", f"a seed {name!r} of {size} bits in {pool.path}", found)
        self.records, self.agreement, self.pool, self.run = records, agreement, pool, run
        self.state, self.reason, self.at_fault = State.WAITING, "", False
        self.frames: list[bytes] = []
        self._tests = np.packbits(records.tests).tobytes()
        self._awaited = Kind.HELLO
        self._pads: Bits | None = None
        self._progress = progress or (lambda step, share: None)
        self._own = Hello(self.role, run, agreement.digest, hashlib.sha256(self._tests).hexdigest(), pool.taken)

    @property
    def sizes(self) -> dict[Kind, int]:
        """Bytes in the body of each kind of frame that may come now."""
        rounds, checks = self.agreement.key.rounds, self.agreement.key.syndrome_length
        known = {
            Kind.STRINGS: -(-rounds // 8) - (-checks // 8) + 2 * _TAG,
            Kind.VERDICT: 1 + _TAG,
            Kind.ACTIVATE: _TAG,
            Kind.ABORT: 0,
        }
        return {kind: known[kind] for kind in (self._awaited, Kind.ABORT) if kind in known}

    @property
    def finished(self) -> bool:
        """Whether no further frame is awaited."""
        return self.state in (State.DONE, State.ABORTED)

    def start(self) -> list[bytes]:
        """The greeting."""
        return [frame(Kind.HELLO, self._own.encode())]

    def receive(self, kind: Kind, body: bytes) -> list[bytes]:
        """Take a frame and return what to send. An error ends the run: the answer is then ABORT, `reason` says why."""
        if self.finished:
            return []
        if kind is Kind.ABORT:  # unauthenticated: no more than a line that is gone
            self.lost("the other party ended the run, and says why on its side", at_fault=True)
            return []
        try:
            if kind is not self._awaited:
                raise ProtocolError(f"a frame {kind.name} where {self._awaited.name} was awaited")
            return self._greeted(body) if kind is Kind.HELLO else self._answer(body)
        except (ProtocolError, InputError) as error:
            self._end(str(error), at_fault=True)
            return [frame(Kind.ABORT, b"")]

    @property
    def has_tags(self) -> bool:
        """Whether the run came so far that bits were taken for its tags."""
        return self._pads is not None

    @property
    def transcript(self) -> Transcript:
        """T and the frames under tags so far, with the greetings: nothing of it is secret."""
        return Transcript(self.records.tests, tuple(self.frames))

    def give_away_keys(self) -> RunKeys:
        """What shows a third party that the tags are right; the pool forgets its hash seed, which others know then.

        The bits that hide the validation hash are not part of it: Alice's string stays secret from who has these.

        Raises
        ------
        InputError
            The run is not over, or had no tags.
        """
        if not self.finished or self._pads is None:
            raise InputError("run", f"one that is over and had tags, not {self.run!r}", self.state.value)
        return RunKeys(self.run, self.pool.give_away("hash"), self._pads[1:])

    def lost(self, reason: str = "the connection was lost", *, at_fault: bool = False) -> None:
        """The line is gone: there is no key, unless one is waiting to be confirmed, which it goes on doing."""
        if self.state is State.WAITING:
            self._end(reason, at_fault=at_fault)

    def _greeted(self, body: bytes) -> list[bytes]:
        hello = Hello.decode(body)
        for name, mine, theirs in (
            ("version", VERSION, hello.version),
            ("role", self.other, hello.role),
            ("run", self.run, hello.run),
            ("agreement", self._own.agreement, hello.agreement),
            ("test rounds T", self._own.tests, hello.tests),
        ):
            if mine != theirs:
                raise ProtocolError(f"{name}: the parties disagree, {mine!r} here and {str(theirs)[:80]!r} there")
        if hello.offset > self.pool.taken + MOST_APART:
            raise ProtocolError(
                f"offset: {hello.offset} there, more than {MOST_APART} bits beyond {self.pool.taken} here; "
                "if that is right, KeyPool.give_up_to"
            )
        self.pool.give_up_to(hello.offset)
        self._pads = self.pool.take(4 * TAG_BITS).reshape(4, TAG_BITS)
        # four hashes of this run are under one seed: the validation of A and three tags
        self._seed = HashSeed.of_bits(self.pool.seed("hash", 4 * HASH_ERROR))
        greetings = [frame(Kind.HELLO, self._own.encode()), frame(Kind.HELLO, body)]
        self.frames = greetings if self.role == "alice" else greetings[::-1]
        return self._begin()

    def _begin(self) -> list[bytes]:
        raise NotImplementedError

    def _answer(self, body: bytes) -> list[bytes]:
        raise NotImplementedError

    def _message(self, kind: Kind, body: bytes) -> bytes:
        return tagged_message(self.agreement, self.run, self._tests, self.frames, kind, body)

    def _tag(self, message: bytes, pad: int) -> bytes:
        assert self._pads is not None
        return authenticate(message, self._seed, self._pads[pad])

    def _is_tag(self, claimed: bytes, message: bytes, pad: int) -> bool:
        assert self._pads is not None
        return is_authentic(claimed, message, self._seed, self._pads[pad])

    def _tagged(self, kind: Kind, body: bytes, pad: int) -> bytes:
        """A frame with its tag, which is on record as sent."""
        whole = frame(kind, body + self._tag(self._message(kind, body), pad))
        self.frames.append(whole)
        return whole

    def _authenticated(self, kind: Kind, body: bytes, pad: int) -> bytes:
        """The body of a frame without its tag, which is looked at once."""
        content, claimed = body[:-_TAG], body[-_TAG:]
        if not self._is_tag(claimed, self._message(kind, content), pad):
            raise ProtocolError(f"the tag of {kind.name} is wrong")
        self.frames.append(frame(kind, body))
        return content

    def _extracted(self, string: Bits) -> Bits:
        agreement = self.agreement
        return extract(
            string,
            self.pool.seed("extractor", Fraction(0)),
            agreement.key.length,
            extractor=agreement.key.extractor,
            error=agreement.error,
            progress=self._step("extraction", agreement.key.length),
        )

    def _step(self, name: str, total: int) -> Callable[[int], None]:
        """Begin a step; what is to be called, from any thread, with the part of the total that was done."""
        self._progress(name, 0.0)
        done, lock = 0, threading.Lock()

        def advance(part: int) -> None:
            nonlocal done
            with lock:
                done += part
                self._progress(name, min(1.0, done / total))

        return advance

    def _end(self, reason: str, *, at_fault: bool = False) -> None:
        self.state, self.reason, self.at_fault = State.ABORTED, reason, at_fault
        if self.pool.keys().get(self.run) == "quarantined":
            self.pool.burn(self.run)


class Alice(Party):
    """The party whose outcomes the key is made of."""

    role, other, side = "alice", "bob", 0

    def _begin(self) -> list[bytes]:
        self._progress("syndrome", 0.0)
        outcomes = self.records.outcomes
        body = b"".join(
            (
                np.packbits(self.records.test_inputs).tobytes(),
                np.packbits(self.agreement.code.syndrome(outcomes)).tobytes(),
                self._tag(np.packbits(outcomes).tobytes(), 0),
            )
        )
        self._awaited = Kind.VERDICT
        return [self._tagged(Kind.STRINGS, body, 1)]

    def _answer(self, body: bytes) -> list[bytes]:
        verdict = self._authenticated(Kind.VERDICT, body, 2)
        if verdict != _ACCEPT:
            self._end("Bob did not accept: too many errors, or too few games won")
            return []
        key = self._extracted(self.records.outcomes)
        activation = self._tagged(Kind.ACTIVATE, b"", 3)
        self.pool.quarantine(self.run, key, activation)
        self.pool.activate(self.run)
        self.state = State.DONE
        return [activation]


class Bob(Party):
    """The party that finds Alice's outcomes, tests, and decides."""

    role, other, side = "bob", "alice", 1
    reconciled: Reconciled | None = None
    lost_games = 0
    won_games = 0

    def _begin(self) -> list[bytes]:
        self._awaited = Kind.STRINGS
        return []

    def _answer(self, body: bytes) -> list[bytes]:
        if self._awaited is Kind.ACTIVATE:
            claimed = frame(Kind.ACTIVATE, body)
            if not self.pool.confirm(self.run, claimed):
                raise ProtocolError("the tag of ACTIVATE is wrong")
            self.frames.append(claimed)
            self.state = State.DONE
            return []
        content = self._authenticated(Kind.STRINGS, body, 1)
        string = self._decoded(content)
        if string is None:
            verdict = self._tagged(Kind.VERDICT, _ABORT, 2)
            self._end(self.reason)
            return [verdict]
        key = self._extracted(string)
        verdict = self._tagged(Kind.VERDICT, _ACCEPT, 2)
        awaited = self._tag(self._message(Kind.ACTIVATE, b""), 3)
        self.pool.quarantine(self.run, key, frame(Kind.ACTIVATE, awaited))
        self.state, self._awaited = State.UNCONFIRMED, Kind.ACTIVATE
        return [verdict]

    def _decoded(self, content: bytes) -> Bits | None:
        """Alice's string, if it is found, validated, and the run passes its test; else the reason is set."""
        agreement, records = self.agreement, self.records
        rounds, checks = agreement.key.rounds, agreement.key.syndrome_length
        cut = -(-rounds // 8)
        inputs, syndrome = _unpacked(content[:cut], rounds), _unpacked(content[cut:-_TAG], checks)
        self.reconciled = reconcile(
            agreement.code,
            syndrome,
            x=np.where(records.tests == 1, inputs, agreement.key_setting[0]),
            y=records.inputs,
            b=records.outcomes,
            correlations=agreement.correlations,
            progress=self._step("decoding", agreement.code.steps),
        )
        string = self.reconciled.string
        if string is None:
            self.reason = f"decoding failed: {self.reconciled.unsatisfied} checks of {checks} are not satisfied"
            return None
        if not self._is_tag(content[-_TAG:], np.packbits(string).tobytes(), 0):
            self.reason = "decoding failed: the validation hash differs"
            return None
        test = records.tests == 1
        won = ((string ^ records.outcomes) == (inputs & records.test_inputs))[test]
        self.won_games = int(won.sum())
        self.lost_games = int(test.sum()) - self.won_games
        if not agreement.accepts(self.lost_games, self.won_games):
            self.reason = f"too few games were won: {self.won_games} of {self.won_games + self.lost_games}"
            return None
        return string


def _unpacked(octets: bytes, length: int) -> Bits:
    return np.unpackbits(np.frombuffer(octets, dtype=np.uint8), count=length)
