"""The order of channel scopes: wrong, it would hold a key rate against a ceiling that is none on key."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from keybounds.bounds import (
    P_0,
    P_1,
    P_2,
    DeviceClass,
    DeviceCommunication,
    DeviceMemory,
    Discussion,
    Protocol,
    Quantity,
    Scope,
    Thing,
    Trust,
    comparable,
    completed_rounds,
    one_way,
    two_way,
)
from keybounds.bounds.channel.scopes import GRID, channel_thing, parametrised_thing, per_channel_use, ppt_thing
from keybounds.bounds.lower import advantage_distillation, channel_hashing, ppt_channel_rate, privacy_squeezing
from keybounds.bounds.upper import (
    channel_transpose_bound,
    depolarizing_ceiling,
    erasure_ceiling,
    max_relative_entropy,
    ppt_channel_ceiling,
    ppt_channel_quantum_ceiling,
)
from keybounds.channels import as_choi, depolarizing
from keybounds.channels.choi import Choi, kraus_arrays
from keybounds.channels.families import dephasing_choi, depolarizing_choi, erasure_choi
from keybounds.errors import ChannelError, InputError
from keybounds.states import PPTPrivateFamily

CHANNEL = Thing.of_numbers("channel", "s", named="s")
DEVICES = [DeviceClass(c, m) for c, m in product(DeviceCommunication, DeviceMemory)]
TRUSTED = [
    Scope(thing=CHANNEL, trust=Trust.DEVICE_DEPENDENT, protocol=p, quantity=q)
    for p, q in product((P_0, P_1, two_way(), P_2), (Quantity.KEY_RATE, Quantity.QUANTUM_CAPACITY))
]
UNTRUSTED = [
    Scope(thing=CHANNEL, trust=Trust.DEVICE_INDEPENDENT, protocol=p, devices=d)
    for p, d in product((P_0, P_1, P_2), (None, *DEVICES))
]
SCOPES = TRUSTED + UNTRUSTED


def test_within_is_a_partial_order() -> None:
    for a in SCOPES:
        assert a.within(a)
        for b in SCOPES:
            if a.within(b) and b.within(a):
                assert a == b
            if a.within(b):
                assert all(a.within(c) for c in SCOPES if b.within(c))


def test_capacities_grow_with_public_communication() -> None:
    assert P_0.within(P_1)
    assert P_1.within(P_2)
    assert P_0.within(two_way())
    assert not P_1.within(P_0)
    assert not P_2.within(P_1)
    assert not P_0.within(one_way((0, 2))), "a class of correlations"
    assert one_way() == P_1
    with pytest.raises(InputError, match=r"^key: expected no key setting for a class with none discussion"):
        Protocol(Discussion.NONE, one_way((0, 1)).settings)


def test_stronger_devices_make_a_narrower_class() -> None:
    weakest = DeviceClass()
    strongest = DeviceClass(DeviceCommunication.TWO_WAY, DeviceMemory.MEMORY)
    for devices in DEVICES:
        assert strongest.within(devices)
        assert devices.within(weakest)
    one = DeviceClass(DeviceCommunication.ONE_WAY, DeviceMemory.IID)
    other = DeviceClass(DeviceCommunication.NONE, DeviceMemory.MEMORY)
    assert not one.within(other)
    assert not other.within(one)


def test_a_ceiling_for_trusted_devices_holds_for_untrusted_ones_of_every_class() -> None:
    trusted = Scope(thing=CHANNEL, trust=Trust.DEVICE_DEPENDENT, protocol=P_2)
    for scope in UNTRUSTED:
        assert scope.within(trusted)
        assert not trusted.within(scope)


def test_unspecified_devices_compare_with_no_class() -> None:
    unspecified = Scope(thing=CHANNEL, trust=Trust.DEVICE_INDEPENDENT, protocol=P_2)
    specified = replace(unspecified, devices=DeviceClass())
    assert not unspecified.within(specified)
    assert not specified.within(unspecified)


def test_a_key_ceiling_bounds_quantum_capacity_and_never_the_reverse() -> None:
    key = Scope(thing=CHANNEL, trust=Trust.DEVICE_DEPENDENT, protocol=P_2)
    quantum = replace(key, quantity=Quantity.QUANTUM_CAPACITY)
    assert quantum.within(key)
    assert not key.within(quantum)
    assert not quantum.within(replace(key, quantity=Quantity.CONDITIONAL_ENTROPY))


def test_scopes_without_a_meaning_are_refused() -> None:
    with pytest.raises(InputError, match=r"^devices"):
        Scope(thing=CHANNEL, trust=Trust.DEVICE_DEPENDENT, protocol=P_2, devices=DeviceClass())
    with pytest.raises(InputError, match=r"^protocol.* has none"):
        Scope(thing=CHANNEL, trust=Trust.DEVICE_INDEPENDENT, protocol=completed_rounds())
    with pytest.raises(InputError, match=r"^trust"):
        Scope(thing=CHANNEL, trust=Trust.DEVICE_INDEPENDENT, protocol=P_2, quantity=Quantity.QUANTUM_CAPACITY)


def test_text_and_plain_data_name_the_devices() -> None:
    scope = Scope(
        thing=CHANNEL,
        trust=Trust.DEVICE_INDEPENDENT,
        protocol=P_2,
        devices=DeviceClass(DeviceCommunication.ONE_WAY, DeviceMemory.MEMORY),
    )
    assert str(scope) == (
        "device-independent, any discussion, collective attacks, against devices with memory, one-way communication"
    )
    assert scope.to_dict()["devices"] == {"communication": "one-way", "memory": "memory"}
    assert "devices" not in replace(scope, devices=None).to_dict()
    assert str(DeviceClass()) == "iid devices, no communication"


def test_the_bounds_on_lambda_pair_as_they_should() -> None:
    family = PPTPrivateFamily(24)
    rate, ceiling = ppt_channel_rate(family), ppt_channel_ceiling(family)
    untrusted, quantum = channel_transpose_bound(family), ppt_channel_quantum_ceiling(family)
    assert comparable(rate, ceiling)
    assert not comparable(rate, untrusted), "trusted key may exceed the device-independent ceiling: that is the gap"
    assert not comparable(rate, quantum), "key through a channel without quantum capacity"
    assert rate.value > untrusted.value > quantum.value == 0
    hashing = channel_hashing(depolarizing_choi(0.1)).about(ceiling.subject)
    assert not comparable(hashing, ceiling), "a label makes nothing comparable"


@pytest.mark.parametrize("d", [2, 3, 16])
def test_one_channel_in_every_form_is_one_thing(d: int) -> None:
    # Else closed forms by parameters would never be held against what the general routines find.
    choi = depolarizing_choi(0.1, d)
    forms = [as_choi(kraus_arrays(choi)), as_choi(depolarizing(0.1, d)), as_choi(choi.matrix, (d, d))]
    ceiling = depolarizing_ceiling(0.1, d)
    assert all(channel_thing(form) == ceiling.scope.thing for form in forms)
    assert ceiling.subject == f"depolarising, p = 0.1, d = {d}"


def test_a_closed_form_compares_with_a_general_routine() -> None:
    assert comparable(channel_hashing(depolarizing(0.1)), depolarizing_ceiling(0.1))
    assert comparable(channel_hashing(kraus_arrays(depolarizing_choi(0.1))), max_relative_entropy(depolarizing(0.1)))
    assert not comparable(channel_hashing(depolarizing(0.1)), depolarizing_ceiling(0.1 + 2.0**-30))


def test_beyond_tabulated_dimensions_the_parameters_tell() -> None:
    assert erasure_ceiling(0.1, 10**6).scope.thing == erasure_ceiling(0.1, 10**6).scope.thing
    others = [erasure_ceiling(0.1, 10**6 + 1), erasure_ceiling(np.nextafter(0.1, 1), 10**6)]
    things = [parametrised_thing(dephasing_choi, 0.1, 17, "dephasing"), *(other.scope.thing for other in others)]
    assert all(thing != erasure_ceiling(0.1, 10**6).scope.thing for thing in things)


def test_dimensions_and_entries_are_part_of_a_channel() -> None:
    choi = erasure_choi(0.1)
    assert channel_thing(choi) != channel_thing(Choi(choi.matrix, (3,), (2,)))
    moved = choi.matrix.copy()
    moved[0, 0] += 2 * GRID
    assert channel_thing(choi) != channel_thing(Choi(moved, choi.inputs, choi.outputs))
    assert channel_thing(choi) == channel_thing(Choi(0.0 - (0.0 - choi.matrix), choi.inputs, choi.outputs))


def test_lambda_is_told_by_its_exact_parameters() -> None:
    assert ppt_thing(PPTPrivateFamily(8, 0.1 + 0.2)) != ppt_thing(PPTPrivateFamily(8, 0.3))
    assert ppt_thing(PPTPrivateFamily(25)) == ppt_thing(PPTPrivateFamily(25, Fraction(1, 6)))
    assert str(ppt_thing(PPTPrivateFamily(10**40))) == f"Λ_{10**40}"
    with pytest.raises(ChannelError, match="equal sectors"):
        ppt_channel_rate(PPTPrivateFamily.sectors(3, 4, 0.45))


def test_two_way_protocols_on_a_state_are_part_of_p2() -> None:
    family = PPTPrivateFamily(24)
    assert per_channel_use(advantage_distillation(family), CHANNEL).scope == Scope(
        thing=CHANNEL, trust=Trust.DEVICE_DEPENDENT, protocol=P_2
    )
    assert per_channel_use(privacy_squeezing(family), CHANNEL).scope.protocol == P_1
