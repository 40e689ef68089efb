"""Names that mean nothing: class names that change with every start, ids that change with every page."""

from base64 import b64encode
from hashlib import sha256
from random import Random
from secrets import token_hex
from uuid import UUID


class Looks:
    """The class names of one running site; a restart is a deploy and changes them all."""

    def __init__(self, build: str | None = None) -> None:
        self.build = build or token_hex(6)

    def name(self, meaning: str) -> str:
        """The class name that stands for this look in this build, such as `_3b95fb24`."""
        return "_" + sha256(f"{self.build}|{meaning}".encode()).hexdigest()[:8]


class PageIds:
    """The ids one drawing of a page gives to its elements."""

    def __init__(self) -> None:
        self._rng = Random(token_hex(8))
        self._ember = self._rng.randrange(20, 60)

    def ember(self) -> str:
        """The next element id of an Ember page: `ember` and a growing number."""
        self._ember += self._rng.randrange(1, 4)
        return f"ember{self._ember}"

    def uuid(self) -> str:
        """A random component key."""
        return str(UUID(int=self._rng.getrandbits(128), version=4))

    def tracking(self) -> str:
        """Sixteen bytes in base64, as pages name their own drawing."""
        return b64encode(self._rng.randbytes(16)).decode()
