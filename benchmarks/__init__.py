"""Benchmarks: each prints ratios against a named baseline of the same run, and one JSON line at the end."""
