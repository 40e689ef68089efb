"""The service's own identifiers, and the different names one person has in each of LinkedIn's products."""

import hashlib
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final, Literal

Product = Literal["classic", "sales_navigator", "recruiter"]
MARKS: Final[dict[Product, int]] = {"classic": 0x2A, "sales_navigator": 0x2C, "recruiter": 0x43}
"""The second byte of an id: what makes it begin with `ACo`, `ACw` or `AEM`."""
MEMBER_ID: Final = re.compile(r"A[A-Z][a-zA-Z]A[A-Za-z0-9_-]{35}\Z")


def unipile_id(*parts: str) -> str:
    """Twenty-two characters that stand for something of one account."""
    digest = hashlib.sha256("|".join(parts).encode()).digest()[:16]
    return urlsafe_b64encode(digest).decode().rstrip("=")


def id_in(product: Product, classic: str) -> str:
    """What a product calls somebody: the same number inside, another beginning and another end."""
    if product == "classic":
        return classic
    raw = urlsafe_b64decode(classic + "=")
    tail = hashlib.sha1(f"{product}|{classic}".encode(), usedforsecurity=False).digest()
    made = bytes((raw[0], MARKS[product])) + raw[2:9] + tail
    return urlsafe_b64encode(made).decode().rstrip("=")


def number_in(member_id: str) -> int | None:
    """The member number an id of any product holds; None if it is no such id."""
    if MEMBER_ID.match(member_id) is None:
        return None
    raw = urlsafe_b64decode(member_id + "=")
    return int.from_bytes(raw[2:8], "big") if raw[1] in MARKS.values() else None


def product_of(member_id: str) -> Product | None:
    """The product an id comes from."""
    if MEMBER_ID.match(member_id) is None:
        return None
    mark = urlsafe_b64decode(member_id + "=")[1]
    return next((product for product, one in MARKS.items() if one == mark), None)
