"""Bounds on the key of a link: what its CHSH value S and its key error rate Q say, and nothing else."""
