"""Ceilings on the capacities of channels."""
