"""A scenario: one account, the people it meets, and what the site does to it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from overture_sandbox.linkedin.pages.quirks import QuirkKind, switch_on
from overture_sandbox.world import FaultRule, Login, Member, World
from overture_sandbox.world.faults import FaultKind
from overture_sandbox.world.model import Degree, RelationState

PASSWORD: Final = "sandbox-pass"  # noqa: S105 - the sandbox's people all have the same
LATE_S: Final = 5.5  # after the looks that follow an act, in the scaled-down times scenarios are played with


@dataclass
class Setting:
    """The account of a scenario and its surroundings, as they are arranged."""

    world: World
    login: Login
    people: dict[str, Member] = field(default_factory=dict)
    things: dict[str, object] = field(default_factory=dict)
    """Whatever else the one who plays has to know: addresses of posts, texts, codes."""

    @property
    def account(self) -> Member:
        """The person whose account it is."""
        return self.world.owner(self.login)

    def person(
        self, role: str, state: RelationState = "none", degree: Degree | None = "2", **fields: Any
    ) -> Member:
        """Somebody new, by the name of their part; how they stand to the account, and their page."""
        made = replace(plain_newcomer(self.world), **{"connect_placement": "primary_anchor", **fields})
        member = self.world.add_member(made)
        self.world.set_relationship(self.account, member, state, degree)
        self.people[role] = member
        return member

    def look(self, **fields: object) -> None:
        """Change how the site treats the account."""
        for name, value in fields.items():
            if not hasattr(self.login, name):
                raise AttributeError(f"a login has no {name}")
            setattr(self.login, name, value)

    def fault(self, kind: FaultKind, endpoint: str, **rule: Any) -> FaultRule:
        """Let an endpoint misbehave, for this account."""
        made = FaultRule(f"fault-{self.world.mint.uuid()}", kind, endpoint, account=self.login.username)
        return self.world.faults.add(replace(made, set_at_commit=self.world.commits, **rule))

    def quirk(self, kind: QuirkKind, **parameters: object) -> None:
        """Let the account's pages misbehave."""
        switch_on(self.world, kind, self.login.username, **parameters)


@dataclass(frozen=True)
class Scenario:
    """One behaviour of the site, by name, and the report it requires of whoever meets it."""

    number: int
    name: str
    site: str
    required: str
    arrange: Callable[[Setting], None]


SCENARIOS: Final[dict[str, Scenario]] = {}
"""Every scenario by its name; filled by `scenario`."""


Step = Callable[[Setting], object]
"""One thing that is arranged."""


def person(role: str, state: RelationState = "none", degree: Degree | None = "2", **fields: Any) -> Step:
    """Somebody new, by the name of their part."""
    return lambda setting: setting.person(role, state, degree, **fields)


def friend(role: str = "target", **fields: Any) -> Step:
    """A connection of the account."""
    return person(role, "connected", None, **fields)


def premium(credits_left: int) -> Step:
    """The account pays, and has this many InMail credits."""

    def pays(setting: Setting) -> None:
        setting.account.premium = True
        setting.look(inmail_credits=credits_left)

    return pays


def look(**fields: object) -> Step:
    """How the site treats the account."""
    return lambda setting: setting.look(**fields)


def fault(kind: FaultKind, endpoint: str, **rule: Any) -> Step:
    """An endpoint misbehaves, for the account."""
    return lambda setting: setting.fault(kind, endpoint, **rule)


def quirk(kind: QuirkKind, **parameters: object) -> Step:
    """The account's pages misbehave."""
    return lambda setting: setting.quirk(kind, **parameters)


def arranged(number: int, name: str, *steps: Step, site: str, required: str) -> None:
    """Enter a scenario that is nothing but a few steps, one after the other."""

    @scenario(number, name, site=site, required=required)
    def one_by_one(setting: Setting) -> None:
        for step in steps:
            step(setting)


def scenario(
    number: int, name: str, *, site: str, required: str
) -> Callable[[Callable[[Setting], None]], Callable[[Setting], None]]:
    """Enter the function that arranges it under its name."""

    def entered(arranging: Callable[[Setting], None]) -> Callable[[Setting], None]:
        if name in SCENARIOS:
            raise ValueError(f"two scenarios are called {name}")
        SCENARIOS[name] = Scenario(number, name, site, required, arranging)
        return arranging

    return entered


def arrange(
    world: World, name: str, *, username: str | None = None, password: str = PASSWORD, variant: str = "B"
) -> dict[str, object]:
    """Arrange a scenario in the world, with an account of its own; says who is to do what to whom."""
    chosen = SCENARIOS[name]
    owner = world.add_member(plain_newcomer(world))
    login = Login(username or f"{name}@sandbox.test", password, owner.slug)
    login.variant = "A" if variant == "A" else "B"
    world.add_login(login)
    setting = Setting(world, login)
    chosen.arrange(setting)
    return {
        "scenario": chosen.name,
        "number": chosen.number,
        "site": chosen.site,
        "required": chosen.required,
        "login": {"username": login.username, "password": login.password, "variant": login.variant},
        "people": {
            role: {"slug": one.slug, "profile_id": one.profile_id, "name": one.full_name}
            for role, one in setting.people.items()
        },
        **setting.things,
    }


def plain_newcomer(world: World) -> Member:
    """Somebody invented who pays the site nothing: who does is up to the scenario, not to chance."""
    return replace(world.newcomer(), premium=False, open_link=False)
