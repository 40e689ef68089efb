"""Finding people: by words, degree, employer and place; as far as the account may still search."""

from dataclasses import dataclass

from overture_sandbox.world import Login, Member, World

NEAR = {"1": "F", "2": "S", "3": "O", "OUT": "O"}
ROWS = 10
REACHABLE = 1000  # rows anybody can page to; the rest is counted only


@dataclass(frozen=True)
class Wanted:
    """What is searched for; an empty filter lets everybody through."""

    keywords: str
    network: frozenset[str] = frozenset()
    companies: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Result:
    """Somebody who was found, and how near they are."""

    member: Member
    degree: str

    @property
    def is_named(self) -> bool:
        """People out of network are shown without name and address."""
        return self.degree != "OUT"

    @property
    def distance(self) -> str:
        """`DISTANCE_2` and its like."""
        return "OUT_OF_NETWORK" if self.degree == "OUT" else f"DISTANCE_{self.degree}"


@dataclass(frozen=True)
class Results:
    """Everybody who was found; `is_limited`: the month's searches are used up, so nobody is."""

    people: list[Result]
    is_limited: bool = False

    def page(self, start: int) -> list[Result]:
        """The ten rows from here on."""
        return self.people[:REACHABLE][start : start + ROWS]


def find_people(world: World, login: Login, wanted: Wanted, start: int) -> Results:
    """A search by this account; the first page of each counts against its month."""
    if login.searches_remaining is not None:
        if login.searches_remaining <= 0:
            return Results([], is_limited=True)
        login.searches_remaining -= 0 if start else 1
    viewer = world.owner(login)
    words = wanted.keywords.casefold().split()
    found = []
    for member in world.members.values():
        if member is viewer or member.deleted or member.memorialized or member.unavailable:
            continue
        if not _matches(member, words, wanted):
            continue
        degree = str(world.relationship(viewer, member).degree)
        if not wanted.network or NEAR[degree] in wanted.network:
            found.append(Result(member, degree))
    return Results(sorted(found, key=lambda one: (one.degree, one.member.number)))


def _matches(member: Member, words: list[str], wanted: Wanted) -> bool:
    current = [one for one in member.positions if one.end is None]
    if wanted.companies and not wanted.companies & {str(one.company_id) for one in current}:
        return False
    if wanted.places and str(member.geo.id if member.geo else None) not in wanted.places:
        return False
    jobs = " ".join(f"{one.title} {one.company_name}" for one in member.positions)
    text = f"{member.full_name} {member.headline} {jobs}".casefold()
    return all(word in text for word in words)
