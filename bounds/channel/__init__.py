"""Bounds on the capacities of channels, from below and from above."""
