"""Under construction in the first commits."""
