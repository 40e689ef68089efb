"""The whole name of a person, which follows its parts."""

from collections.abc import Mapping
from typing import Final

from overture.people.keys import words_of

PARTS: Final = ("first_name", "last_name")


def following(had: Mapping[str, str | None], changed: Mapping[str, str | None]) -> dict[str, str]:
    """The whole name, perhaps empty, if it was made of the parts that change, or there was none."""
    whole, before = had.get("full_name") or "", joined(had)
    if whole and (changed.keys().isdisjoint(PARTS) or sorted(words_of(whole)) != sorted(words_of(before))):
        return {}
    after = joined({part: changed.get(part, had.get(part)) for part in PARTS})
    return {"full_name": after} if after != whole else {}


def joined(of: Mapping[str, str | None]) -> str:
    """First and last name in one."""
    return " ".join(filter(None, (of.get(part) for part in PARTS)))
