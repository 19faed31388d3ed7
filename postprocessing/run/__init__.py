"""The two parties' run: what they agree on, the frames they exchange, and a run on simulated devices."""

from keybounds.postprocessing.run.agreement import Agreement
from keybounds.postprocessing.run.frames import Kind, ProtocolError
from keybounds.postprocessing.run.line import await_receipt, connection, converse, send_receipt
from keybounds.postprocessing.run.party import Alice, Bob, Party, State
from keybounds.postprocessing.run.photonic import SimulatedRate, simulate_photonic
from keybounds.postprocessing.run.records import Records, check_same_tests
from keybounds.postprocessing.run.simulation import (
    SimulatedRun,
    check_new_folder,
    designed,
    exchange,
    sampled,
    save_agreement,
    save_parties,
    simulate,
)
from keybounds.postprocessing.run.transcript import CheckedTag, RunKeys, Transcript

__all__ = [
    "Agreement",
    "Alice",
    "Bob",
    "CheckedTag",
    "Kind",
    "Party",
    "ProtocolError",
    "Records",
    "RunKeys",
    "SimulatedRate",
    "SimulatedRun",
    "State",
    "Transcript",
    "await_receipt",
    "check_new_folder",
    "check_same_tests",
    "connection",
    "converse",
    "designed",
    "exchange",
    "sampled",
    "save_agreement",
    "save_parties",
    "send_receipt",
    "simulate",
    "simulate_photonic",
]
