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
import io
import os
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from keybounds.bounds.run.run import HASH_ERROR
from keybounds.errors import DataFileError, InputError
from keybounds.postprocessing.authentication import TAG_BITS, HashSeed, KeyPool, is_tag, tag
from keybounds.postprocessing.bits import Bits, bit_string
from keybounds.postprocessing.extraction import extract
from keybounds.postprocessing.reconciliation import Reconciled, reconcile
from keybounds.postprocessing.run.agreement import Agreement
from keybounds.postprocessing.run.frames import HEADER, VERSION, Hello, Kind, ProtocolError, frame

_TAG = TAG_BITS // 8
_ABORT, _ACCEPT = b"\0", b"\1"


class State(enum.Enum):
    """Where a party stands."""

    WAITING = "waiting"
    UNCONFIRMED = "unconfirmed"
    DONE = "key active"
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True)
class Records:
    """What a party wrote down in the experiment.

    Attributes
    ----------
    tests
        T, 1 in test rounds; announced by Bob as the rounds went on.
    inputs
        Of each round, in test rounds 0 or 1; in key rounds what the setting is then, and not read.
    outcomes
        0 or 1.

    Raises
    ------
    InputError
        Strings of unequal length or with other symbols.
    """

    tests: Bits
    inputs: Bits
    outcomes: Bits

    def __post_init__(self) -> None:
        tests = bit_string("tests", self.tests)
        object.__setattr__(self, "tests", tests)
        object.__setattr__(self, "outcomes", bit_string("outcomes", self.outcomes, len(tests)))
        inputs = np.asarray(self.inputs)
        if inputs.shape != tests.shape:
            raise InputError("inputs", f"{len(tests)} of them", f"shape {inputs.shape}")
        object.__setattr__(self, "inputs", bit_string("inputs", np.where(tests == 1, inputs, 0), len(tests)))

    def save(self, path: Path) -> None:
        """Write an .npz file of the arrays ``tests``, ``inputs`` and ``outcomes``, for its owner alone."""
        octets = io.BytesIO()
        np.savez_compressed(octets, tests=self.tests, inputs=self.inputs, outcomes=self.outcomes)
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(octets.getvalue())

    @classmethod
    def load(cls, path: Path) -> Records:
        """Read an .npz file of the arrays ``tests``, ``inputs`` and ``outcomes``, one integer a round each.

        Raises
        ------
        DataFileError
            Another file.
        InputError
            Strings of unequal length or with other symbols.
        """
        try:
            with np.load(path, allow_pickle=False) as arrays:
                return cls(arrays["tests"], arrays["inputs"], arrays["outcomes"])
        except InputError:
            raise
        except (OSError, KeyError, ValueError, AttributeError, TypeError, zipfile.BadZipFile) as error:
            raise DataFileError("records", f"{path} to be .npz with tests, inputs, outcomes", str(error)) from None


class Party:
    """What Alice and Bob have in common. `start` gives the first frames, `receive` what a frame is answered with."""

    role = ""
    other = ""

    def __init__(
        self,
        records: Records,
        agreement: Agreement,
        pool: KeyPool,
        run: str,
        progress: Callable[[str], None] | None = None,
    ) -> None:
        if len(records.tests) != agreement.key.rounds:
            raise InputError("records", f"{agreement.key.rounds} rounds", f"{len(records.tests)}")
        if state := pool.keys().get(run):
            raise InputError("run", f"a run that has no key in {pool.path}", f"{run!r}: {state}")
        needed = 4 * TAG_BITS
        if pool.remaining < needed:
            raise InputError("pool", f"{needed} unused bits in {pool.path}", f"{needed - pool.remaining} missing")
        self.records, self.agreement, self.pool, self.run = records, agreement, pool, run
        self.state, self.reason = State.WAITING, ""
        self.frames: list[bytes] = []
        self._tests = np.packbits(records.tests).tobytes()
        self._awaited = Kind.HELLO
        self._progress = progress or (lambda text: None)
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
            self.lost("the other party ended the run")
            return []
        try:
            if kind is not self._awaited:
                raise ProtocolError(f"a frame {kind.name} where {self._awaited.name} was awaited")
            return self._greeted(body) if kind is Kind.HELLO else self._answer(body)
        except (ProtocolError, InputError) as error:
            self._end(str(error))
            return [frame(Kind.ABORT, b"")]

    @property
    def pads(self) -> Bits:
        """The one-time bits of this run: of no further use, but to show a third party its tags."""
        return self._pads.ravel().copy()

    def lost(self, reason: str = "the connection was lost") -> None:
        """The line is gone: there is no key, unless one is waiting to be confirmed, which it goes on doing."""
        if self.state is State.WAITING:
            self._end(reason)

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
        return _message(self.agreement, self.run, self._tests, self.frames, kind, body)

    def _tagged(self, kind: Kind, body: bytes, pad: int) -> bytes:
        """A frame with its tag, which is on record as sent."""
        whole = frame(kind, body + tag(self._message(kind, body), self._seed, self._pads[pad]))
        self.frames.append(whole)
        return whole

    def _authenticated(self, kind: Kind, body: bytes, pad: int) -> bytes:
        """The body of a frame without its tag, which is looked at once."""
        content, claimed = body[:-_TAG], body[-_TAG:]
        if not is_tag(claimed, self._message(kind, content), self._seed, self._pads[pad]):
            raise ProtocolError(f"the tag of {kind.name} is wrong")
        self.frames.append(frame(kind, body))
        return content

    def _extracted(self, string: Bits) -> Bits:
        self._progress("extraction")
        agreement = self.agreement
        return extract(
            string,
            self.pool.seed("extractor", Fraction(0)),
            agreement.key.length,
            extractor=agreement.key.extractor,
            error=agreement.error,
        )

    def _end(self, reason: str) -> None:
        self.state, self.reason = State.ABORTED, reason
        if self.pool.keys().get(self.run) == "quarantined":
            self.pool.burn(self.run)


class Alice(Party):
    """The party whose outcomes the key is made of."""

    role, other = "alice", "bob"

    def _begin(self) -> list[bytes]:
        self._progress("syndrome")
        outcomes = self.records.outcomes
        body = b"".join(
            (
                np.packbits(self.records.inputs).tobytes(),
                np.packbits(self.agreement.code.syndrome(outcomes)).tobytes(),
                tag(np.packbits(outcomes).tobytes(), self._seed, self._pads[0]),
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

    role, other = "bob", "alice"
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
        awaited = tag(self._message(Kind.ACTIVATE, b""), self._seed, self._pads[3])
        self.pool.quarantine(self.run, key, frame(Kind.ACTIVATE, awaited))
        self.state, self._awaited = State.UNCONFIRMED, Kind.ACTIVATE
        return [verdict]

    def _decoded(self, content: bytes) -> Bits | None:
        """Alice's string, if it is found, validated, and the run passes its test; else the reason is set."""
        agreement, records = self.agreement, self.records
        rounds, checks = agreement.key.rounds, agreement.key.syndrome_length
        cut = -(-rounds // 8)
        inputs, syndrome = _unpacked(content[:cut], rounds), _unpacked(content[cut:-_TAG], checks)
        self._progress("decoding")
        self.reconciled = reconcile(
            agreement.code,
            syndrome,
            x=np.where(records.tests == 1, inputs, 0),
            y=np.where(records.tests == 1, records.inputs, 2),
            b=records.outcomes,
            correlations=agreement.correlations,
        )
        string = self.reconciled.string
        if string is None:
            self.reason = f"decoding failed: {self.reconciled.unsatisfied} checks of {checks} are not satisfied"
            return None
        if not is_tag(content[-_TAG:], np.packbits(string).tobytes(), self._seed, self._pads[0]):
            self.reason = "decoding failed: the validation hash differs"
            return None
        test = records.tests == 1
        won = ((string ^ records.outcomes) == (inputs & records.inputs))[test]
        self.won_games = int(won.sum())
        self.lost_games = int(test.sum()) - self.won_games
        if not agreement.accepts(self.lost_games, self.won_games):
            self.reason = f"too few games were won: {self.won_games} of {self.won_games + self.lost_games}"
            return None
        return string


def wrong_tags(
    frames: Sequence[bytes], agreement: Agreement, tests: Bits, run: str, *, seed: Bits, pads: Bits
) -> list[str]:
    """Recompute the tags of a run's frames, as a third party who is given the secrets can; names those that are wrong.

    Parameters
    ----------
    frames
        Of a party, in order: two greetings, then what was sent under tags.
    agreement, tests, run
        What the run was about, with T.
    seed, pads
        The hash's seed, and the 256 one-time bits of the run.
    """
    view, wrong = HashSeed.of_bits(seed), []
    for number, octets in enumerate(frames[2:], 2):
        kind, content, claimed = Kind(octets[4]), octets[HEADER:-_TAG], octets[-_TAG:]
        message = _message(agreement, run, np.packbits(tests).tobytes(), frames[:number], kind, content)
        if not is_tag(claimed, message, view, pads.reshape(4, TAG_BITS)[number - 1]):
            wrong.append(kind.name)
    return wrong


def _message(agreement: Agreement, run: str, tests: bytes, frames: Sequence[bytes], kind: Kind, body: bytes) -> bytes:
    """What the tag of a frame is about; each part after its length, so that no two runs give the same."""
    parts = (agreement.text, run.encode(), tests, *frames, bytes([kind]), body)
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def _unpacked(octets: bytes, length: int) -> Bits:
    return np.unpackbits(np.frombuffer(octets, dtype=np.uint8), count=length)
