"""Statements as objects, and the small kernel by which they follow from each other.

`terms` (what is written), `propositions` (what is said), `decide` (what a computer settles exactly), `kernel` (facts
and the rules that make them: nothing else does), `statement` (parameters, hypotheses, conclusions) and `printing`.
"""
