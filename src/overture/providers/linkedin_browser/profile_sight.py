"""What a profile page says of its owner and the account: degree and state, from markup alone.

For pages whose JSON is not to be had, and for saved pages. Order of trust: addresses and keys that name the
target, structure, words of the account's language. What none of these shows is unknown, never guessed:
`Message` is on every profile, "1st" is written on strangers' pages too, absence of Connect proves nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import BaseModel, ConfigDict

from overture.core.errors import Failure
from overture.providers.linkedin_browser import profile_words as words
from overture.providers.linkedin_browser.voyager import parse_profile
from overture.touchpoints.profile import Profile

PageState = Literal["connected", "pending", "incoming", "connectable", "follow_first", "unknown"]
PageDegree = Literal[1, 2, 3]

WHOLE_PAGE: Final = 4  # the observer's rung where no card was found
OBSERVER: Final = Path(__file__).with_name("profile_observer.js").read_text(encoding="utf-8")
"""Run in the page with the target's slug (or null): returns the facts of a `ProfilePage`."""


class Control(BaseModel):
    """Something to click in the top card or its open menu."""

    model_config = ConfigDict(frozen=True)

    tag: str
    role: str
    label: str
    inner_label: str
    text: str
    path: str
    key: str
    expands: bool
    disabled: bool
    in_menu: bool
    in_row: bool
    hidden: bool

    @property
    def said(self) -> tuple[str, ...]:
        """Every wording it goes by."""
        return tuple(filter(None, (self.label, self.inner_label, self.text)))


class Mark(BaseModel):
    """A short text with a 1, 2 or 3 in the top card, which may be the degree."""

    model_config = ConfigDict(frozen=True)

    text: str
    whole: str
    twin: bool
    hidden: bool
    after_name: bool
    named: bool


class ProfilePage(BaseModel):
    """The facts `OBSERVER` returns."""

    model_config = ConfigDict(frozen=True)

    lang: str
    name: str
    rung: int
    slugs: list[str]
    has_main: bool
    controls: list[Control]
    items: list[Control]
    marks: list[Mark]
    menu_is_open: bool
    data: list[str]


@dataclass(frozen=True)
class ProfileSight:
    """What the page shows: whose it is, how far away they are, how they stand to the account, and by what."""

    slug: str | None
    degree: PageDegree | None
    state: PageState
    told_by: str


def read_profile_page(seen: Mapping[str, object], slug: str | None = None) -> ProfileSight:
    """The sight in the observer's facts; `slug` is the target when it is known, else the page's own."""
    page = ProfilePage.model_validate(seen)
    owner = unquote(slug or next(iter(page.slugs), "")).lower() or None
    stated = _stated(page.data, owner)
    if stated is not None:
        return stated
    degree = _degree(page.marks)
    state, told_by = _state(page, owner)
    return _together(ProfileSight(owner, degree, state, told_by))


def _together(sight: ProfileSight) -> ProfileSight:
    """Degree and controls checked against each other: a first degree is a connection, and only that is."""
    if sight.state == "connected" and sight.degree in (2, 3):
        return replace(sight, state="unknown", told_by="message_only")
    if sight.state == "connected" or (sight.degree == 1 and sight.state in ("unknown", "follow_first")):
        is_sure = sight.degree == 1 or sight.told_by != "message"
        return replace(sight, degree=1 if is_sure else None, state="connected" if is_sure else "unknown")
    return sight


def _state(page: ProfilePage, slug: str | None) -> tuple[PageState, str]:
    """The first test that holds."""
    shown = [one for one in (*page.controls, *page.items) if not one.hidden or one.in_menu]
    if any("/edit/intro" in one.path or "/edit/forms/intro" in one.path for one in shown):
        return "unknown", "self"
    mine = [one for one in shown if page.rung < WHOLE_PAGE or _names(one, page.name, slug)]
    tests: tuple[tuple[PageState, str | None], ...] = (
        ("incoming", _is_incoming(mine)),
        ("pending", _is_pending(mine, slug)),
        ("connectable", _is_connectable(mine, page.name, slug)),
        ("connected", _is_removable(mine)),
        ("follow_first", _is_followable(mine)),
        ("connected", _has_bell(mine, slug)),
        ("connected", _is_writable(mine)),
    )
    return next(((state, told_by) for state, told_by in tests if told_by), ("unknown", "nothing"))


def _is_incoming(controls: Sequence[Control]) -> str | None:
    """Accept and Ignore, outside any menu."""
    buttons = [one for one in controls if not one.in_menu and one.tag == "button"]
    accepts = [one for one in buttons if any(words.ACCEPT.match(said) for said in one.said)]
    ignores = [one for one in buttons if any(words.IGNORE.match(said) for said in one.said)]
    return "accept_ignore" if accepts and ignores else None


def _is_pending(controls: Sequence[Control], slug: str | None) -> str | None:
    """A key that says so; a labelled link of the action row to the profile itself; or the word."""
    for one in controls:
        if "state:invitation:" in one.key and one.key.rstrip().endswith("_pending"):
            return "invitation_key"
        is_link = one.tag == "a" and one.label and one.in_row and not one.in_menu
        if is_link and slug and _is_profile(one.path, slug):
            return "link_to_self"
        if any(words.PENDING.match(said) for said in (one.label, one.inner_label)) or (
            one.text and words.PENDING.match(one.text) and len(one.text) < 40
        ):
            return "word"
    return None


def _is_connectable(controls: Sequence[Control], name: str, slug: str | None) -> str | None:
    """A link inviting this very slug, an invitation's key, a label naming the target, or the bare word."""
    for one in controls:
        if "/preload/custom-invite/" in one.path and (slug is None or _invites(one.path, slug)):
            return "invite_link"
        if "state:invitation:" in one.key and one.key.rstrip().endswith("_connect"):
            return "invitation_key"
        labels = [said for said in (one.label, one.inner_label) if said]
        if any(words.INVITE.match(said) and _contains(said, name) for said in labels):
            return "invite_label"
        if words.CONNECT.match(one.text) and (not labels or any(_contains(said, name) for said in labels)):
            return "word"
    return None


def _is_removable(controls: Sequence[Control]) -> str | None:
    """A menu that offers to remove the connection."""
    removes = any(words.REMOVE.search(said) for one in controls for said in one.said)
    return "remove_connection" if removes else None


def _is_followable(controls: Sequence[Control]) -> str | None:
    """A Follow that is not pressed yet, outside a menu."""
    for one in controls:
        says = [said.lstrip("+ ") for said in one.said]
        is_pressed = any(words.FOLLOWING.match(said) for said in says)
        if not one.in_menu and not is_pressed and any(words.FOLLOW.match(said) for said in says):
            return "follow"
    for one in controls:  # in a language not known here: the row's labelled button that opens nothing
        is_plain_button = one.tag == "button" and one.in_row and not one.expands and not one.in_menu
        if is_plain_button and one.label and one.text and not words.FOLLOWING.match(one.label):
            return "labelled_button"
    return None


def _has_bell(controls: Sequence[Control], slug: str | None) -> str | None:
    """The labelled, wordless link to the profile itself outside the action row: only connections have it."""
    for one in controls:
        is_link = one.tag == "a" and one.label and not one.text and not one.in_row and not one.in_menu
        if is_link and slug and _is_profile(one.path, slug):
            return "bell"
    return None


def _is_writable(controls: Sequence[Control]) -> str | None:
    """A way to write; alone it proves nothing, everybody's page has one."""
    return "message" if any("/messaging/" in one.path for one in controls) else None


def _degree(marks: Sequence[Mark]) -> PageDegree | None:
    """The first ordinal a reader sees after the name; twins in a display-contents wrapper are not shown."""
    ranked = sorted(
        (one for one in marks if _ordinal(one) and not one.hidden),
        key=lambda one: (one.twin, not one.named, not one.after_name),
    )
    return _ordinal(ranked[0]) if ranked else None


def _ordinal(mark: Mark) -> PageDegree | None:
    found = words.ORDINAL.match(mark.text)
    if found is None:
        return None
    has_dot = mark.text.lstrip()[:1] in "·•‧∙・"
    bare = mark.text.strip() in ("1", "2", "3")
    rest = found["rest"].strip(" ·•")
    if rest and "+" not in rest and not words.DEGREE_WORD.match(rest):
        return None
    if bare and not (has_dot or mark.named):
        return None
    return {"1": 1, "2": 2, "3": 3}[found["degree"]]  # type: ignore[return-value]  # the pattern's digits


def _stated(data: Sequence[str], slug: str | None) -> ProfileSight | None:
    """What the service's own data in the page says, where an older page carries it."""
    for raw in data:
        profile = _profile_in(raw)
        if profile is None or slug is None or profile.public_identifier != slug:
            continue
        relation = profile.relationship
        for state in ("connected", "pending", "incoming"):
            if relation.state == state:
                degree: PageDegree | None = 1 if state == "connected" else _as_degree(relation.degree)
                return ProfileSight(slug, degree, state, "page_data")
    return None


def _profile_in(raw: str) -> Profile | None:
    try:
        payload = json.loads(raw)
        return parse_profile(payload) if isinstance(payload, dict) else None
    except (ValueError, Failure):
        return None


def _as_degree(degree: object) -> PageDegree | None:
    return degree if degree in (1, 2, 3) else None


def _names(control: Control, name: str, slug: str | None) -> bool:
    """Whether a control found outside any card is about the target."""
    return any(_contains(said, name) for said in control.said) or bool(slug and slug in control.path.lower())


def _contains(said: str, name: str) -> bool:
    """Whether a label names the person; names in titles carry degrees and marks the label lacks."""
    first = name.split(",", maxsplit=1)[0].strip()
    return not name or name in said or (bool(first) and first in said)


def _is_profile(path: str, slug: str) -> bool:
    """Whether the link leads to the profile itself."""
    return unquote(urlsplit(path).path).rstrip("/").lower() == f"/in/{slug}"


def _invites(path: str, slug: str) -> bool:
    """Whether an invitation's address names this slug."""
    return slug in [name.lower() for name in parse_qs(urlsplit(path).query).get("vanityName", [])]
