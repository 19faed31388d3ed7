"""Column generation: ceilings from explicit mixtures of strategies that reproduce a table P(a,b|x,y)."""
