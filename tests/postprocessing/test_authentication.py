"""Hash and tags against the published test vectors of VMAC, and small keys counted; the pool against crashes."""

from __future__ import annotations

import itertools
import os
import signal
import stat
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from keybounds.errors import DataFileError, InputError
from keybounds.postprocessing.authentication import SEED_BITS, HashSeed, KeyPool, authenticate, is_authentic, vhash
from keybounds.postprocessing.authentication.vhash import _nh
from keybounds.postprocessing.bits import Bits

# the processes that fork here have threads of the test runner, which the children do without
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")

# What AES-128 makes of the key "abcdefghijklmnop" for VMAC-64 (draft-krovetz-vmac-01): seed, and the pad of the nonce
# "bcdefghi"; computed with OpenSSL.
SEED = bytes.fromhex(
    "f23d135cd9b460ac0100f93d3937c4109f5ff4b0bc49fc4be2df742a3494b0b6198632874c579612377bc6eb8a73471c30d5ed591b5ee028"
    "3fd06b3c2eaa688de89d5ac3cefe7736a6c0b86787a4a44c8066032fb648fdfeb50c1db780a5251348da11adfe3d8a0be240f7de6654be8b"
    "f104a2053ee8c0b5e7ba6fb77ddaaa7b024f8096d4856e345e9fa9796408d8d5bf71d4ab5bebf869ea12b69b41476019"
)
PAD = "964ce6a5bd4229b7"


def unpacked(octets: bytes) -> Bits:
    return np.unpackbits(np.frombuffer(octets, dtype=np.uint8))


@pytest.mark.parametrize(
    ("message", "published"),
    [
        (b"", "2576be1c56d8b81b"),
        (b"abc", "2d376cf5b1813ce5"),
        (b"abc" * 16, "e8421f61d573d298"),
        (b"abc" * 100, "4492df6c5cac1bbe"),
        (b"abc" * 1_000_000, "09ba597dd7601113"),
    ],
)
def test_tags_are_the_published_ones(message: bytes, published: str) -> None:
    seed, pad = HashSeed.of_bits(unpacked(SEED)), unpacked(bytes.fromhex(PAD))
    assert authenticate(message, seed, pad).hex() == published
    assert is_authentic(bytes.fromhex(published), message, seed, pad)


@pytest.mark.parametrize("length", [1, 15, 16, 17, 127, 128, 129, 144, 256, 300])
def test_every_bit_and_the_length_enter_the_hash(length: int) -> None:
    seed = HashSeed.of_bits(unpacked(SEED))
    message = bytes(range(1, length % 200 + 2)) * 300
    message = message[:length]
    known = vhash(message, seed)
    others = [message + b"\0", message[:-1], b"\0" + message]
    others += [
        message[:place] + bytes([message[place] ^ 1 << place % 8]) + message[place + 1 :] for place in range(length)
    ]
    assert known not in [vhash(other, seed) for other in others]


def test_one_word_in_the_seed_is_one_in_the_hash() -> None:
    """Each of its 1280 bits matters, but for the twelve of the point that are masked."""
    message = bytes(range(256)) * 2 + b"end"
    plain = vhash(message, HashSeed.of_bits(unpacked(SEED)))
    without = []
    for place in range(SEED_BITS):
        bits = unpacked(SEED).copy()
        bits[place] ^= 1
        if vhash(message, HashSeed.of_bits(bits)) == plain:
            without.append(place)
    assert without == [1024 + 32 * word + bit for word in range(4) for bit in range(3)]


def test_nh_collides_for_no_more_than_its_share_of_the_seeds() -> None:
    """With words of 4 bits in place of 64: every seed of two words, every difference of two messages of two words."""

    words = np.arange(16)
    rng = np.random.default_rng(3)

    def small(message: tuple[int, ...]) -> NDArray[np.int64]:
        return np.multiply.outer((message[0] + words) % 16, (message[1] + words) % 16)

    for first in [tuple(rng.integers(0, 16, 2).tolist()) for _ in range(40)]:
        for second in itertools.product(range(16), repeat=2):
            if second != first:
                assert np.bincount(((small(first) - small(second)) % 256).ravel()).max() <= 16
    # and it is this expression, at full width
    seed = tuple(int(w) for w in rng.integers(0, 2**63, 16))
    block = rng.bytes(32)
    m = [int.from_bytes(block[i : i + 8], "little") for i in range(0, 32, 8)]
    expected = (m[0] + seed[0]) % 2**64 * ((m[1] + seed[1]) % 2**64)
    expected += (m[2] + seed[2]) % 2**64 * ((m[3] + seed[3]) % 2**64)
    assert _nh(block, seed) == expected % 2**126


def test_a_wrong_tag_message_seed_or_pad_is_seen() -> None:
    seed, pad = HashSeed.of_bits(unpacked(SEED)), unpacked(bytes.fromhex(PAD))
    right = authenticate(b"abc", seed, pad)
    other = unpacked(SEED).copy()
    other[5] ^= 1
    assert not is_authentic(right, b"abd", seed, pad)
    assert not is_authentic(right[:-1] + bytes([right[-1] ^ 1]), b"abc", seed, pad)
    assert not is_authentic(right[:-1], b"abc", seed, pad)
    assert not is_authentic(right, b"abc", HashSeed.of_bits(other), pad)
    assert not is_authentic(right, b"abc", seed, 1 - pad)


def test_seeds_and_pads_of_other_sizes_are_refused() -> None:
    with pytest.raises(InputError, match="seed: expected 1280 bits"):
        HashSeed.of_bits(unpacked(SEED)[:-1])
    with pytest.raises(InputError, match="pad: expected 64 bits"):
        authenticate(b"", HashSeed.of_bits(unpacked(SEED)), np.zeros(63, dtype=np.uint8))
    for last in (b"\xff" * 6 + b"\xfe\xff", b"\xff" * 8):  # 2^64 - 257, the modulus itself
        for place in (144, 152):
            beyond = SEED[:place] + last + SEED[place + 8 :]
            with pytest.raises(InputError, match="draw another seed"):
                HashSeed.of_bits(unpacked(beyond))


def test_a_seed_does_not_print_itself() -> None:
    assert repr(HashSeed.of_bits(unpacked(SEED))) == "HashSeed()"


# --- the pool --------------------------------------------------------------------------------------------------------


@pytest.fixture
def secrets() -> Bits:
    return np.random.default_rng(5).integers(0, 2, 1000, dtype=np.uint8)


@pytest.fixture
def path(tmp_path: Path, secrets: Bits) -> Path:
    KeyPool.create(tmp_path / "alice.pool", secrets, seeds={"hash": secrets[:40]})
    return tmp_path / "alice.pool"


def test_bits_leave_in_order_and_once(path: Path, secrets: Bits) -> None:
    found = []
    for counts in ((64, 0, 1), (7, 128), (800,)):
        with KeyPool(path) as pool:
            found += [pool.take(count) for count in counts]
    assert np.concatenate(found).tolist() == secrets.tolist()
    with KeyPool(path) as pool:
        assert (pool.taken, pool.remaining) == (1000, 0)
        with pytest.raises(InputError, match=r"1 unused bits in .*; found 0: 1 missing"):
            pool.take(1)


def test_a_pool_that_is_too_small_gives_nothing(path: Path) -> None:
    with KeyPool(path) as pool:
        with pytest.raises(InputError, match="found 1000: 24 missing"):
            pool.take(1024)
        assert pool.taken == 0
        with pytest.raises(InputError, match="count"):
            pool.take(-1)


def test_what_was_taken_is_no_longer_in_the_file(tmp_path: Path) -> None:
    marked = unpacked(b"SECRET-SECRET-SECRET-SECRET" * 20)
    KeyPool.create(tmp_path / "pool", marked)
    assert b"SECRET" in (tmp_path / "pool").read_bytes()
    with KeyPool(tmp_path / "pool") as pool:
        pool.take(len(marked) - 47)
        pool.give_up_to(len(marked))
    assert b"SECRET" not in (tmp_path / "pool").read_bytes()
    assert os.listdir(tmp_path) == ["pool"]


def test_two_offsets_meet_at_the_larger(path: Path, secrets: Bits) -> None:
    with KeyPool(path) as pool:
        pool.take(10)
        pool.give_up_to(5)
        assert pool.taken == 10
        pool.give_up_to(77)
        assert (pool.take(64) == secrets[77:141]).all()
        with pytest.raises(InputError, match="offset: expected at most 1000"):
            pool.give_up_to(1001)


def test_uses_of_a_seed_are_counted_and_charged(path: Path, secrets: Bits) -> None:
    for _ in range(3):
        with KeyPool(path) as pool:
            assert (pool.seed("hash", Fraction(1, 2**61)) == secrets[:40]).all()
    with KeyPool(path) as pool:
        assert pool.uses("hash") == (3, Fraction(3, 2**61))
        for ask in (pool.seed, pool.uses):
            with pytest.raises(InputError, match="'hush'"):
                ask("hush")


def test_a_key_is_read_only_once_it_is_active(path: Path, secrets: Bits) -> None:
    with KeyPool(path) as pool:
        for run in ("kept", "lost", "open"):
            pool.quarantine(run, secrets[:333], run.encode())
            with pytest.raises(InputError, match="quarantined"):
                pool.key(run)
        with pytest.raises(InputError, match="'kept'"):
            pool.quarantine("kept", secrets[:10], b"")
        with pytest.raises(InputError, match="active key"):
            pool.receipt("kept")
        pool.activate("kept")
        pool.burn("lost")
        assert pool.receipt("kept") == b"kept"
    with KeyPool(path) as pool:
        assert pool.keys() == {"kept": "active", "lost": "burned", "open": "quarantined"}
        assert (pool.key("kept") == secrets[:333]).all()
        for run in ("lost", "none"):
            with pytest.raises(InputError, match="active key"):
                pool.key(run)
        for settle, run in itertools.product((pool.activate, pool.burn), ("kept", "lost", "none")):
            with pytest.raises(InputError, match="quarantined key"):
                settle(run)


@pytest.mark.parametrize(("claimed", "state"), [(b"frame", "active"), (b"frame!", "burned"), (b"", "burned")])
def test_a_key_is_confirmed_by_its_frame_at_the_first_attempt(path: Path, claimed: bytes, state: str) -> None:
    with KeyPool(path) as pool:
        pool.quarantine("run", np.ones(9, dtype=np.uint8), b"frame")
        assert pool.confirm("run", claimed) is (state == "active")
        assert pool.keys() == {"run": state}
        with pytest.raises(InputError, match="quarantined key"):
            pool.confirm("run", b"frame")


def test_a_full_disk_changes_nothing(path: Path, secrets: Bits) -> None:
    with KeyPool(path) as pool:
        pool._connection.execute("pragma max_page_count = 5")
        with pytest.raises(DataFileError, match=r"to be written; found .*full"):
            pool.quarantine("run", np.zeros(10**6, dtype=np.uint8), b"")
        assert (pool.keys(), pool.taken) == ({}, 0)
        assert (pool.take(10) == secrets[:10]).all()


def test_one_process_holds_a_pool(path: Path) -> None:
    with KeyPool(path):
        with pytest.raises(DataFileError, match="another holds it"):
            KeyPool(path)
        done = subprocess.run(
            [sys.executable, "-c", f"from keybounds.postprocessing import KeyPool; KeyPool({str(path)!r})"],
            capture_output=True,
            text=True,
        )
        assert "another holds it" in done.stderr
    with KeyPool(path) as pool:
        assert pool.taken == 0


def test_only_its_owner_may_read_a_pool(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    with pytest.raises(DataFileError, match=r"chmod 600.*640"):
        KeyPool(path)


def test_what_is_no_pool_is_refused(tmp_path: Path, path: Path) -> None:
    text, empty, link = tmp_path / "text", tmp_path / "empty", tmp_path / "link"
    text.write_text("no pool " * 1000)
    empty.touch()
    link.symlink_to(path)
    for wrong in (text, empty):
        wrong.chmod(0o600)
    for wrong in (text, empty, link, tmp_path, tmp_path / "none"):
        with pytest.raises(DataFileError, match="key pool"):
            KeyPool(wrong)
    with pytest.raises(InputError, match="exists"):
        KeyPool.create(path, np.zeros(3, dtype=np.uint8))
    with pytest.raises(InputError, match="bits"):
        KeyPool.create(tmp_path / "new", [0, 2])
    assert not (tmp_path / "new").exists()


def test_a_pool_does_not_print_its_secrets(path: Path) -> None:
    with KeyPool(path) as pool:
        assert repr(pool) == f"KeyPool({str(path)!r})"


def take_until_killed(path: Path, answers: int) -> list[str]:
    """What a process says of the bits that it takes, eight at a time, until it is killed after so many answers."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            with KeyPool(path) as pool:
                while pool.remaining >= 8:
                    before = pool.taken
                    bits = "".join(map(str, pool.take(8).tolist()))
                    os.write(write, f"{before} {bits}\n".encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as answered:
        lines = [answered.readline() for _ in range(answers)]
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return [line for line in [*lines, *answered] if line.endswith("\n")]


@pytest.mark.parametrize("size", [240, pytest.param(12_000, marks=pytest.mark.slow)])
def test_no_bit_leaves_twice_however_often_the_process_is_killed(tmp_path: Path, size: int) -> None:
    """Killed a random while after its first answer, again and again, until the pool is empty."""
    secrets = np.random.default_rng(5).integers(0, 2, size, dtype=np.uint8)
    path = tmp_path / "pool"
    KeyPool.create(path, secrets)
    rng = np.random.default_rng(11)
    seen: list[tuple[int, str]] = []
    left = size
    while left >= 8:
        lines = take_until_killed(path, int(rng.integers(1, 12)))
        seen += [(int(offset), bits) for offset, bits in (line.split() for line in lines)]
        with KeyPool(path) as pool:
            left = pool.remaining
    offsets = [offset for offset, _ in seen]
    assert len(offsets) > size / 16
    assert offsets == sorted(set(offsets))
    assert all(bits == "".join(map(str, secrets[offset : offset + 8])) for offset, bits in seen)
