"""From a rate to bits: reconciliation, extraction, authentication, and the two parties' run.

Lengths and costs come from `keybounds.bounds`; what is here does what they count.
"""

from keybounds.postprocessing.authentication import HashSeed, KeyPool, authenticate, is_authentic
from keybounds.postprocessing.extraction import extract, seed_length
from keybounds.postprocessing.reconciliation import CoupledCode, PolarCode, reconcile
from keybounds.postprocessing.run import (
    Agreement,
    Alice,
    Bob,
    Party,
    Records,
    SimulatedRate,
    SimulatedRun,
    simulate,
    simulate_photonic,
)

__all__ = [
    "Agreement",
    "Alice",
    "Bob",
    "CoupledCode",
    "HashSeed",
    "KeyPool",
    "Party",
    "PolarCode",
    "Records",
    "SimulatedRate",
    "SimulatedRun",
    "authenticate",
    "extract",
    "is_authentic",
    "reconcile",
    "seed_length",
    "simulate",
    "simulate_photonic",
]
