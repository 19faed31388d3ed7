"""The two parties' run: what they agree on, the frames they exchange, and a run on simulated devices."""

from keybounds.postprocessing.run.agreement import Agreement
from keybounds.postprocessing.run.frames import Kind, ProtocolError
from keybounds.postprocessing.run.party import Alice, Bob, Party, Records, State
from keybounds.postprocessing.run.simulation import SimulatedRun, exchange, sampled, simulate

__all__ = [
    "Agreement",
    "Alice",
    "Bob",
    "Kind",
    "Party",
    "ProtocolError",
    "Records",
    "SimulatedRun",
    "State",
    "exchange",
    "sampled",
    "simulate",
]
