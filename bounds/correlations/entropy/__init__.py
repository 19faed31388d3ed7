"""The entropy of Alice's key symbol given Eve, from the full correlations: problem, solution, proof."""
