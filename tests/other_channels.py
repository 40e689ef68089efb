"""E-mail and contact forms before there are providers for them: a touchpoint and a scripted provider of each.

with other_channels():                     # the types exist as long as this lasts
    house = await with_channels(house)     # senders `post` (e-mail) and `web` (forms)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from campaign_house import ALWAYS, House
from fakes import ScriptedProvider
from overture import accounts
from overture.accounts import NO_LIMITS, Limits, NewAccount
from overture.touchpoints import REGISTRY, Category, Outcome, Reversibility, Touchpoint


class Handed(Outcome):
    """It was handed over."""


class Email(Touchpoint):
    """Send an e-mail."""

    channel: ClassVar[str] = "email"
    reversibility: ClassVar[Reversibility] = "once"
    category: ClassVar[Category] = "message"
    outcome: ClassVar[type[Outcome]] = Handed
    reaches_person: ClassVar[bool] = True

    type: Literal["email"] = "email"
    to: str
    subject: str
    body: str

    def target_key(self) -> str | None:
        """The address."""
        return self.to


class ContactForm(Touchpoint):
    """Fill in a website's contact form."""

    channel: ClassVar[str] = "contact_form"
    reversibility: ClassVar[Reversibility] = "once"
    category: ClassVar[Category] = "message"
    outcome: ClassVar[type[Outcome]] = Handed
    reaches_person: ClassVar[bool] = True

    type: Literal["contact_form"] = "contact_form"
    url: str
    subject: str | None = None
    message: str

    def target_key(self) -> str | None:
        """The website."""
        return self.url


TYPES: dict[str, type[Touchpoint]] = {"email": Email, "contact_form": ContactForm}
for _name in TYPES:
    REGISTRY.pop(_name)  # other tests know only what the product has


@contextmanager
def other_channels() -> Iterator[None]:
    """The types are known."""
    REGISTRY.update(TYPES)
    try:
        yield
    finally:
        for name in TYPES:
            REGISTRY.pop(name)


@dataclass
class Channels:
    """The house with three channels, and the world behind each of the new ones."""

    house: House
    email: ScriptedProvider
    form: ScriptedProvider


async def with_channels(house: House) -> Channels:
    """A sender on each of the two channels, and a stub provider that carries it out."""
    email = ScriptedProvider(house.clock, "email_stub")
    form = ScriptedProvider(house.clock, "form_stub")
    email.channel, form.channel = "email", "contact_form"
    providers = {**house.app.providers, email.name: email, form.name: form}
    house.app = replace(house.app, providers=providers)
    for handle, provider in (("post", email), ("web", form)):
        limits = Limits.model_validate({**NO_LIMITS, "min_gap_s": 0.0})
        new = NewAccount(
            handle=handle, provider=provider.name, working_hours=ALWAYS, limits=limits, ramp="off"
        )
        async with house.app.sessions.begin() as db:
            await accounts.create(db, house.app.vault, house.app.ids.new(), new, provider.channel, house.now)
    return Channels(house, email, form)
