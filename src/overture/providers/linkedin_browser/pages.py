"""What kind of page is open: told from its address, navigation and main part."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

Variant = Literal["A", "B", "unknown"]
"""A: Ember markup; B: SDUI markup. Both are served at once, per account and per surface."""

SHORT_TEXT: Final = 4000  # characters; a page that says more than this is no interstitial
EMPTY_TEXT: Final = 2000  # a main-less page below this shows nothing one could act on
RESTRICTED_PHRASES: Final = (
    "temporarily restricted",
    "account has been restricted",
    "account is restricted",
    "unusual activity",
    "security verification",
    "too many requests",
    "quick security check",
)


class PageClass(StrEnum):
    """The kinds of page that call for different reactions."""

    LOGIN = "login"
    CHECKPOINT = "checkpoint"
    AUTHWALL = "authwall"
    RESTRICTED = "restricted"
    BOT_WALL = "bot_wall"
    THROTTLED = "throttled"
    EMPTY = "empty"
    NOT_FOUND = "not_found"
    FEED = "feed"
    PROFILE = "profile"
    MESSAGING = "messaging"
    OTHER = "other"


@dataclass(frozen=True)
class Sight:
    """What was seen of one page load."""

    path: str
    status: int | None
    title: str
    lang: str
    has_nav: bool
    has_main: bool
    variant: Variant
    challenge: str
    text: str
    has_password: bool = False
    query: str = ""
    said: str = ""
    """What the page complains of, if it does."""
    retry_after: str = ""

    @property
    def address(self) -> str:
        """Path and query: where this page is found again."""
        return self.path + self.query

    @property
    def where(self) -> str:
        """The path to be told: the last part of a checkpoint's names the one login it belongs to."""
        return "/".join(self.path.split("/")[:3]) if self.path.startswith("/checkpoint") else self.path

    @property
    def page_class(self) -> PageClass:
        """The kind of page this is."""
        return classify(self)

    @property
    def slug(self) -> str | None:
        """Whose profile the address names."""
        found = re.match(r"/in/([^/]+)", self.path)
        return found[1] if found else None


OBSERVE: Final = """() => {
  const has = (selector) => document.querySelector(selector) !== null;
  const main = document.querySelector('main, [role="main"]');
  const text = document.body ? document.body.innerText.trim() : '';
  const alert = [...document.querySelectorAll('[role="alert"]')]
    .find((node) => node.innerText.trim() !== '' && node.getClientRects().length > 0);
  const said = alert ? alert.innerText.trim() : '';
  const challenge = has('#captcha-internal') ? 'captcha'
    : has('[data-test-id="auth-app-approval"]') ? 'app_approval'
    : has('#two-step-submit-button') ? 'totp'
    : has('input[name="pin"], #input__email_verification_pin, #input__phone_verification_pin') ? 'pin'
    : 'challenge';
  return {
    path: location.pathname, query: location.search, said: said.slice(0, 300),
    title: document.title, lang: document.documentElement.lang || '',
    has_nav: has('[data-testid="primary-nav"], #global-nav, nav a[href*="/mynetwork"]'),
    has_main: main !== null, challenge, has_password: has('input[type="password"]'),
    variant: has('#interop-outlet, [data-sdui-screen]') ? 'B' : has('[class*="artdeco"]') ? 'A' : 'unknown',
    text: text.slice(0, 4001),
  };
}"""
"""Run in the page: the facts a `Sight` is made of."""


def sight_of(seen: Mapping[str, object], status: int | None, retry_after: str = "") -> Sight:
    """The facts the page gave, typed."""
    variant = seen.get("variant")
    return Sight(
        path=str(seen.get("path") or "/"),
        status=status,
        title=str(seen.get("title") or "")[:200],
        lang=str(seen.get("lang") or ""),
        has_nav=seen.get("has_nav") is True,
        has_main=seen.get("has_main") is True,
        variant="A" if variant == "A" else "B" if variant == "B" else "unknown",
        challenge=str(seen.get("challenge") or "challenge"),
        text=str(seen.get("text") or ""),
        has_password=seen.get("has_password") is True,
        query=str(seen.get("query") or ""),
        said=str(seen.get("said") or ""),
        retry_after=retry_after,
    )


def classify(sight: Sight) -> PageClass:
    """The kind of page; the address decides first, visible text only on short pages."""
    path = sight.path.rstrip("/") or "/"
    if sight.status in (429, 999):
        return PageClass.THROTTLED if sight.status == 429 else PageClass.BOT_WALL
    outside = _outside(path, sight)
    if outside is not None:
        return outside
    if not sight.has_main and _says_restricted(sight):
        return PageClass.RESTRICTED
    if path in ("/404", "/in/unavailable") or (sight.status == 404 and path.startswith("/in/")):
        return PageClass.NOT_FOUND
    if not sight.has_main and len(sight.text) < EMPTY_TEXT:
        return PageClass.EMPTY
    return _by_path(path, sight)


def _outside(path: str, sight: Sight) -> PageClass | None:
    """The pages before the door. A refused login is shown below `/checkpoint/lg`, with the form again."""
    if path.startswith(("/login", "/uas/login")) or (
        path.startswith("/checkpoint/lg") and sight.has_password
    ):
        return PageClass.LOGIN
    if path.startswith("/checkpoint"):
        is_plain = sight.challenge == "challenge" and _says_restricted(sight)
        return PageClass.RESTRICTED if is_plain else PageClass.CHECKPOINT
    return PageClass.AUTHWALL if path.startswith("/authwall") else None


def _by_path(path: str, sight: Sight) -> PageClass:
    if path == "/" and not sight.has_nav:
        return PageClass.AUTHWALL
    for prefix, kind in (
        ("/feed", PageClass.FEED),
        ("/in/", PageClass.PROFILE),
        ("/messaging", PageClass.MESSAGING),
    ):
        if path.startswith(prefix):
            return kind
    return PageClass.OTHER


def _says_restricted(sight: Sight) -> bool:
    """Only text a person would see counts: the phrases are in the scripts of every page."""
    if len(sight.text) > SHORT_TEXT:
        return False
    text = sight.text.lower()
    return any(phrase in text for phrase in RESTRICTED_PHRASES)
