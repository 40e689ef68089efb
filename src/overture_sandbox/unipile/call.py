"""One request: whose account it is about, what it says, and what of it cannot be used."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from starlette.requests import Request

from overture_sandbox.unipile.errors import ApiError, not_found
from overture_sandbox.unipile.forms import Form, Upload
from overture_sandbox.unipile.tenant import Account, MailAccount, Tenant
from overture_sandbox.world import FaultRule, Login, Member, World
from overture_sandbox.world.faults import FaultKind

Json = dict[str, Any]
INSTANT: Final = re.compile(r"[1-2]\d{3}-[0-1]\d-[0-3]\dT\d{2}:\d{2}:\d{2}.\d{3}Z\Z")


@dataclass
class Call:
    """A request on its way through the service."""

    request: Request
    tenant: Tenant
    form: Form
    found: Account | None = None
    found_mail: MailAccount | None = None
    rules: list[FaultRule] = field(default_factory=list)

    @property
    def world(self) -> World:
        """The world it is about."""
        return self.tenant.world

    @property
    def account(self) -> Account:
        """The account that acts."""
        if self.found is None:
            raise not_found("Account")
        return self.found

    @property
    def mail(self) -> MailAccount:
        """The mailbox it is about."""
        if self.found_mail is None:
            raise not_found("Account")
        return self.found_mail

    @property
    def me(self) -> Member:
        """The person the account belongs to."""
        return self.tenant.owner(self.account)

    @property
    def login(self) -> Login:
        """How the site treats that person."""
        return self.tenant.login(self.account)

    @property
    def body(self) -> Json:
        """The fields of the body."""
        return self.form.fields

    @property
    def files(self) -> tuple[Upload, ...]:
        """The files of the body."""
        return self.form.files

    def is_hit(self, kind: FaultKind) -> bool:
        """A switch of this kind fired on the request."""
        return any(rule.kind == kind for rule in self.rules)

    def path(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params.get(name, ""))

    def query(self, name: str) -> str | None:
        """A query parameter, None if it is missing or empty."""
        return self.request.query_params.get(name) or None

    def flag(self, name: str) -> bool | None:
        """A query parameter that is `true` or `false`."""
        value = self.query(name)
        if value not in (None, "true", "false"):
            raise ApiError("invalid_parameters", f"{name} must be true or false.")
        return None if value is None else value == "true"

    def text(self, name: str) -> str | None:
        """A field of the body that is text, if it is there."""
        value = self.body.get(name)
        if value is not None and not isinstance(value, str):
            raise ApiError("invalid_parameters", f"{name} must be a string.")
        return value or None

    def needed(self, name: str) -> str:
        """A field of the body that has to be there."""
        value = self.text(name)
        if value is None:
            raise ApiError("missing_parameters", f"{name} is required.")
        return value

    def words(self, name: str) -> str | None:
        """Text that people will read, its lines ended as the site ends them."""
        value = self.text(name)
        return value.replace("\r\n", "\n") if value else None

    def instant(self, name: str, filters: Json) -> datetime | None:
        """A filter that is a time, written as the service wants it."""
        value = filters.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or INSTANT.match(value) is None:
            raise ApiError("invalid_parameters", f"{name} must be an ISO 8601 UTC datetime.")
        try:
            return datetime.fromisoformat(value).astimezone(UTC)
        except ValueError as error:
            raise ApiError("invalid_parameters", f"{name} is no time.") from error

    def named_account(self) -> str | None:
        """The account the query or the body names."""
        named = self.query("account_id") or self.body.get("account_id")
        return named if isinstance(named, str) and named else None


def stamp(at: datetime) -> str:
    """A time as the service writes it: UTC with milliseconds and a Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ago(at: datetime, now: datetime) -> str:
    """How long ago something was, as pages say it: `3d`."""
    seconds = max(0, int((now - at).total_seconds()))
    for size, unit in ((604800, "w"), (86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return "now"
