"""Separable states near a given state: explicit ensembles, their search, and the certified cost of one of them.

The search is ordinary floating-point optimisation and nothing rests on it; `certified_divergence` bounds the cost of
whatever ensemble it ends with, and an ensemble of product vectors is separable by construction.
"""

from keybounds.bounds.state.separable.ensemble import ProductEnsemble
from keybounds.bounds.state.separable.evaluation import certified_divergence
from keybounds.bounds.state.separable.search import Search, nearest_separable
from keybounds.bounds.state.separable.twirl import Twirl
from keybounds.bounds.state.separable.witness import witness_gap

__all__ = ["ProductEnsemble", "Search", "Twirl", "certified_divergence", "nearest_separable", "witness_gap"]
