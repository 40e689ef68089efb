"""A small pretend internet that behaves like the real services, and remembers what was true."""
