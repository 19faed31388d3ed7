"""From hardware to correlations: tables P(a,b|x,y), the platforms that produce them, and published data.

`Behaviour` holds a table and checks it; `read_table` reads one from what a laboratory keeps it in; `born` makes one
from a state and measurements; `PhotonicExperiment` and `IonExperiment` model the two platforms; `load` reads a
published data set; `largest_chsh` finds the labelling with the largest CHSH value; `project_no_signalling` makes a
measured table no-signalling, `project_quantum` one that quantum theory may have; `examine_trials` tests a list of
trials for drift.
"""

from keybounds.experiments.behaviour import TSIRELSON, Behaviour
from keybounds.experiments.born import born, qubit_measurement
from keybounds.experiments.datasets import DataSet, Datum, Label, available, load
from keybounds.experiments.intake.reading import Reading, read_table
from keybounds.experiments.ion import BellDiagonalPair, IonExperiment, NoisyPair, PairModel, TomographicPair
from keybounds.experiments.labelling import Labelling, LargestCHSH, largest_chsh
from keybounds.experiments.merging import default_bits, merge_outcomes
from keybounds.experiments.photonic import PairSource, PhotonicExperiment
from keybounds.experiments.projection import Projection, QuantumProjection, project_no_signalling, project_quantum
from keybounds.experiments.tomography import maximum_likelihood_state
from keybounds.experiments.trials import TrialTests, examine_trials

__all__ = [
    "TSIRELSON",
    "Behaviour",
    "BellDiagonalPair",
    "DataSet",
    "Datum",
    "IonExperiment",
    "Label",
    "Labelling",
    "LargestCHSH",
    "NoisyPair",
    "PairModel",
    "PairSource",
    "PhotonicExperiment",
    "Projection",
    "QuantumProjection",
    "Reading",
    "TomographicPair",
    "TrialTests",
    "available",
    "born",
    "default_bits",
    "examine_trials",
    "largest_chsh",
    "load",
    "maximum_likelihood_state",
    "merge_outcomes",
    "project_no_signalling",
    "project_quantum",
    "qubit_measurement",
    "read_table",
]
