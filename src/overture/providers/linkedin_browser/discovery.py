"""Whom the open profile page links to: told apart by whether the page itself speaks of them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.identity import Identity
from overture.providers.linkedin_browser.phrases import OTHER_PEOPLE
from overture.touchpoints import Discovered, ProfileLink
from overture.touchpoints.discovered import MOST_DISCOVERED
from overture.touchpoints.target import PROFILE_ID, SLUG

NOBODY: Final = ("me", "unavailable")  # addresses below /in/ that are no profile's
COLLECT: Final = """([profileId, others]) => {
  const mine = profileId.toLowerCase();
  const heading = (card) => {
    const found = card.querySelector('h1, h2, h3, [role="heading"]');
    return found ? (found.innerText || found.textContent || '').trim().toLowerCase() : '';
  };
  const parentOf = (node) => node.parentElement || (node.getRootNode() instanceof ShadowRoot
    ? node.getRootNode().host : null);
  const isBeside = (link) => {
    let insideMain = false;
    for (let node = link; node; node = parentOf(node)) {
      if (node.matches('aside, [role="complementary"], dialog, [role="dialog"]')) return true;
      if (node.matches('section, [role="region"]')) {
        const key = (node.getAttribute('componentkey') || '').toLowerCase();
        if (key.includes('profile.card.ref') && key.includes(mine)) return false;
        if (others.some((words) => heading(node).startsWith(words))) return true;
      }
      if (node.matches('main, [role="main"]')) insideMain = true;
    }
    return !insideMain;
  };
  const links = [];
  const walk = (root) => {
    for (const node of root.querySelectorAll('*')) {
      if (node.tagName === 'A' && node.href) links.push(node);
      if (node.shadowRoot) walk(node.shadowRoot);
    }
  };
  walk(document);
  return links
    .filter((link) => link.origin === location.origin || /(^|\\.)linkedin\\.com$/.test(link.hostname))
    .filter((link) => /^\\/in\\/[^/]+/.test(link.pathname))
    .slice(0, 2000)
    .map((link) => ({path: link.pathname, beside: isBeside(link)}));
}"""
"""Run in the page: every link to a profile, in the page's order, open shadow roots included.

Beside the page's own content lies what is outside its main part, in an aside, or in a card headed as one of
the lists of other people; a card that carries the owner's id in its key is its own, whatever its heading.
"""


@dataclass
class Discovery:
    """The links of one page, gathered in several looks: long pages drop rows while others are drawn."""

    owner: Identity
    own_names: frozenset[str]
    """The account's own profile id, and its slug in lower case."""
    _mentioned: dict[str, ProfileLink] = field(default_factory=dict)
    _beside: dict[str, ProfileLink] = field(default_factory=dict)

    def take(self, links: Iterable[Mapping[str, object]]) -> None:
        """Take in what one look at the page found."""
        for link in links:
            self._add(str(link.get("path")), is_beside=link.get("beside") is True)

    def found(self) -> Discovered:
        """Everybody so far; somebody both mentioned and beside is mentioned."""
        beside = [link for key, link in self._beside.items() if key not in self._mentioned]
        mentioned = list(self._mentioned.values())
        return Discovered(
            mentioned=mentioned[:MOST_DISCOVERED],
            other_cards=beside[:MOST_DISCOVERED],
            truncated=max(len(mentioned), len(beside)) > MOST_DISCOVERED,
        )

    def _add(self, path: str, *, is_beside: bool) -> None:
        name = name_in(path)
        if name is None:
            return
        is_id = PROFILE_ID.fullmatch(name) is not None
        key = name if is_id else name.lower()  # ids differ by case, slugs do not
        if key in (self.owner.profile_id, self.owner.slug.lower()) or key in self.own_names:
            return
        link = ProfileLink(profile_id=key) if is_id else ProfileLink(public_identifier=key)
        (self._beside if is_beside else self._mentioned).setdefault(key, link)


def name_in(path: str) -> str | None:
    """The slug or profile id in the path of a profile; None for `/in/me/` and what is no profile."""
    found = re.match(r"/in/([^/]+)", urlsplit(path).path)
    name = unquote(found[1]) if found else ""
    return name if SLUG.fullmatch(name) and name.lower() not in NOBODY else None


async def collect(desk: Desk, discovery: Discovery) -> None:
    """Look at the open page once."""
    others = [words.lower() for words in OTHER_PEOPLE]
    links = await desk.tab.evaluate(COLLECT, [discovery.owner.profile_id, others])
    if isinstance(links, list):
        discovery.take(link for link in links if isinstance(link, dict))
