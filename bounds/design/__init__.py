"""The design of a photonic experiment: its best operating point, and the least efficiency that gives key."""
