"""The order of channel scopes: wrong, it would hold a key rate against a ceiling that is none on key."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from keybounds.bounds import (
    P_0,
    P_1,
    P_2,
    DeviceClass,
    DeviceCommunication,
    DeviceMemory,
    Protocol,
    Quantity,
    Scope,
    Trust,
    comparable,
    one_way,
    two_way,
)
from keybounds.bounds.lower import channel_hashing, ppt_channel_rate
from keybounds.bounds.scope import Discussion
from keybounds.bounds.upper import channel_transpose_bound, ppt_channel_ceiling, ppt_channel_quantum_ceiling
from keybounds.channels.families import depolarizing_choi
from keybounds.errors import InputError
from keybounds.states import PPTPrivateFamily

DEVICES = [DeviceClass(c, m) for c, m in product(DeviceCommunication, DeviceMemory)]
TRUSTED = [
    Scope(subject="s", trust=Trust.DEVICE_DEPENDENT, protocol=p, quantity=q)
    for p, q in product((P_0, P_1, P_2, one_way(noise=0.1)), (Quantity.KEY_RATE, Quantity.QUANTUM_CAPACITY))
]
UNTRUSTED = [
    Scope(subject="s", trust=Trust.DEVICE_INDEPENDENT, protocol=p, devices=d)
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
    assert not P_0.within(one_way(noise=0.1)), "a fixed preprocessing is another class"
    assert not P_0.within(one_way((0, 2)))
    assert one_way() == P_1
    with pytest.raises(InputError, match=r"^key: expected no key setting where the discussion is none"):
        Protocol(Discussion.NONE, (0, 1))


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
    trusted = Scope(subject="s", trust=Trust.DEVICE_DEPENDENT, protocol=P_2)
    for scope in UNTRUSTED:
        assert scope.within(trusted)
        assert not trusted.within(scope)


def test_unspecified_devices_compare_with_no_class() -> None:
    unspecified = Scope(subject="s", trust=Trust.DEVICE_INDEPENDENT, protocol=P_2)
    specified = replace(unspecified, devices=DeviceClass())
    assert not unspecified.within(specified)
    assert not specified.within(unspecified)


def test_a_key_ceiling_bounds_quantum_capacity_and_never_the_reverse() -> None:
    key = Scope(subject="s", trust=Trust.DEVICE_DEPENDENT, protocol=P_2)
    quantum = replace(key, quantity=Quantity.QUANTUM_CAPACITY)
    assert quantum.within(key)
    assert not key.within(quantum)
    assert not quantum.within(replace(key, quantity=Quantity.CONDITIONAL_ENTROPY))


def test_scopes_without_a_meaning_are_refused() -> None:
    with pytest.raises(InputError, match=r"^devices"):
        Scope(subject="s", trust=Trust.DEVICE_DEPENDENT, protocol=P_2, devices=DeviceClass())
    with pytest.raises(InputError, match=r"^trust"):
        Scope(subject="s", trust=Trust.DEVICE_INDEPENDENT, protocol=P_2, quantity=Quantity.QUANTUM_CAPACITY)


def test_text_and_plain_data_name_the_devices() -> None:
    scope = Scope(
        subject="s",
        trust=Trust.DEVICE_INDEPENDENT,
        protocol=P_2,
        devices=DeviceClass(DeviceCommunication.ONE_WAY, DeviceMemory.MEMORY),
    )
    assert str(scope) == (
        "device-independent, any, collective attacks, against devices with memory, one-way communication"
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
    hashing = channel_hashing(depolarizing_choi(0.1), subject=ceiling.scope.subject)
    assert comparable(hashing, ceiling)
