"""The list of sent invitations, page by page: it only counts as whole when nobody can have been missed."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from overture.core.clock import ManualClock
from overture.core.errors import Failure, NeedsHuman
from overture.providers.linkedin_browser.voyager.client import VoyagerClient
from overture.providers.linkedin_browser.voyager.members import (
    MOST_SENT_PAGES,
    SENT_COUNT,
    SentInvitations,
    read_all_sent_invitations,
)


class Strict:
    """Nothing here is about the session."""

    def session_expired(self) -> Failure:
        """Not to be met."""
        return NeedsHuman("login", "not to be met")

    def challenged(self, path: str) -> Failure:
        """Not to be met."""
        return NeedsHuman("pin", path)


@dataclass
class Site:
    """A list of so many invitations at each request, the last size stays; it may not say how many."""

    sizes: Sequence[int]
    tells: bool = True
    says_more: int = 0
    asked: list[int] = field(default_factory=list)

    async def cookie(self, name: str) -> str | None:  # noqa: ARG002
        """None are needed."""
        return None

    async def evaluate(self, script: str, argument: object) -> object:  # noqa: ARG002
        """The page that is asked for."""
        assert isinstance(argument, list)
        found = re.search(r"start=(\d+)&count=(\d+)", argument[0])
        assert found is not None
        start, count = int(found[1]), int(found[2])
        size = self.sizes[min(len(self.asked), len(self.sizes) - 1)]
        self.asked.append(start)
        numbers = range(size)[start : start + count]  # the newest is gone when there is one less
        data: dict[str, object] = {"*elements": [f"view:{size - number}" for number in numbers]}
        if self.tells:
            data["paging"] = {"total": size + self.says_more}
        included = [row for number in numbers for row in rows_of(size - number)]
        text = json.dumps({"data": data, "included": included})
        return {"status": 200, "path": "", "type": "application/json", "date": "", "retry": "", "text": text}


def rows_of(number: int) -> list[dict[str, str]]:
    """One invitation, by its number from the oldest on."""
    invitation = f"urn:li:fs_relInvitation:{number}"
    return [
        {"entityUrn": f"view:{number}", "*invitation": invitation},
        {"entityUrn": invitation, "*toMember": f"urn:li:fs_miniProfile:ACoAA{number}"},
    ]


async def read(site: Site, pages: int = 1000) -> SentInvitations:
    """The list as it is read while there is time for so many pages."""
    left = pages

    async def may_go_on() -> bool:
        nonlocal left
        left -= 1
        return left >= 0

    clock = ManualClock(datetime(2026, 3, 2, tzinfo=UTC))
    client = VoyagerClient(site, Strict(), clock, timedelta(seconds=5))
    return await read_all_sent_invitations(client, may_go_on)


@pytest.mark.parametrize("size", [0, 1, SENT_COUNT, SENT_COUNT + 1, 3 * SENT_COUNT])
@pytest.mark.parametrize("tells", [True, False])
async def test_all_of_it_is_read(size: int, tells: bool) -> None:
    found = await read(Site([size], tells))

    assert found.is_complete
    assert len({one.profile_id for one in found.items}) == len(found.items) == size


@pytest.mark.parametrize(
    ("site", "pages"),
    [
        (Site([250, 249]), 1000),  # somebody answered between two pages: those behind moved up
        (Site([150, 151]), 1000),  # somebody was invited, and is on the page that was read before
        (Site([250], says_more=3), 1000),
        (Site([250]), 2),
        (Site([(MOST_SENT_PAGES + 1) * SENT_COUNT]), 1000),
    ],
    ids=["shrinks", "grows", "short", "out_of_time", "endless"],
)
async def test_a_list_in_which_somebody_may_be_missing_is_not_complete(site: Site, pages: int) -> None:
    found = await read(site, pages)

    assert not found.is_complete
    assert len(site.asked) <= MOST_SENT_PAGES
