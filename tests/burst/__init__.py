"""Bursts of webhooks against the real receiver, whose processes are killed while they come in."""
