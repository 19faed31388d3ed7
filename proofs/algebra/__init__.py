"""The exact algebra that claims are derived with: dense and sector-wise matrices, monomials, entropies, symbols."""
