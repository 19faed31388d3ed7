"""What a bound speaks about, and the order that says which bounds may be compared.

A `Scope` names a class of protocols, and with it the best rate that class reaches. If every protocol of scope `L` is
also one of scope `U`, then rate(L) <= rate(U); so a lower bound for `L` may be held against an upper bound for `U`, and
against no other. Each part of a scope has its own order, from narrow to wide:

- subject: equal or incomparable;
- quantity: equal or incomparable, but for quantum capacity and distillable entanglement, which lie within key: every
  protocol that makes entanglement makes key of it. So a key ceiling is one on these, and never the other way round;
- trust: device-independent, device-dependent;
- devices, for untrusted ones from a channel: what the adversary's devices may use, from more to less;
- adversary: general attacks, collective (iid) attacks;
- statistics the parties may condition on: CHSH value and key error only, the full table P(a,b|x,y);
- protocol: no public discussion, one-way from one key setting with fixed preprocessing, two-way on one announced key
  setting, any public discussion; of the outcomes of untrusted devices, once both sides of a round have been used.

The private capacities of a channel are the classes `P_0`, `P_1` and `P_2`, without a key setting: no, one-way and any
public communication of the parties. Their device-independent versions are further told apart by a `DeviceClass`.
"""

from __future__ import annotations

import operator
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from keybounds.errors import InputError, real_number


class Quantity(Enum):
    """What is bounded."""

    KEY_RATE = "secret-key rate"
    CONDITIONAL_ENTROPY = "entropy of Alice's key symbol given the adversary"
    RECONCILIATION = "entropy of Alice's key symbol given Bob's outcome"
    DISTILLABLE_ENTANGLEMENT = "distillable entanglement"
    QUANTUM_CAPACITY = "quantum capacity"

    def within(self, other: Quantity) -> bool:
        """Whether this quantity never exceeds `other`, all else being equal."""
        makes_key = (Quantity.QUANTUM_CAPACITY, Quantity.DISTILLABLE_ENTANGLEMENT)
        return self is other or (self in makes_key and other is Quantity.KEY_RATE)


class _Ordered(Enum):
    """An enum whose members are listed from the narrow class of protocols to the wide one."""

    def within(self, other: _Ordered) -> bool:
        """Whether this class is contained in `other`."""
        members = list(type(self))
        return members.index(self) <= members.index(other)


class Trust(_Ordered):
    """Whether the protocol relies on knowing the devices."""

    DEVICE_INDEPENDENT = "device-independent"
    DEVICE_DEPENDENT = "device-dependent"


class Adversary(_Ordered):
    """The attacks against which the rate must hold; security against more attacks is the narrower class."""

    GENERAL = "general attacks"
    COLLECTIVE = "collective attacks"


class Statistics(_Ordered):
    """What the parties' security rests on: the narrow class uses two numbers of the table, the wide one all of it."""

    CHSH_AND_ERROR = "CHSH value and key error"
    FULL = "full correlations"


class DeviceCommunication(_Ordered):
    """The public communication that the adversary's devices may use to make the states they measure."""

    TWO_WAY = "two-way"
    ONE_WAY = "one-way"
    NONE = "none"


class DeviceMemory(_Ordered):
    """Whether the adversary's devices may remember earlier uses of the channel."""

    MEMORY = "memory"
    IID = "iid"


@dataclass(frozen=True, slots=True)
class DeviceClass:
    """The devices against which a device-independent capacity of a channel must hold (christandl2021).

    The more they may do, the narrower the class of protocols that withstand them, and the lower the capacity. A ceiling
    for the weakest devices, iid ones without communication, is therefore one for every class.
    """

    communication: DeviceCommunication = DeviceCommunication.NONE
    memory: DeviceMemory = DeviceMemory.IID

    def within(self, other: DeviceClass) -> bool:
        """Whether security against these devices implies security against `other`."""
        return self.communication.within(other.communication) and self.memory.within(other.memory)

    def __str__(self) -> str:
        communication = "no" if self.communication is DeviceCommunication.NONE else self.communication.value
        memory = "iid devices" if self.memory is DeviceMemory.IID else "devices with memory"
        return f"{memory}, {communication} communication"


class Discussion(_Ordered):
    """The public discussion that turns outputs into key."""

    NONE = "none"
    ONE_WAY = "one-way"
    TWO_WAY = "two-way"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Protocol:
    """A class of protocols: the discussion, the key setting it announces, and its fixed preprocessing.

    Attributes
    ----------
    discussion
        NONE, ONE_WAY from Alice to Bob, TWO_WAY on the outputs of one announced key setting, or ANY.
    key
        The key setting (x, y), counted from 0; None for NONE and ANY and for states and channels, which have no
        settings.
    noise
        Noisy preprocessing: the probability q in [0, 1/2] with which Alice flips her key bit (ONE_WAY only).
    keep
        Post-selection: the probability p in (0, 1] with which a party keeps a no-click, outcome 1 (ONE_WAY only).
    """

    discussion: Discussion
    key: tuple[int, int] | None = None
    noise: float = 0.0
    keep: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", _setting_pair(self.key))
        object.__setattr__(self, "noise", real_number("noise", self.noise))
        object.__setattr__(self, "keep", real_number("keep", self.keep))
        if not 0.0 <= self.noise <= 0.5:
            raise InputError("noise", "a flip probability in [0, 1/2]", repr(self.noise))
        if not 0.0 < self.keep <= 1.0:
            raise InputError("keep", "a keeping probability in (0, 1]", repr(self.keep))
        if self.discussion in (Discussion.NONE, Discussion.ANY) and self.key is not None:
            raise InputError("key", f"no key setting where the discussion is {self.discussion.value}", repr(self.key))
        if self.discussion is not Discussion.ONE_WAY and (self.noise, self.keep) != (0.0, 1.0):
            raise InputError("discussion", "ONE_WAY where preprocessing is fixed", self.discussion.value)

    def within(self, other: Protocol) -> bool:
        """Whether every protocol of this class is one of `other`.

        ONE_WAY(key, noise, keep) is in TWO_WAY(key), which is in ANY; NONE is in each that has neither key setting nor
        preprocessing; classes of two different key settings or two different preprocessings are incomparable.
        """
        if other.discussion is Discussion.ANY:
            return True
        if not self.discussion.within(other.discussion) or self.key != other.key:
            return False
        return other.discussion is Discussion.TWO_WAY or (self.noise, self.keep) == (other.noise, other.keep)

    def to_dict(self) -> dict[str, Any]:
        """Key setting and preprocessing as plain data, for provenance."""
        return {"key": list(self.key) if self.key else None, "noise": self.noise, "keep": self.keep}

    def __str__(self) -> str:
        parts = [self.discussion.value]
        if self.key is not None:
            parts.append(f"key ({self.key[0]},{self.key[1]})")
        if self.noise:
            parts.append(f"noise {self.noise:g}")
        if self.keep != 1.0:
            parts.append(f"keep {self.keep:g}")
        return " ".join(parts)


def _setting_pair(key: object) -> tuple[int, int] | None:
    """A key setting as a pair of plain integers, so that equal settings are the same class."""
    if key is None:
        return None
    try:
        x, y = (operator.index(part) for part in key)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        x = y = -1
    if x < 0 or y < 0:
        raise InputError("key", "a setting pair (x, y), counted from 0", repr(key))
    return x, y


ANY_PROTOCOL = Protocol(Discussion.ANY)
P_0, P_1, P_2 = Protocol(Discussion.NONE), Protocol(Discussion.ONE_WAY), ANY_PROTOCOL


def one_way(key: tuple[int, int] | None = None, *, noise: float = 0.0, keep: float = 1.0) -> Protocol:
    """Key from one setting, one message from Alice to Bob, preprocessing fixed."""
    return Protocol(Discussion.ONE_WAY, key, noise, keep)


def two_way(key: tuple[int, int] | None = None) -> Protocol:
    """Any public discussion of the outputs of one announced key setting."""
    return Protocol(Discussion.TWO_WAY, key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a bound speaks about; see the module for the order.

    Attributes
    ----------
    subject
        The state, channel or behaviour, named so that two bounds on the same thing carry the same name.
    devices
        The adversary's devices, for the device-independent capacities of channels; else None.

    Raises
    ------
    InputError
        Devices without device independence, or a quantum capacity of untrusted devices.
    """

    subject: str
    trust: Trust
    protocol: Protocol
    quantity: Quantity = Quantity.KEY_RATE
    statistics: Statistics = Statistics.FULL
    adversary: Adversary = Adversary.COLLECTIVE
    devices: DeviceClass | None = None

    def __post_init__(self) -> None:
        if self.trust is Trust.DEVICE_DEPENDENT:
            if self.devices is not None:
                raise InputError("devices", "None where the devices are trusted", str(self.devices))
        elif self.quantity is Quantity.QUANTUM_CAPACITY:
            raise InputError("trust", "trusted devices for a quantum capacity", self.trust.value)

    def within(self, other: Scope) -> bool:
        """Whether rate(self) <= rate(other) follows from the classes alone."""
        return (
            self.subject == other.subject
            and self.quantity.within(other.quantity)
            and self.trust.within(other.trust)
            and self._devices_within(other)
            and self.adversary.within(other.adversary)
            and self.statistics.within(other.statistics)
            and self.protocol.within(other.protocol)
        )

    def _devices_within(self, other: Scope) -> bool:
        if other.trust is Trust.DEVICE_DEPENDENT or self.devices == other.devices:
            return True
        return self.devices is not None and other.devices is not None and self.devices.within(other.devices)

    def __str__(self) -> str:
        parts = [self.trust.value, str(self.protocol), self.adversary.value]
        if self.devices is not None:
            parts.append(f"against {self.devices}")
        if self.statistics is not Statistics.FULL:
            parts.append(f"from {self.statistics.value}")
        return ", ".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; enum members by their text."""

        def plain(value: Any) -> Any:
            if isinstance(value, dict):
                return {name: plain(part) for name, part in value.items()}
            if isinstance(value, tuple):
                return list(value)
            return value.value if isinstance(value, Enum) else value

        document = {name: plain(value) for name, value in asdict(self).items()}
        if self.devices is None:
            del document["devices"]
        return document
