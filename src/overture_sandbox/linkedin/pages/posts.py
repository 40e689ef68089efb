"""A post's own page: the post, who reacts to it, what was said under it."""

import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from overture_sandbox.linkedin.pages.persons import Person, person
from overture_sandbox.linkedin.pages.sheet import Sheet, Site
from overture_sandbox.world import Login
from overture_sandbox.world.faults import Horizon
from overture_sandbox.world.model import REACTION_KINDS, Comment, Post, ReactionKind

IN_SLUG = re.compile(r"-(activity|ugcPost|share)-(\d+)(-[\w-]*)?\Z")
PARTS = ("trigger", "menu", "opener", "box", "comments")
NESTED_COMMENTS = 3  # the newer pages wrap a comment that often


@dataclass(frozen=True)
class Said:
    """One comment as the page shows it."""

    who: Person
    comment: Comment


@dataclass(frozen=True)
class Shown:
    """A post as one viewer's page shows it now."""

    post: Post
    author: Person
    mine: ReactionKind | None
    count: int
    said: list[Said]
    may_comment: bool

    @property
    def urn(self) -> str:
        """The URN every part of the page names."""
        return self.post.urn


class PostPages:
    """Posts at their own addresses."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def update(self, request: Request, login: Login) -> Response:
        """`/feed/update/<urn>/`, by any of the post's URNs; the address stays as it was given."""
        sheet = Sheet(self._site, request, login)
        post = self._site.world.post(str(request.path_params["urn"]))
        if post is None or post.deleted:
            return self._gone(sheet)
        shown = self._shown(sheet, post)
        copies = [_keys(sheet) for _ in range(post.copies if sheet.variant == "B" else 1)]
        told = {**_as_json(shown), "copies": copies}
        return sheet.answer(
            f"{sheet.variant.lower()}/post.html",
            shown=shown,
            copies=copies,
            nested=NESTED_COMMENTS,
            data={"kind": "post", "post": told, "faults": sheet.faults(shown.author.member)},
        )

    async def by_slug(self, request: Request, login: Login) -> Response:
        """`/posts/<author>_<words>-activity-<n>-<code>/` leads to the post's own address."""
        found = IN_SLUG.search(str(request.path_params["slug"]))
        post = self._site.world.post(f"urn:li:{found[1]}:{found[2]}") if found else None
        if post is None:
            return self._gone(Sheet(self._site, request, login))
        return RedirectResponse(f"/feed/update/{post.urn}/", 302)

    def _gone(self, sheet: Sheet) -> Response:
        if "post_gone_redirects" in sheet.quirks:
            return RedirectResponse("/feed/", 302)
        template = f"{sheet.variant.lower()}/missing.html"
        return sheet.answer(template, heading=sheet.say("post_gone"), data={})

    def _shown(self, sheet: Sheet, post: Post) -> Shown:
        world, viewer = self._site.world, sheet.viewer
        author = world.author_of(post)
        horizon: Horizon | None = world.horizon("page:post", viewer, author)
        said = [
            Said(person(world, viewer, world.members[one.author_id]), one)
            for one in world.comments_on(post, horizon)
        ]
        reactions = world.reactions_to(post, horizon)
        return Shown(
            post,
            person(world, viewer, author),
            reactions.get(viewer.profile_id),
            len(reactions) + post.crowd,
            said,
            world.may_comment(viewer, post),
        )


def _keys(sheet: Sheet) -> dict[str, str]:
    """The ids (A) or component keys (B) by which scripts find the parts of one drawing of the post."""
    new = sheet.ids.ember if sheet.variant == "A" else sheet.ids.uuid
    return {part: new() for part in PARTS}


def _as_json(shown: Shown) -> dict[str, object]:
    """What the page's scripts know of the post."""
    return {
        "urn": shown.urn,
        "number": str(shown.post.number),
        "mine": shown.mine,
        "kinds": list(REACTION_KINDS),
        "mayComment": shown.may_comment,
    }
