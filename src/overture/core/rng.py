"""Chance as a port: keyed streams, so that a draw depends on its key and not on who drew before."""

import hashlib
import random
import secrets


class Rng:
    """A seed and the independent streams that grow from it."""

    def __init__(self, seed: bytes | None = None) -> None:
        self._seed = seed if seed is not None else secrets.token_bytes(32)
        self._sequence = self.stream("sequence")

    def stream(self, *key: object) -> random.Random:
        """The random stream of this key: the same for the same seed, whatever the order of calls."""
        material = "\x1f".join(str(part) for part in key).encode()
        digest = hashlib.blake2b(material, key=self._seed[:64], digest_size=16).digest()
        return random.Random(int.from_bytes(digest))

    def bits(self, count: int) -> int:
        """The next `count` bits of the one unkeyed sequence (for ids)."""
        return self._sequence.getrandbits(count)
