"""What a bound speaks about, and the order that says which bounds may be compared.

A `Scope` names a thing, a quantity and a class of protocols. Where the quantity is a *best rate* over that class, a
wider class has a greater one: if every protocol of scope `L` is also one of scope `U`, then rate(L) <= rate(U), so that
a lower bound for `L` may be held against an upper bound for `U`. An entropy is no best rate. H(Â|E) is the least over
all devices with the given statistics, so it grows with what is known of them and falls with what the adversary may do,
and with nothing else: at another preprocessing or another discussion it is another number. H(Â|B) is a property of the
table, and compares with nothing. `_ORDER` has this, quantity by quantity.

The parts of a scope, each from narrow to wide:

- thing: equal; or correlations below the state or source whose measurement makes them;
- trust: device-independent, device-dependent;
- devices, for untrusted ones from a channel: what the adversary's devices may use, from more to less;
- adversary: general attacks, collective (iid) attacks;
- statistics the parties may condition on: CHSH value and key error only, the full table P(a,b|x,y);
- protocol: see `keybounds.protocol`.

The private capacities of a channel are the classes `P_0`, `P_1` and `P_2`: no, one-way and any public communication of
the parties. Their device-independent versions are further told apart by a `DeviceClass`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from keybounds.errors import InputError
from keybounds.protocol import Discussion, Protocol
from keybounds.thing import Thing


class Quantity(Enum):
    """What is bounded."""

    KEY_RATE = "secret-key rate"
    CONDITIONAL_ENTROPY = "entropy of Alice's key symbol given the adversary"
    RECONCILIATION = "entropy of Alice's key symbol given Bob's outcome"
    DISTILLABLE_ENTANGLEMENT = "distillable entanglement"
    QUANTUM_CAPACITY = "quantum capacity"

    @property
    def best_rate(self) -> bool:
        """Whether it is the greatest rate of a class of protocols, so that a wider class has no smaller one."""
        return self not in (Quantity.CONDITIONAL_ENTROPY, Quantity.RECONCILIATION)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a bound speaks about; see the module for the order.

    Attributes
    ----------
    thing
        The state, channel, link or table.
    devices
        The adversary's devices, for the device-independent capacities of channels; else None.

    Raises
    ------
    InputError
        Devices without device independence, a quantum capacity of untrusted devices, or completed rounds where there
        are none: of a state, a channel or trusted devices.
    """

    thing: Thing
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
        if self.protocol.discussion is Discussion.COMPLETED_ROUNDS and (
            self.trust is Trust.DEVICE_DEPENDENT or self.thing.kind in ("state", "channel", "source")
        ):
            raise InputError(
                "protocol", f"a class without completed rounds, for a {self.thing.kind} has none", str(self.protocol)
            )

    def within(self, other: Scope) -> bool:
        """Whether the quantity of this scope is at most that of `other`, by the classes alone."""
        wider = _ORDER.get((self.quantity, other.quantity))
        if wider is None:
            return False
        return all(
            holds(self, other) if name in wider else getattr(self, name) == getattr(other, name)
            for name, holds in _WITHIN.items()
        )

    @property
    def words(self) -> str:
        """For one line: collective attacks and full correlations go without saying."""
        trust = "untrusted" if self.trust is Trust.DEVICE_INDEPENDENT else "trusted"
        parts = [f"{trust} devices", str(self.protocol)]
        if self.adversary is not Adversary.COLLECTIVE:
            parts.append(self.adversary.value)
        return ", ".join(parts + self._particulars())

    def __str__(self) -> str:
        return ", ".join([self.trust.value, str(self.protocol), self.adversary.value, *self._particulars()])

    def _particulars(self) -> list[str]:
        parts = [f"against {self.devices}"] if self.devices is not None else []
        return parts + ([f"from {self.statistics.value}"] if self.statistics is not Statistics.FULL else [])

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; enum members by their text."""
        document = {
            "thing": self.thing.to_dict(),
            "trust": self.trust.value,
            "protocol": self.protocol.to_dict(),
            "quantity": self.quantity.value,
            "statistics": self.statistics.value,
            "adversary": self.adversary.value,
        }
        if self.devices is not None:
            document["devices"] = {
                "communication": self.devices.communication.value,
                "memory": self.devices.memory.value,
            }
        return document

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Scope:
        """Read what `to_dict` writes."""
        devices = document.get("devices")
        return cls(
            thing=Thing.from_dict(document["thing"]),
            trust=Trust(document["trust"]),
            protocol=Protocol.from_dict(document["protocol"]),
            quantity=Quantity(document["quantity"]),
            statistics=Statistics(document["statistics"]),
            adversary=Adversary(document["adversary"]),
            devices=None
            if devices is None
            else DeviceClass(DeviceCommunication(devices["communication"]), DeviceMemory(devices["memory"])),
        )


def _devices_within(mine: Scope, other: Scope) -> bool:
    if other.trust is Trust.DEVICE_DEPENDENT or mine.devices == other.devices:
        return True
    return mine.devices is not None and other.devices is not None and mine.devices.within(other.devices)


_WITHIN: dict[str, Callable[[Scope, Scope], bool]] = {
    "thing": lambda mine, other: mine.thing.within(other.thing),
    "trust": lambda mine, other: mine.trust.within(other.trust),
    "devices": _devices_within,
    "adversary": lambda mine, other: mine.adversary.within(other.adversary),
    "statistics": lambda mine, other: mine.statistics.within(other.statistics),
    "protocol": lambda mine, other: mine.protocol.within(other.protocol),
}
"""Each part of a scope with its own order."""

_BEST_RATE = frozenset(_WITHIN)
_KEY, _EBITS, _QUBITS = Quantity.KEY_RATE, Quantity.DISTILLABLE_ENTANGLEMENT, Quantity.QUANTUM_CAPACITY

_ORDER: dict[tuple[Quantity, Quantity], frozenset[str]] = {
    (_KEY, _KEY): _BEST_RATE,
    (_EBITS, _EBITS): _BEST_RATE,
    (_QUBITS, _QUBITS): _BEST_RATE,
    (_EBITS, _KEY): _BEST_RATE,  # every protocol that makes entanglement makes key of it
    (_QUBITS, _KEY): _BEST_RATE,
    (Quantity.CONDITIONAL_ENTROPY, Quantity.CONDITIONAL_ENTROPY): frozenset({"adversary", "statistics"}),
}
"""For two quantities that compare: the parts of the scope that may widen; the others must be equal."""
