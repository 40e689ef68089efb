"""What a failed attempt leaves to look at: picture, page, console and network, without anything secret.

Each part is taken for itself and within a bound: a page that hangs still gives the rest.
"""

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar
from urllib.parse import urlsplit

from playwright.async_api import Error

from overture.core.errors import Failure
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.pages import OBSERVE, sight_of
from overture.touchpoints import Snapshot, hide

PART_S: Final = 3.0  # four parts: less than the runs layer waits for the whole
MOST_CHARACTERS: Final = 4_000_000
TYPED_PROOF: Final = (
    'input[type="password"], input[name="pin"], input[autocomplete="one-time-code"], '
    'input[id*="verification_pin"], input[name="session_key"], #username, input[autocomplete^="username"], '
    'input[autocomplete="webauthn"]'
)
"""Covered in the picture: whatever a person or this program types to prove who they are."""

SERIALIZE: Final = """(most) => {
  const dropped = new Set(['SCRIPT', 'NOSCRIPT', 'STYLE']);
  const empty = new Set(['AREA', 'BASE', 'BR', 'COL', 'EMBED', 'HR', 'IMG', 'INPUT', 'LINK', 'META', 'SOURCE',
    'TRACK', 'WBR']);
  const text = (value) => value.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  const kept = (node, name) => !(name === 'srcdoc' || name === 'nonce' || name.startsWith('on')
    || (name === 'value' && node.localName === 'input') || (name === 'content' && node.localName === 'meta'));
  const out = [];
  let size = 0;
  const say = (part) => { size += part.length; if (size <= most) out.push(part); };
  const attributes = (node) => [...node.attributes].filter((one) => kept(node, one.name))
    .map((one) => ` ${one.name}="${text(one.value.slice(0, 2000)).replace(/"/g, '&quot;')}"`).join('');
  const inside = (node) => { for (const child of node.childNodes) walk(child); };
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) { say(text(node.data)); return; }
    if (node.nodeType !== Node.ELEMENT_NODE || dropped.has(node.tagName) || size > most) return;
    if (node.localName === 'code' && !node.checkVisibility()) return;
    say(`<${node.localName}${attributes(node)}>`);
    if (node.shadowRoot) {
      say('<template shadowrootmode="open">');
      inside(node.shadowRoot);
      say('</template>');
    }
    if (empty.has(node.tagName)) return;
    inside(node.localName === 'template' ? node.content : node);
    say(`</${node.localName}>`);
  };
  walk(document.documentElement);
  return '<!DOCTYPE html>\\n' + out.join('') + (size > most ? '<!-- cut -->' : '');
}"""
"""The page as it is now, with its open shadow roots (what is drawn at the end of the body is in it anyway);
without scripts, without what stands in fields, and without the page's own data."""

T = TypeVar("T")


async def take_snapshot(desk: Desk) -> Snapshot:
    """Everything there is to see of the account's page."""
    page, watch = desk.tab.page, desk.tab.watch
    secrets = await _secrets(desk)
    facts: dict[str, object] = {"url": page.url.split("?", 1)[0].split("#", 1)[0]}
    seen = await _within(desk, page.evaluate(OBSERVE))
    if isinstance(seen, dict):
        sight = sight_of(seen, None)
        facts |= {
            "page_class": str(sight.page_class),
            "variant": sight.variant,
            "locale": sight.lang,
            "title": sight.title,
        }
    else:
        facts["error"] = "the page does not answer"
    mask = [page.locator(TYPED_PROOF)]
    picture = await _within(desk, page.screenshot(mask=mask, type="png", timeout=PART_S * 1000))
    dom = await _within(desk, page.evaluate(SERIALIZE, MOST_CHARACTERS))
    return Snapshot(
        picture,
        {name: hide(value, secrets) if isinstance(value, str) else value for name, value in facts.items()},
        dom=hide(dom, secrets) if isinstance(dom, str) else None,
        console=[_without(line, secrets) for line in watch.lines],
        network=[_without(one, secrets) for one in watch.requests()],
    )


async def _secrets(desk: Desk) -> list[str]:
    """The credentials, and the values of the site's cookies: none of them may be left in any text."""
    cookies = await _within(desk, desk.tab.page.context.cookies()) or []
    host = urlsplit(desk.tab.base_url).hostname or ""
    values = [
        str(cookie.get("value") or "").strip('"')
        for cookie in cookies
        if str(cookie.get("domain") or "").strip(".").endswith(host.removeprefix("www."))
    ]
    # A short cookie such as `lang=v=2` is no secret, and hiding it would only make the texts unreadable.
    return [*desk.sender.secrets.values.values(), *(value for value in values if len(value) > 7)]


async def _within(desk: Desk, part: Awaitable[T]) -> T | None:
    """The part, or nothing when the page does not give it in time; such a page is not used again."""
    try:
        async with asyncio.timeout(PART_S):
            return await part
    except TimeoutError:
        desk.tab.is_hung = True
    except (Error, Failure):
        return None
    return None


def _without(entry: dict[str, object], secrets: list[str]) -> dict[str, object]:
    return {name: hide(value, secrets) if isinstance(value, str) else value for name, value in entry.items()}
