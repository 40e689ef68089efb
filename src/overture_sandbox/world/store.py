"""The whole world as the faces see it, and the handful of people it starts with."""

from collections.abc import Callable
from datetime import datetime

from overture_sandbox.world.gestures import Gestures
from overture_sandbox.world.groups import Groups
from overture_sandbox.world.letters import Letters
from overture_sandbox.world.model import (
    Degree,
    Education,
    Language,
    Login,
    Member,
    Position,
    RelationState,
    YearMonth,
)
from overture_sandbox.world.network import Refused, Relationship
from overture_sandbox.world.people import invent
from overture_sandbox.world.posts import PostBoard

__all__ = ["Refused", "Relationship", "World"]


class World(PostBoard, Gestures, Groups, Letters):
    """Every query and every command; each command that takes effect goes on record in the ledger."""

    unipile_key = "sandbox-unipile-key"  # of the Unipile face; stays when the world begins again

    def reset(self, seed: int = 1, start: datetime | None = None) -> None:
        """Begin again with the five people every story knows, and the account of one of them."""
        super().reset(seed, start)
        me, *others = (self.add_member(build(self.mint_identity)) for build in (_mira, *FIRST_PEOPLE))
        self.add_login(Login("mira@sandbox.test", "sandbox-pass", me.slug))
        for other, (state, degree) in zip(others, FIRST_PEOPLE.values(), strict=True):
            self.set_relationship(me, other, state, degree)

    def newcomer(self, number: int | None = None) -> Member:
        """One invented person who has not joined yet, to be changed at will before `add_member`."""
        identity = self.mint_identity(number)
        return invent(lambda: identity, 1, hash((self.seed, identity[0])), set(self._names))[0]

    def populate(self, count: int, seed: int | None = None) -> list[Member]:
        """Let this many invented people join."""
        people = invent(self.mint_identity, count, self.seed if seed is None else seed, set(self._names))
        return [self.add_member(person) for person in people]


Identities = Callable[[int | None], tuple[int, str]]


def _mira(identity: Identities) -> Member:
    number, profile = identity(900000001)
    return Member(
        number,
        profile,
        "mira-oxbow-sbx",
        "Mira",
        "Oxbow",
        headline="Outreach lead at Sandbox Works",
        positions=[Position("Outreach lead", "Sandbox Works", 970000, YearMonth(2021, 2))],
    )


def _jonas(identity: Identities) -> Member:
    number, profile = identity(900000417)
    return Member(
        number,
        profile,
        "jonas-fernweh-sbx",
        "Jonas",
        "Fernweh",
        headline="Coffee logistics",
        email="jonas@fernweh.test",
        phone="+49 30 0000000",
        websites=["https://fernweh.test"],
        positions=[Position("Route planner", "Fernweh Roasters", None, YearMonth(2020, 5))],
        skills=["Logistics"],
    )


def _prisca(identity: Identities) -> Member:
    number, profile = identity(900000532)
    return Member(
        number,
        profile,
        "prisca-hollowell-sbx",
        "Prisca",
        "Hollowell",
        headline="Head of Data at Brindle Freight",
        summary="Builds boring, dependable pipelines.",
        connections_count=500,
        followers_count=812,
        positions=[
            Position(
                "Head of Data",
                "Brindle Freight",
                970001,
                YearMonth(2022, 4),
                location="Leipzig",
                description="Owns the warehouse.",
            ),
            Position("Lead Analyst", "Cinder Labs", None, YearMonth(2019, 6), YearMonth(2022, 3)),
            Position("Analyst", "Cinder Labs", None, YearMonth(2016, 1), YearMonth(2019, 5)),
        ],
        educations=[Education("Testfield University", 980001, "MSc", "Statistics", 2012, 2014)],
        skills=["dbt"],
        languages=[Language("German", "NATIVE_OR_BILINGUAL")],
    )


def _tomas(identity: Identities) -> Member:
    number, profile = identity(900000688)
    return Member(
        number,
        profile,
        "tomas-kettering-sbx",
        "Tomas",
        "Kettering",
        headline="Writes about logistics",
        creator=True,
        follow_first=True,
        connect_placement="more_menu",
        connections_count=48,
        followers_count=50,
    )


def _lena(identity: Identities) -> Member:
    number, profile = identity(900000733)
    return Member(
        number,
        profile,
        "lena-vogtmann-sbx",
        "Lena",
        "Vogtmann",
        headline="COO",
        positions=[Position("COO", "Vogtmann Pumps", 970002, YearMonth(2018, 9))],
    )


FIRST_PEOPLE: dict[Callable[[Identities], Member], tuple[RelationState, Degree | None]] = {
    _jonas: ("connected", None),
    _prisca: ("none", "2"),
    _tomas: ("none", "3"),
    _lena: ("pending", "2"),
}
