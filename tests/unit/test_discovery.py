"""Whom a page links to: each once, never its owner or the account, in the spelling that finds them again."""

from hypothesis import given
from hypothesis import strategies as st

from overture.providers.linkedin_browser.discovery import Discovery, name_in
from overture.providers.linkedin_browser.identity import Identity
from overture.touchpoints import ProfileLink

OWNER_ID, ME_ID, OTHER_ID = (
    "ACoAADWk6xQBlT2e9iqTzUCiizNuNmh5kF4RJiQ",
    "ACoAADWk6QEBEoqhx_o-vtQuucEehcVnIZdLsn8",
    "ACoAADWk67ABReYFcLX8GE6eCCmYKXqOcNrrG3I",
)


def discovery() -> Discovery:
    owner = Identity(OWNER_ID, 900000532, "prisca-hollowell-sbx", "Prisca Hollowell", "Prisca")
    return Discovery(owner, frozenset((ME_ID, "mira-oxbow-sbx")))


def slugs(links: list[ProfileLink]) -> list[str | None]:
    return [link.public_identifier or link.profile_id for link in links]


def test_each_person_once_without_owner_account_and_me() -> None:
    found = discovery()
    paths = [
        "/in/Jonas-Fernweh-sbx/",
        "/in/jonas-fernweh-sbx/overlay/contact-info/",
        "/in/me/",
        "/in/Prisca-Hollowell-SBX/",
        f"/in/{OWNER_ID}/",
        "/in/mira-oxbow-sbx",
        f"/in/{ME_ID}",
        f"/in/{OTHER_ID}/",
        "/in/j%C3%B6rg-m/",
        "/company/in/",
        "/in/",
        "/in/unavailable/",
    ]
    found.take({"path": path, "beside": False} for path in paths)

    people = found.found()
    assert slugs(people.mentioned) == ["jonas-fernweh-sbx", OTHER_ID, "jörg-m"]
    assert people.mentioned[1] == ProfileLink(profile_id=OTHER_ID)
    assert people.other_cards == []


def test_somebody_mentioned_is_not_counted_beside_as_well() -> None:
    found = discovery()
    found.take([{"path": "/in/one-a/", "beside": True}, {"path": "/in/two-b/", "beside": True}])
    found.take([{"path": "/in/ONE-A/", "beside": False}])

    assert slugs(found.found().mentioned) == ["one-a"]
    assert slugs(found.found().other_cards) == ["two-b"]


def test_a_page_with_very_many_links_is_cut_off_and_says_so() -> None:
    found = discovery()
    found.take({"path": f"/in/person-{number}/", "beside": False} for number in range(201))

    assert len(found.found().mentioned) == 200
    assert found.found().truncated


@given(st.text(max_size=60))
def test_any_path_is_read_or_refused(text: str) -> None:
    name = name_in(f"/in/{text}")

    assert name is None or "/" not in name
