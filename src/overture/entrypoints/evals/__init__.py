"""Evaluations: what the product makes of real material, beside what is true."""
