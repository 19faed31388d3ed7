"""Extractors against other computations: libraries' matrices and fields, and every seed where there are few."""

from __future__ import annotations

import hashlib
import math
from fractions import Fraction

import numpy as np
import pytest
import scipy.linalg
from flint import fmpz_mod_ctx, fmpz_mod_poly_ctx, fq_default_ctx, nmod_poly
from hypothesis import given
from hypothesis import strategies as st

from keybounds.bounds.run.extractors import EXTRACTORS
from keybounds.errors import InputError, UnknownNameError, UnsupportedError
from keybounds.postprocessing.bits import Bits, bit_string, from_integer, product, to_integer, to_words
from keybounds.postprocessing.extraction import (
    BlockDesign,
    block_design,
    circulant,
    extract,
    seed_length,
    systematic_toeplitz,
    toeplitz,
    trevisan,
    trevisan_design,
)
from keybounds.postprocessing.extraction.binary_field import evaluations, modulus

RANDOM = np.random.default_rng(20261126)
bits = st.lists(st.integers(0, 1), min_size=1, max_size=90)


def random_bits(count: int) -> Bits:
    return RANDOM.integers(0, 2, count, dtype=np.uint8)


# --- bit strings -----------------------------------------------------------------------------------------------------


@given(bits, bits)
def test_the_product_is_that_of_polynomials(left: list[int], right: list[int]) -> None:
    found = product(np.array(left, dtype=np.uint8), np.array(right, dtype=np.uint8))
    assert len(found) == len(left) + len(right) - 1
    assert nmod_poly(found.tolist(), 2) == nmod_poly(left, 2) * nmod_poly(right, 2)


@pytest.mark.parametrize("size", [255, 256, 257, 65535, 65536])
def test_the_product_of_ones_has_room_for_its_largest_coefficient(size: int) -> None:
    ones = np.ones(size, dtype=np.uint8)
    ramp = np.minimum(np.arange(1, 2 * size), np.arange(2 * size - 1, 0, -1))
    assert (product(ones, ones) == ramp % 2).all()


@given(bits)
def test_bits_come_back_from_an_integer_and_from_words(given_bits: list[int]) -> None:
    array = np.array(given_bits, dtype=np.uint8)
    number = to_integer(array)
    assert number == sum(bit << i for i, bit in enumerate(given_bits))
    assert (from_integer(number, len(array)) == array).all()
    assert sum(int(word) << 64 * i for i, word in enumerate(to_words(array))) == number


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ([0, 1, 2], "2 at position 2"),
        ([0, -1], "-1 at position 1"),
        ([[0, 1]], "shape"),
        ([0.0, 1.0], "float64"),
        ([0, 1], "2"),
    ],
)
def test_what_is_no_bit_string_is_named(value: list[int], found: str) -> None:
    with pytest.raises(InputError, match=f"raw: .*{found}"):
        bit_string("raw", value, 3)


# --- hashing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("inputs", "length"), [(1, 1), (5, 5), (40, 7), (300, 299), (257, 1)])
def test_hashes_are_products_with_their_matrices(inputs: int, length: int) -> None:
    raw = random_bits(inputs)
    seed = random_bits(inputs + length - 1)
    matrix = scipy.linalg.toeplitz(seed[inputs - 1 :], seed[:inputs][::-1])  # first column, first row
    assert (toeplitz(raw, seed, length) == matrix.astype(int) @ raw % 2).all()

    size = seed_length("circulant", inputs, length, 1e-9)
    seed = random_bits(size)
    matrix = scipy.linalg.circulant(seed)[:length, :inputs]
    assert (circulant(raw, seed, length) == matrix.astype(int) @ raw % 2).all()

    seed = random_bits(inputs - 1)
    expected = raw[:length].astype(int)
    if inputs > length:
        tail = inputs - length
        matrix = scipy.linalg.toeplitz(seed[tail - 1 :], seed[:tail][::-1])
        expected = expected + matrix.astype(int) @ raw[length:]
    assert (systematic_toeplitz(raw, seed, length) == expected % 2).all()


@pytest.mark.parametrize("inputs", [4, 6, 10])
@pytest.mark.parametrize("length", [1, 3])
@pytest.mark.parametrize("family", [toeplitz, systematic_toeplitz, circulant])
def test_two_inputs_collide_for_no_more_than_their_share_of_the_seeds(family: object, inputs: int, length: int) -> None:
    """Every difference of two inputs, every seed; the families are linear in the input, as is seen below."""
    size = {
        toeplitz: inputs + length - 1,
        systematic_toeplitz: inputs - 1,
        circulant: seed_length("circulant", inputs, length, 0.5),
    }[family]  # type: ignore[index]
    seeds = np.array([from_integer(number, size) for number in range(2**size)], dtype=np.uint8)
    units = np.eye(size, dtype=np.uint8)
    for number in range(1, 2**inputs):  # the families are linear in the input, as is seen below, and affine in the seed
        difference = from_integer(number, inputs)
        offset = family(difference, np.zeros(size, dtype=np.uint8), length)  # type: ignore[operator]
        linear = np.array([family(difference, seed, length) ^ offset for seed in units])  # type: ignore[operator]
        collisions = int((~((seeds @ linear) % 2 ^ offset).any(axis=1)).sum())
        assert collisions * 2**length <= 2**size
        if family is toeplitz:
            assert collisions * 2**length == 2**size


@given(st.integers(0, 2**12 - 1), st.integers(0, 2**12 - 1), st.integers(0, 2**16 - 1))
def test_hashes_are_linear_in_the_input(first: int, second: int, seed: int) -> None:
    a, b = from_integer(first, 12), from_integer(second, 12)
    for family, size in ((toeplitz, 16), (systematic_toeplitz, 11), (circulant, 13)):
        s = from_integer(seed, size)
        assert (family(a, s, 5) ^ family(b, s, 5) == family(a ^ b, s, 5)).all()


# --- the field -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("degree", [2, 3, 8, 63, 64, 65, 128, 142, 193, 256])
def test_evaluations_are_those_of_a_generic_field(degree: int) -> None:
    dense = [0] * degree + [1]
    for exponent in modulus(degree):
        dense[exponent] = 1
    field = fq_default_ctx(modulus=fmpz_mod_poly_ctx(fmpz_mod_ctx(2))(dense))
    rows, points = RANDOM.integers(0, 2, (9, degree)), RANDOM.integers(0, 2, (3, degree))
    found = evaluations(_elements(rows), _elements(points), degree)
    for point, value in zip(points, found, strict=True):
        alpha, total = field(point.tolist()), field(0)
        for row in rows[::-1]:
            total = total * alpha + field(row.tolist())
        assert [int(c) for c in total.to_list()] == from_integer(
            sum(int(word) << 64 * i for i, word in enumerate(value)), degree
        ).tolist()


def test_the_modulus_is_the_first_that_is_irreducible() -> None:
    """By factorisation."""

    def factors(exponents: tuple[int, ...], degree: int) -> int:
        dense = [int(e in exponents or e == degree) for e in range(degree + 1)]
        return sum(multiplicity for _, multiplicity in nmod_poly(dense, 2).factor()[1])

    assert modulus(142) == (0, 21)
    assert modulus(8) == (0, 1, 3, 4)
    assert [inner for inner in range(1, 22) if factors((0, inner), 142) == 1] == [21]
    for degree in range(2, 70):
        chosen = modulus(degree)
        assert factors(chosen, degree) == 1
        if len(chosen) == 2:
            assert all(factors((0, inner), degree) > 1 for inner in range(1, chosen[1]))
        else:
            assert all(factors((0, inner), degree) > 1 for inner in range(1, degree))


def test_a_field_beyond_the_kernel_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="degree"):
        modulus(257)


def _elements(rows: np.ndarray) -> np.ndarray:
    return np.array([to_words(row.astype(np.uint8), 4) for row in rows])


# --- weak designs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sets", "size", "field"), [(1, 2, 2), (60, 5, 5), (300, 6, 7), (131, 3, 3), (700, 11, 11)])
def test_the_overlap_of_a_block_design_is_one(sets: int, size: int, field: int) -> None:
    """Every pair of sets."""
    design = block_design(sets, size, field)
    chosen = [frozenset(row) for row in design.indices(0, sets).tolist()]
    assert all(len(one) == size for one in chosen)
    assert max(map(max, chosen)) < design.seed
    for i, one in enumerate(chosen):
        assert sum(2 ** len(one & other) for other in chosen[:i]) <= sets


def test_the_overlap_of_the_published_design_is_one() -> None:
    """The last set of each block, where the sum is largest, and some others: against every set before."""
    design = trevisan_design(1_500_000, 95_884, Fraction(1, 10**13))
    assert (design.size, design.field, design.seed) == (284, 293, 14 * 293**2)
    ends = np.cumsum(design.blocks)
    whole = design.indices(0, design.sets).astype(np.int32)
    for i in (*(ends - 1), *RANDOM.integers(0, design.sets, 2)):
        begin = int(
            ends[np.searchsorted(ends, i, side="right")] - design.blocks[np.searchsorted(ends, i, side="right")]
        )
        overlaps = (whole[begin:i] == whole[i]).sum(axis=1)
        assert begin + int((2**overlaps).sum()) <= design.sets


@given(st.integers(1, 10**7), st.integers(2, 60), st.sampled_from([1e-3, 1e-10, 1e-13]))
def test_a_design_takes_no_more_seed_than_is_charged(length: int, size: int, error: float) -> None:
    design = trevisan_design(10**7, length, Fraction(error))
    assert design.sets == length
    assert design.seed <= EXTRACTORS["trevisan"].seed(10**7, length, error)


def test_a_design_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="sets"):
        block_design(0, 2, 3)
    with pytest.raises(InputError, match="size"):
        block_design(5, 4, 3)


# --- Trevisan's extractor --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("inputs", "length", "error"), [(37, 9, 0.25), (200, 40, 1e-2), (1000, 300, 1e-6)])
def test_trevisan_bits_are_those_of_a_direct_computation(inputs: int, length: int, error: float) -> None:
    """Sets, field and parity written out bit by bit."""
    design = trevisan_design(inputs, length, Fraction(error))
    degree = design.size // 2
    assert 2**degree >= inputs * (2 * length / error) ** 2 > 2 ** (degree - 1)
    raw, seed = random_bits(inputs), random_bits(design.seed + 3)
    reduce = sum(1 << exponent for exponent in modulus(degree)) | 1 << degree

    def times(a: int, b: int) -> int:
        total = 0
        for i in range(degree):
            total ^= (b >> i & 1) * a
            a <<= 1
            a ^= reduce * (a >> degree)
        return total

    pieces = [to_integer(raw[start : start + degree]) for start in range(0, inputs, degree)]
    expected = []
    block, rank = 0, 0
    for _ in range(length):
        if rank == design.blocks[block]:
            block, rank = block + 1, 0
        digits, rest = [], rank
        while rest:
            rest, digit = divmod(rest, design.field)
            digits.append(digit)
        places = [
            block * design.field**2 + u * design.field + sum(c * u**k for k, c in enumerate(digits)) % design.field
            for u in range(design.size)
        ]
        mine = [int(seed[place]) for place in places]
        alpha = sum(bit << i for i, bit in enumerate(mine[:degree]))
        value, power = 0, 1
        for piece in pieces:
            value ^= times(piece, power)
            power = times(power, alpha)
        expected.append(sum(value >> i & bit for i, bit in enumerate(mine[degree:])) % 2)
        rank += 1
    assert trevisan(raw, seed, design).tolist() == expected


def test_one_trevisan_bit_is_fair_for_two_different_inputs() -> None:
    """The code has distance near 1/2: over all seeds of one bit, two inputs differ in 1/2 of them, within 2^-l n/l."""
    degree, raw = 4, np.array([1, 0, 1, 1, 0, 0, 1, 0, 1], dtype=np.uint8)
    design = BlockDesign(11, 2 * degree, (1,))
    places = design.indices(0, 1)[0]
    agree = 0
    for number in range(4**degree):
        seed = np.zeros(design.seed, dtype=np.uint8)
        seed[places] = from_integer(number, 2 * degree)
        agree += 1 - int(trevisan(raw, seed, design)[0])
    pieces = math.ceil(len(raw) / degree)
    assert abs(agree / 4**degree - 1 / 2) <= (pieces - 1) / 2 ** (degree + 1)


def test_a_seed_that_is_too_short_is_refused() -> None:
    with pytest.raises(InputError, match="seed: expected 121 bits; found 120"):
        trevisan(random_bits(9), random_bits(120), BlockDesign(11, 8, (1,)))


# --- the door --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["trevisan", "toeplitz", "circulant"])
def test_extract_takes_the_seed_that_is_charged(name: str) -> None:
    raw = random_bits(500)
    size = seed_length(name, 500, 60, 1e-6)
    assert len(extract(raw, random_bits(size), 60, extractor=name, error=1e-6)) == 60
    for wrong in (size - 1, size + 1):
        with pytest.raises(InputError, match=f"seed: expected {size} bits"):
            extract(raw, random_bits(wrong), 60, extractor=name, error=1e-6)


def test_extract_refuses_what_it_cannot_do() -> None:
    with pytest.raises(UnknownNameError, match="toeplitz"):
        extract([0, 1], [0], 1, extractor="toplitz")
    for length in (0, 3):
        with pytest.raises(InputError, match="length: expected from 1 to 2"):
            extract([0, 1], [0], length)
    with pytest.raises(InputError, match="error"):
        extract([0, 1], [0, 1], 1, error=1)


def test_published_sizes() -> None:
    assert seed_length("trevisan", 1_500_000, 95_884, 1e-13) == 1_201_886
    assert seed_length("toeplitz", 1_500_000, 391_651, 1e-10) == 1_891_650


@pytest.mark.parametrize(
    ("name", "digest"),
    [("trevisan", "075b8e7edd5fb8e4"), ("toeplitz", "7b65ebba25a0cfde"), ("circulant", "9193e27cde7be13f")],
)
def test_bits_stay_what_they_are(name: str, digest: str) -> None:
    """Two hosts with different releases must make the same key."""
    stream = np.unpackbits(np.frombuffer(hashlib.shake_256(b"keybounds").digest(4000), dtype=np.uint8))
    raw, seed = stream[:2000], np.tile(stream, 10)[: seed_length(name, 2000, 100, 1e-9)]
    key = extract(raw, seed, 100, extractor=name, error=1e-9)
    assert hashlib.sha256(np.packbits(key).tobytes()).hexdigest()[:16] == digest
