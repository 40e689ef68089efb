"""The people search as a page: what its rows show, and why there may be none."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote, urlencode

from overture.core.errors import PageChanged
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.phrases import NO_RESULTS, SEARCH_LIMIT
from overture.providers.linkedin_browser.voyager.search import NETWORKS, ROWS
from overture.touchpoints import PersonFound, Search
from overture.touchpoints.profile import Degree
from overture.touchpoints.target import PROFILE_ID

SETTLE_MS: Final = 4000  # how long results may take to be drawn
NEAR: Final[Mapping[str, Degree]] = {"1": 1, "2": 2, "3": 3}
READ: Final = """async ([limit, noResults, settle]) => {
  const main = () => document.querySelector('main') || document.querySelector('[role="main"]');
  const rowsOf = (box) => {
    const all = [...box.querySelectorAll('[role="listitem"], li')].filter((row) =>
      row.querySelector('a[href*="/in/"], a[href*="/search/results/people/headless"]'));
    return all.filter((row) => !all.some((other) => other !== row && other.contains(row)));
  };
  const text = (node) => (node.innerText || '').trim();
  const lines = (node) => text(node).split('\\n').map((line) => line.trim()).filter(Boolean);
  const says = (words) => {
    const rows = rowsOf(main());
    const said = [...main().querySelectorAll('h1, h2, h3, p, span, div')]
      .filter((node) => node.childElementCount === 0 && !rows.some((row) => row.contains(node)))
      .map((node) => text(node).toLowerCase());
    return words.some((word) => said.some((line) => line.includes(word.toLowerCase())));
  };
  const until = Date.now() + settle;
  while (Date.now() < until) {
    if (main() && (rowsOf(main()).length || says(limit) || says(noResults))) break;
    await new Promise((done) => setTimeout(done, 100));
  }
  if (!main()) return {rows: [], limited: false, empty: false};
  const name = (link) => lines(link.querySelector('[aria-hidden="true"]') || link)[0] || '';
  const block = (node) => {
    const isInline = () => getComputedStyle(node).display.startsWith('inline');
    while (node.parentElement && isInline()) node = node.parentElement;
    return node;
  };
  const seen = (row) => {
    const blocks = new Map();
    const texts = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const holder = text.parentElement, box = holder.getBoundingClientRect();
      if (!text.data.trim() || box.width <= 1 || box.height <= 1) continue;
      if (holder.closest('button, [role="button"], svg')) continue;
      blocks.set(block(holder), `${blocks.get(block(holder)) || ''} ${text.data.trim()}`);
    }
    return [...blocks.values()].map((line) => line.trim());
  };
  const rows = rowsOf(main()).map((row) => {
    const links = [...row.querySelectorAll('a[href*="/in/"]')].filter((link) => text(link));
    const named = links.sort((one, other) => text(one).length - text(other).length)[0] || null;
    const marks = [row, ...row.querySelectorAll('[data-chameleon-result-urn], [componentkey]')]
      .flatMap((node) => ['data-chameleon-result-urn', 'componentkey'].map((at) => node.getAttribute(at)));
    return {href: named ? named.href : '', name: named ? name(named) : '', lines: seen(row), marks};
  });
  return {rows, limited: says(limit), empty: says(noResults)};
}"""
"""Rows are told by what they link to; those of people out of network link to no profile. Their lines are
what a person sees: not what is one pixel large for screen readers. What rows say explains nothing."""


@dataclass(frozen=True)
class SearchPage:
    """What one page of results showed."""

    people: tuple[PersonFound, ...]
    is_limited: bool


def search_path(wanted: Search, start: int) -> str:
    """The address of one page of results."""
    filters = {
        "network": [NETWORKS[one] for one in wanted.network],
        "currentCompany": [str(one) for one in wanted.current_company_ids],
        "geoUrn": [str(one) for one in wanted.geo_ids],
    }
    query = {"keywords": wanted.keywords}
    query |= {key: json.dumps(values, separators=(",", ":")) for key, values in filters.items() if values}
    query |= {"origin": "FACETED_SEARCH" if any(filters.values()) else "GLOBAL_SEARCH_HEADER"}
    if start >= ROWS:
        query["page"] = str(start // ROWS + 1)
    return f"/search/results/people/?{urlencode(query, quote_via=quote)}"


async def read_search_page(desk: Desk, wanted: Search, start: int) -> SearchPage:
    """Open a page of results; one that shows neither rows nor says why is not understood."""
    await desk.open(search_path(wanted, start))
    seen = await desk.tab.evaluate(READ, [list(SEARCH_LIMIT), list(NO_RESULTS), SETTLE_MS])
    if not isinstance(seen, dict):
        raise PageChanged("the search results", control="search_results")
    rows = [row for row in seen["rows"] if isinstance(row, dict)]
    if not rows and not seen["limited"] and not seen["empty"]:
        raise PageChanged("the search results", control="search_results")
    desk.trace.step("search_page", rows=len(rows), limited=seen["limited"] is True)
    return SearchPage(tuple(_person(row) for row in rows), seen["limited"] is True)


def _person(row: Mapping[str, object]) -> PersonFound:
    """What a row shows: its link decides who it is, its lines what they do and how near they are."""
    href, name = str(row["href"]), str(row["name"])
    linked = re.search(r"/in/([^/?#]+)", href)
    key = unquote(linked[1]) if linked else None
    lines = [str(line) for line in _list(row["lines"])]
    if key is None:
        details = [line for line in lines[1:] if _badge(line, "") is None]
        return PersonFound(headline=_at(details, 0), location=_at(details, 1), degree=_degree(lines, name))
    mini = PROFILE_ID.search(unquote(href))
    number = re.search(r"urn:li:member:(\d+)", " ".join(map(str, _list(row["marks"]))))
    details = [line for line in lines if line != name and _badge(line, name) is None]
    return PersonFound(
        profile_id=mini[0] if mini else None,
        public_identifier=None if PROFILE_ID.fullmatch(key) else key,
        member_id=int(number[1]) if number else None,
        full_name=name or None,
        headline=_at(details, 0),
        location=_at(details, 1),
        degree=_degree(lines, name),
    )


ORDINAL: Final = r"([123])(?:st|nd|rd|er|e|\.|º|ª|°)"
BADGE: Final = re.compile(rf"[•·]\s*{ORDINAL}?\s*(?:et\s*)?(\+)?|{ORDINAL}\s*(?:et\s*)?(\+)?$")
BADGE_AT_MOST: Final = 40  # characters, with what it says to screen readers


def _badge(line: str, name: str) -> re.Match[str] | None:
    """How near the person is, in a line that says that alone or beside the name."""
    rest = line.removeprefix(name).strip()
    return BADGE.match(rest) if 0 < len(rest) < BADGE_AT_MOST else None


def _degree(lines: list[str], name: str) -> Degree | None:
    """The degree of the first badge; "3rd+" is third or further, so it says neither."""
    for line in lines:
        badge = _badge(line, name)
        if badge is not None:
            return None if badge[2] or badge[4] else NEAR.get(badge[1] or badge[3] or "")
    return None


def _at(lines: list[str], index: int) -> str | None:
    return lines[index] if index < len(lines) else None


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
