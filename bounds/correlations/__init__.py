"""Bounds on the key of a table P(a,b|x,y): entropies by moment relaxations, explicit attacks, what needs neither."""
