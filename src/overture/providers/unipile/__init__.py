"""Unipile as a provider: touchpoints performed through a Unipile workspace instead of our own browser."""
