"""Overture: an outreach engine that performs each touchpoint exactly once, and proves it."""
