"""Identifiers with the layout of the real ones, minted from a seed."""

import hashlib
import re
from base64 import b64encode, urlsafe_b64encode
from random import Random
from uuid import UUID

PROFILE_ID = re.compile(r"ACoAA[A-Za-z0-9_-]{34}\Z")


def profile_id(seed: int, number: int) -> str:
    """The 39 characters that name a member: two marker bytes, the number, one more, twenty opaque ones."""
    opaque = hashlib.sha1(f"{seed}|{number}".encode(), usedforsecurity=False).digest()
    raw = b"\x00\x2a" + number.to_bytes(6, "big") + b"\x01" + opaque
    return urlsafe_b64encode(raw).decode().rstrip("=")


def fsd_profile(profile: str) -> str:
    """The URN of a profile in the newer data model."""
    return f"urn:li:fsd_profile:{profile}"


def fsd_invitation(number: int) -> str:
    """The URN of an invitation in the newer data model."""
    return f"urn:li:fsd_invitation:{number}"


def conversation_urn(owner: str, thread: str) -> str:
    """The URN of a thread as seen from one mailbox."""
    return f"urn:li:msg_conversation:({fsd_profile(owner)},{thread})"


def message_urn(owner: str, message: str) -> str:
    """The URN of a message as seen from one mailbox."""
    return f"urn:li:msg_message:({fsd_profile(owner)},{message})"


def compose_option_urn(profile: str) -> str:
    """The URN of "may I write to this person, and how"."""
    return f"urn:li:fsd_composeOption:({profile},NON_SELF_PROFILE_VIEW,EMPTY_CONTEXT_ENTITY_URN)"


class IdMint:
    """Makes every other identifier, in order, from one stream of chance."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._invitations = 7_400_000_000_000_000_000

    def invitation_number(self) -> int:
        """Nineteen digits, more than a JavaScript number can hold, always growing."""
        self._invitations += self._rng.randrange(10**9, 10**12)
        return self._invitations

    def uuid(self) -> UUID:
        """A version 4 UUID."""
        return UUID(int=self._rng.getrandbits(128), version=4)

    def thread_id(self) -> str:
        """The id of a conversation, `2-` and the base64 of `<uuid>_100`."""
        return "2-" + b64encode(f"{self.uuid()}_100".encode()).decode()

    def message_id(self, at_ms: int) -> str:
        """The id of a message: the same layout with its time in front."""
        return (
            "2-"
            + b64encode(f"{at_ms}b{self._rng.randrange(10**5):05d}-0-{self.uuid()}_100".encode()).decode()
        )

    def csrf_token(self) -> str:
        """`ajax:` and nineteen digits."""
        return f"ajax:{self._rng.randrange(10**18, 10**19)}"

    def session_token(self) -> str:
        """An opaque session cookie of the usual length."""
        return "AQED" + urlsafe_b64encode(self._rng.randbytes(111)).decode()

    def secret(self) -> str:
        """The short secret an invitation carries for its receiver."""
        return urlsafe_b64encode(self._rng.randbytes(6)).decode()
