"""The two parties' run: what they agree on, the frames they exchange, and a run on simulated devices."""

from keybounds.postprocessing.run.agreement import Agreement
from keybounds.postprocessing.run.frames import Kind, ProtocolError
from keybounds.postprocessing.run.line import await_receipt, connection, converse, send_receipt
from keybounds.postprocessing.run.party import Alice, Bob, Party, Records, State, wrong_tags
from keybounds.postprocessing.run.simulation import (
    SimulatedRun,
    designed,
    exchange,
    sampled,
    save_parties,
    simulate,
)

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
    "await_receipt",
    "connection",
    "converse",
    "designed",
    "exchange",
    "sampled",
    "save_parties",
    "send_receipt",
    "simulate",
    "wrong_tags",
]
