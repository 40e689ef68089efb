"""Visit: open a member's page, stay, scroll; its owner may be told."""

from datetime import timedelta
from typing import Final

from overture.providers.linkedin_browser.controls import find_top_card
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.discovery import Discovery, collect
from overture.providers.linkedin_browser.identity import open_profile, resolve
from overture.providers.linkedin_browser.registry import reads
from overture.providers.linkedin_browser.voyager.members import read_me
from overture.touchpoints import Visit, Visited

STRIDES: Final = 5  # the way down is made in this many steps
SCROLL: Final = """(share) => {
  const scrolls = (node) => node && node.scrollHeight > node.clientHeight + 4
    && /(auto|scroll)/.test(getComputedStyle(node).overflowY);
  const mains = [...document.querySelectorAll('main, [role="main"]')];
  let box = mains.find(scrolls) || mains[mains.length - 1];
  while (box && !scrolls(box)) box = box.parentElement;
  const scroller = box || document.scrollingElement;
  const way = scroller.scrollHeight - scroller.clientHeight;
  scroller.scrollTo({top: way * share});
  return way > 0 ? Math.min(1, scroller.scrollTop / way) : 1;
}"""
"""The newer pages scroll inside `main`, which lies in another of that role; moving the window does not."""


@reads
async def visit(desk: Desk, touchpoint: Visit) -> Visited:
    """Open the page of that very member, and look at it for as long and as far as asked."""
    identity, _ = await resolve(desk, touchpoint.target)
    await open_profile(desk, identity)
    await find_top_card(desk, identity)
    discovery = Discovery(identity, (await read_me(desk.client)).names)
    await collect(desk, discovery)
    reached = 0.0
    pause = timedelta(seconds=touchpoint.duration_s / STRIDES)
    for stride in range(1, STRIDES + 1):
        if touchpoint.scroll_depth > 0:
            found = await desk.tab.evaluate(SCROLL, touchpoint.scroll_depth * stride / STRIDES)
            reached = max(reached, float(found)) if isinstance(found, int | float) else reached
        await desk.clock.sleep(pause)
        await collect(desk, discovery)  # at each stride: long pages drop what was scrolled past
    return Visited(
        public_identifier=identity.slug,
        duration_s=touchpoint.duration_s,
        scrolled=round(min(reached, 1.0), 3),
        discovered=discovery.found(),
    )
