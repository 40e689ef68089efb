"""Providers: one folder per outside world, each with a session and one handler file per touchpoint."""
