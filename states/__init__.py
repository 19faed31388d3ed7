"""Families of states as `qutip.Qobj`, their partial transposes and closed forms.

Subsystems are ordered with Alice's first; states with shields are ordered A A' B B' and carry dims
[[2,dA',2,dB'],[2,dA',2,dB']]. All logarithms are base 2. qutip is imported when the first `Qobj` is made.
"""

from keybounds.states.density import density_matrix, to_qobj
from keybounds.states.entropies import relative_entropy, von_neumann_entropy
from keybounds.states.ppt_family import PPTPrivateFamily
from keybounds.states.ppt_private import SeparableEnsemble, complex_hadamard, ppt_private_state, separable_ensemble
from keybounds.states.private import privacy_squeeze, private_bit, twist, untwist
from keybounds.states.symmetric import isotropic, werner
from keybounds.states.transposition import partial_transpose
from keybounds.states.two_qubit import bell_diagonal, bell_state, ion_pair, photonic_pair
from keybounds.states.unequal_sectors import unequal_sector_ensemble, unequal_sector_state

__all__ = [
    "PPTPrivateFamily",
    "SeparableEnsemble",
    "bell_diagonal",
    "bell_state",
    "complex_hadamard",
    "density_matrix",
    "ion_pair",
    "isotropic",
    "partial_transpose",
    "photonic_pair",
    "ppt_private_state",
    "privacy_squeeze",
    "private_bit",
    "relative_entropy",
    "separable_ensemble",
    "to_qobj",
    "twist",
    "unequal_sector_ensemble",
    "unequal_sector_state",
    "untwist",
    "von_neumann_entropy",
    "werner",
]
