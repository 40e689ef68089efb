"""A deterministic simulation: the real product on the real database, in a world made of chance and a seed."""
