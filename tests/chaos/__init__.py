"""Chaos: workers and their database are killed at any instant; the world's ledger says what came of it."""
