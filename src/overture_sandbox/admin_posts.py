"""Arranging posts: publishing them, what others made of them, and how the site treats them."""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from overture_sandbox.admin_fields import FieldError, converted, one_of, text
from overture_sandbox.admin_requests import Body, admin, found_person, person_in_path
from overture_sandbox.world import World
from overture_sandbox.world.model import REACTION_KINDS, Post

CHANGEABLE = ("text", "commenters", "crowd", "copies", "deleted")


def post_routes() -> list[BaseRoute]:
    """The endpoints about posts."""
    return [
        Route("/_sbx/posts", admin(_publish), methods=["POST"]),
        Route("/_sbx/posts/{urn}", admin(_show)),
        Route("/_sbx/posts/{urn}", admin(_change), methods=["PATCH"]),
        Route("/_sbx/posts/{urn}/reactions", admin(_react), methods=["POST"]),
        Route("/_sbx/posts/{urn}/comments", admin(_comment), methods=["POST"]),
        Route("/_sbx/posts/{urn}/comments", admin(_clear_comments), methods=["DELETE"]),
        Route("/_sbx/followers/{slug}", admin(_followers)),
    ]


def as_json(world: World, post: Post) -> dict[str, object]:
    """A post with its URNs, its path, and everybody's present reaction by slug."""
    reactions = {world.members[who].slug: kind for who, kind in world.reactions_to(post).items()}
    comments = [
        {"number": one.number, "author": world.members[one.author_id].slug, "text": one.text}
        for one in post.comments
    ]
    return {
        **{key: value for key, value in asdict(post).items() if key not in ("reactions", "comments")},
        "created": post.created.at.isoformat(),
        "urn": post.urn,
        "ugc_urn": f"urn:li:ugcPost:{post.ugc_number}",
        "share_urn": f"urn:li:share:{post.share_number}",
        "path": f"/feed/update/{post.urn}/",
        "author": world.author_of(post).slug,
        "reactions": reactions,
        "comments": comments,
    }


def _publish(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    author = found_person(world, body, "author")
    given = _fields({key: value for key, value in body.items() if key != "author"})
    post = world.publish(author, str(given.pop("text", "A plain post.")))
    _set(post, given)
    return JSONResponse(as_json(world, post), 201)


def _show(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    return JSONResponse(as_json(world, _found(request, world)))


def _change(request: Request, world: World, body: Body) -> Response:
    """Change how the site treats a post, or delete it."""
    post = _found(request, world)
    _set(post, _fields(body))
    return JSONResponse(as_json(world, post))


def _react(request: Request, world: World, body: Body) -> Response:
    """Somebody reacts."""
    post, member = _found(request, world), found_person(world, body, "member")
    kind = one_of(body, "kind", REACTION_KINDS)
    world.react(member, post, kind, "admin")  # type: ignore[arg-type]
    return JSONResponse(as_json(world, post), 201)


def _comment(request: Request, world: World, body: Body) -> Response:
    """Somebody comments."""
    post, member = _found(request, world), found_person(world, body, "member")
    world.comment(member, post, text(body, "text"), "admin")
    return JSONResponse(as_json(world, post), 201)


def _clear_comments(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    """The site takes every comment away."""
    post = _found(request, world)
    for one in tuple(post.comments):
        world.remove_comment(post, one, "admin")
    return JSONResponse(as_json(world, post))


def _followers(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    """The accounts that follow somebody, by user name."""
    member = person_in_path(request, world)
    logins = world.logins.values()
    return JSONResponse(
        [login.username for login in logins if world.is_following(world.owner(login), member)]
    )


def _found(request: Request, world: World) -> Post:
    post = world.post(str(request.path_params["urn"]))
    if post is None:
        raise FieldError("urn", "there is no such post")
    return post


def _fields(body: Body) -> dict[str, object]:
    for name in body:
        if name not in CHANGEABLE:
            raise FieldError(name, f"is not one of {', '.join(CHANGEABLE)}")
    return dict(converted(Post, body))


def _set(post: Post, given: dict[str, object]) -> None:
    for name, value in given.items():
        setattr(post, name, value)
