"""Bounds on the key of a bipartite state, from below and from above."""
