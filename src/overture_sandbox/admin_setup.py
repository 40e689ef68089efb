"""Arranging the world: people, their pages, their accounts, and how they stand to each other."""

from dataclasses import asdict, replace
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from overture_sandbox.admin_fields import FieldError, built, converted, one_of, text, whole_number
from overture_sandbox.admin_requests import Body, admin, found_person, person_in_path
from overture_sandbox.world import Login, Member, World
from overture_sandbox.world.people import slug_of

FIXED_FIELDS = ("number", "profile_id", "old_slugs")
STATES = ("none", "pending", "incoming", "connected")
DEGREES = ("2", "3", "OUT")
MOST_PEOPLE_AT_ONCE = 100_000


def setup_routes() -> list[BaseRoute]:
    """The endpoints that arrange the world."""
    return [
        Route("/_sbx/populate", admin(_populate), methods=["POST"]),
        Route("/_sbx/members", admin(_list_members)),
        Route("/_sbx/members", admin(_add_member), methods=["POST"]),
        Route("/_sbx/members/{slug}", admin(_show_member)),
        Route("/_sbx/members/{slug}", admin(_change_member), methods=["PATCH"]),
        Route("/_sbx/logins", admin(_list_logins)),
        Route("/_sbx/logins", admin(_add_login), methods=["POST"]),
        Route("/_sbx/logins/{username}", admin(_change_login), methods=["PATCH"]),
        Route("/_sbx/relationships", admin(_relate), methods=["PUT"]),
    ]


def as_json(member: Member) -> dict[str, object]:
    """A person with everything the world knows of them."""
    return {**asdict(member), "full_name": member.full_name, "company": member.company, "urn": member.urn}


def _populate(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    """Let `count` people join, `connected_to` one each `apart_s` after the other; `quiet`: only counted."""
    count = whole_number(body, "count")
    if not 0 <= count <= MOST_PEOPLE_AT_ONCE:
        raise FieldError("count", f"must be from 0 to {MOST_PEOPLE_AT_ONCE}")
    seed = whole_number(body, "seed") if "seed" in body else None
    friend = found_person(world, body, "connected_to") if "connected_to" in body else None
    people = world.populate(count, seed)
    if friend is not None:
        world.connect_with(friend, people, timedelta(seconds=whole_number(body, "apart_s", 3600)))
    if body.get("quiet") is True:
        return JSONResponse({"count": len(people)}, 201)
    return JSONResponse([as_json(one) for one in people], 201)


def _list_members(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    return JSONResponse([as_json(one) for one in world.members.values()])


def _show_member(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    """One person, and how every account stands to them."""
    member = person_in_path(request, world)
    relationships = {}
    for login in world.logins.values():
        found = world.relationship(world.owner(login), member)
        relationships[login.username] = {"state": found.state, "degree": found.degree}
    return JSONResponse({**as_json(member), "relationships": relationships})


def _add_member(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    """A new person: what is not given is invented."""
    return JSONResponse(as_json(_joined(world, body)), 201)


def _joined(world: World, body: Body) -> Member:
    number = whole_number(body, "number") if "number" in body else None
    if "profile_id" in body:
        raise FieldError("profile_id", "follows from the number")
    given = converted(Member, {key: value for key, value in body.items() if key != "number"})
    member = replace(world.newcomer(number), **given)
    if "slug" not in given and {"first_name", "last_name"} & set(given):
        member.slug = slug_of(
            member.first_name, member.last_name, lambda slug: world.member(slug) is not None
        )
    try:
        return world.add_member(member)
    except ValueError as error:
        raise FieldError("number" if "slug" not in given else "slug", str(error)) from error


def _change_member(request: Request, world: World, body: Body) -> Response:
    """Change what a profile shows or how its page is laid out; a new slug is a rename."""
    member = person_in_path(request, world)
    for name in FIXED_FIELDS:
        if name in body:
            raise FieldError(name, "cannot be changed")
    given = converted(Member, body)
    slug = given.pop("slug", member.slug)
    if slug != member.slug:
        try:
            world.rename(member, slug)
        except ValueError as error:
            raise FieldError("slug", str(error)) from error
    for name, value in given.items():
        setattr(member, name, value)
    return JSONResponse(as_json(member))


def _list_logins(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    return JSONResponse([asdict(login) for login in world.logins.values()])


def _add_login(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    """An account for somebody; without a slug, for a new person."""
    for name in ("username", "password"):
        text(body, name)
    slug = text(body, "slug") if "slug" in body else _joined(world, {}).slug
    login = built(Login, {**body, "slug": slug})
    try:
        world.add_login(login)
    except ValueError as error:
        raise FieldError("slug", str(error)) from error
    return JSONResponse(asdict(login), 201)


def _change_login(request: Request, world: World, body: Body) -> Response:
    """Change how the site treats an account."""
    login = world.logins.get(request.path_params["username"])
    if login is None:
        raise FieldError("username", f"there is no login {request.path_params['username']}")
    for name in ("username", "slug"):
        if name in body:
            raise FieldError(name, "cannot be changed")
    for name, value in converted(Login, body).items():
        setattr(login, name, value)
    return JSONResponse(asdict(login))


def _relate(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    """Say how an account and a person stand, as if it had always been so."""
    account, member = found_person(world, body, "account"), found_person(world, body, "member")
    state = one_of(body, "state", STATES)
    degree = (
        None if body.get("degree") is None else one_of({"degree": str(body["degree"])}, "degree", DEGREES)
    )
    if account is member:
        raise FieldError("member", "must be somebody else")
    world.set_relationship(account, member, state, degree)  # type: ignore[arg-type]
    found = world.relationship(account, member)
    return JSONResponse({"state": found.state, "degree": found.degree})
