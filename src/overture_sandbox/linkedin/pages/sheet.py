"""One page being drawn: its words, its ids, and the list of what each of its controls stands for."""

from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from overture_sandbox.linkedin.pages.drift import Drift
from overture_sandbox.linkedin.pages.looks import Looks, PageIds
from overture_sandbox.linkedin.pages.persons import Json, Person, conversation_json, person
from overture_sandbox.linkedin.pages.phrases import language_of, phrases, say
from overture_sandbox.linkedin.pages.quirks import quirks_of, variant_of
from overture_sandbox.world import Login, Member, World
from overture_sandbox.world.faults import FaultKind
from overture_sandbox.world.model import Variant

FOLDER = Path(__file__).parent
TEMPLATES = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

PLAYED_BY_PAGES: tuple[tuple[FaultKind, str], ...] = (
    ("optimistic_revert", "invite"),
    ("failed_marker", "send_message"),
    ("slow_ack", "send_message"),
)


@dataclass(frozen=True)
class Site:
    """The world and the looks of this start, as every page needs them."""

    world: World
    looks: Looks = field(default_factory=Looks)


class Sheet:
    """A page for one account in one of the two markups; templates draw on it and bind its controls."""

    def __init__(self, site: Site, request: Request, login: Login, variant: Variant | None = None) -> None:
        self.site, self.login = site, login
        self.origin = str(request.base_url).rstrip("/")
        self.world: World = site.world
        self.quirks = quirks_of(site.world, login.username)
        self.variant: Variant = variant or variant_of(login, self.quirks)
        self.drift = Drift(login.drift, site.looks.build)
        self.viewer: Member = site.world.owner(login)
        self.me = person(site.world, self.viewer, self.viewer)
        self.lang = language_of(login.locale)
        self.words = self.drift.words(phrases(self.lang))
        self.ids = PageIds()
        self._acts: dict[str, tuple[str, str]] = {}
        self._people: dict[str, Json] = {}
        self._conversations: dict[str, Json] = {}
        self._spots: list[Json] = []
        self._lazy: list[Json] = []

    def c(self, meaning: str) -> str:
        """The class name that stands for this look today."""
        return self.site.looks.name(meaning)

    def say(self, key: str, **values: object) -> str:
        """A phrase in the account's language."""
        return say(self.words, key, **values)

    def bind(self, act: str, who: Person, key: str | None = None) -> str:
        """A new control that does this to this person; returns its id (A) or component key (B)."""
        name = key or (self.ids.ember() if self.variant == "A" else self.ids.uuid())
        self._acts[name] = (act, who.member_id)
        self.know(who)
        return name

    def know(self, who: Person) -> None:
        """Let the page's scripts know a person, and the thread with them."""
        if who.member_id in self._people:
            return
        self._people[who.member_id] = who.as_json()
        thread = self.world.conversation_between(self.viewer, who.member)
        if thread:
            self._conversations[who.member.profile_id] = conversation_json(self.world, self.viewer, thread)

    def spot(self, who: Person, template: str) -> Markup:
        """A place that shows how one stands to somebody, drawn for now and kept ready for both states."""
        states = dict.fromkeys((who.state, "none", "pending"))
        drawn = {state: self.part(template, who=who, state=state) for state in states}
        at, attribute, name = self._place()
        self._spots.append(
            {"memberId": who.member_id, "at": at, "connect": drawn["none"], "pending": drawn["pending"]}
        )
        return Markup('<div {}="{}">{}</div>').format(attribute, name, drawn[who.state])

    def lazy(self, html: str) -> Markup:
        """A card that is only drawn once the page is scrolled; an empty place holds its room."""
        at, attribute, name = self._place()
        self._lazy.append({"at": at, "html": html})
        return Markup('<div {}="{}" style="min-height:120px"></div>').format(attribute, name)

    def _place(self) -> tuple[str, str, str]:
        """A new element that scripts find again: its selector, and the attribute and name that make it so."""
        if self.variant == "A":
            name = self.ids.ember()
            return f"#{name}", "id", name
        name = self.ids.uuid()
        return f'[componentkey="{name}"]', "componentkey", name

    def part(self, template: str, **values: object) -> Markup:
        """One fragment of the page."""
        return Markup(TEMPLATES.get_template(template).render(page=self, **values))  # noqa: S704  # autoescaped

    def payload(self, **values: object) -> Json:
        """Everything the page's scripts are told."""
        bubble = self._named_by("open_bubble")
        return {
            "variant": self.variant,
            "kind": "page",
            "lang": self.lang,
            "locale": self.login.locale,
            "labels": self.words,
            "me": self.me.as_json(),
            "composerMode": self.login.composer_mode,
            "composerBroken": self.login.composer_broken,
            "wrongRecipient": self._named_by("wrong_recipient"),
            "invite": {
                "noteLimit": self.login.note_limit,
                "noteTextLimit": self.quirks.get("note_text_says", {}).get("limit", self.login.note_limit),
                "notesRemaining": None if "notes_unknown" in self.quirks else self.login.notes_remaining,
            },
            "pageInstance": f"urn:li:page:d_flagship3_profile_view_base;{self.ids.tracking()}",
            "trackingId": self.ids.tracking(),
            "emberCss": "/static/ember.css",
            "openBubble": bubble,
            "target": None,
            "recipient": None,
            "sticky": None,
            "menu": {},
            "followed": {},
            "acts": self._acts,
            "people": self._people,
            "conversations": self._conversations,
            "spots": self._spots,
            "lazy": self._lazy,
            "faults": {},
            **values,
        }

    def _named_by(self, quirk: str) -> Json | None:
        """The person a quirk of the page is about."""
        slug = self.quirks.get(quirk, {}).get("slug")
        member = self.world.member(str(slug)) if slug else None
        if member is None:
            return None
        who = person(self.world, self.viewer, member)
        self.know(who)
        return who.as_json()

    def faults(self, target: Member | None) -> Json:
        """The misbehaviours the page itself has to play: the operator's switches and the page's quirks."""
        accounts, targets = self.world.names_of(self.viewer), self.world.names_of(target)
        found: Json = dict(self.quirks)
        for kind, endpoint in PLAYED_BY_PAGES:
            rule = self.world.faults.find(kind, endpoint, accounts, targets)
            if rule:
                found[kind] = {"revert_after_s": rule.revert_after_s, "seconds": rule.seconds}
        return found

    def answer(self, template: str, status: int = 200, **values: object) -> HTMLResponse:
        """The finished page."""
        page = self.drift.page(self.part(template, **values))
        return HTMLResponse(page, status, headers={"cache-control": "no-store"})
