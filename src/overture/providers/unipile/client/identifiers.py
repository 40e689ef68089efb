"""Names of people and posts, out of whatever was pasted."""

import re
from typing import Final
from urllib.parse import quote, unquote, urlsplit

_PROFILE_PATH: Final = re.compile(r"(?:^|/)(?:in|sales/lead|sales/people|talent/profile)/([^/]+)", re.I)
_POST_IN_SLUG: Final = re.compile(r"(activity|ugcPost|share)[-:](\d{15,})", re.IGNORECASE)
_PERSON_IN_URN: Final = re.compile(r"urn:li:\w+:\(?(A[A-Z][A-Za-z0-9_-]{6,})")
_CLASSIC: Final = re.compile(r"A[CD]o[A-Za-z0-9_-]{10,}")


class BadIdentifier(ValueError):
    """This text names nobody and nothing that could be asked for."""


def profile_identifier(text: str) -> str:
    """Who is meant by a profile URL, a URN, a slug or an id: no query, no slash, decoded.

    A query left behind a slug made Unipile answer with another person's profile.
    """
    bare = text.strip().split("?", 1)[0].split("#", 1)[0]
    if found := _PROFILE_PATH.search(urlsplit(bare).path if "://" in bare else bare):
        bare = found.group(1).split(",", 1)[0]  # Sales Navigator appends `,NAME_SEARCH,…`
    elif found := _PERSON_IN_URN.match(bare):
        bare = found.group(1)
    name = unquote(bare).strip().strip("/")
    if not name or "/" in name or name in (".", ".."):
        raise BadIdentifier("this names no profile")
    return name


def post_identifier(text: str) -> str:
    """Which post is meant by a URL, a URN or an id; a URN where it is not an activity."""
    bare = unquote(text.strip())
    if found := _POST_IN_SLUG.search(bare):
        kind, digits = found.groups()
        return digits if kind.lower() == "activity" else f"urn:li:{kind}:{digits}"
    if not bare or re.search(r"[/?#\s]", bare):
        raise BadIdentifier("this names no post")
    return bare


def is_classic_id(identifier: str) -> bool:
    """Whether it is a member id of classic LinkedIn (`ACo…`, lately also `ADo…`), as relations have."""
    return bool(_CLASSIC.fullmatch(identifier))


def path_part(identifier: str) -> str:
    """One identifier as one segment of a path, whatever is in it."""
    if not identifier or identifier in (".", ".."):
        raise BadIdentifier("an empty identifier would ask for something else")
    return quote(identifier, safe=":")
