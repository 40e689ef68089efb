"""E-mails through mail accounts of the workspace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from overture.providers.unipile.client.calls import Call, Kind, Part
from overture.providers.unipile.client.encoding import (
    Attachment,
    bounded,
    file_parts,
    given,
    json_part,
    text_parts,
)
from overture.providers.unipile.client.identifiers import path_part
from overture.providers.unipile.client.models.base import Done
from overture.providers.unipile.client.models.emails import Email, EmailSent, Folder
from overture.providers.unipile.client.pages import Bounds, Page, Walk
from overture.providers.unipile.client.resources.base import Resource, act_in_parts, stored
from overture.providers.unipile.client.values import write_moment


@dataclass(frozen=True)
class Address:
    """An e-mail address with a name."""

    identifier: str
    display_name: str | None = None

    def body(self) -> dict[str, object]:
        """The fields of the request."""
        return given(display_name=self.display_name, identifier=self.identifier)


@dataclass(frozen=True)
class Letter:
    """An e-mail to be sent."""

    to: Sequence[Address]
    subject: str
    body: str = field(repr=False)  # HTML
    cc: Sequence[Address] = ()
    bcc: Sequence[Address] = ()
    sender: Address | None = None
    reply_to: str | None = None  # the id of the e-mail this is an answer to
    headers: Mapping[str, str] = field(default_factory=dict)
    tracking: Mapping[str, object] | None = None
    attachments: Sequence[Attachment] = ()

    def parts(self) -> list[Part]:
        """The letter as multipart form, nested values as JSON text."""
        headers = [{"name": name, "value": value} for name, value in self.headers.items()]
        return [
            *text_parts(subject=self.subject, body=self.body, reply_to=self.reply_to),
            *json_part("to", [one.body() for one in self.to]),
            *json_part("cc", [one.body() for one in self.cc] or None),
            *json_part("bcc", [one.body() for one in self.bcc] or None),
            *json_part("from", self.sender.body() if self.sender else None),
            *json_part("custom_headers", headers or None),
            *json_part("tracking_options", self.tracking),
            *file_parts(self.attachments),
        ]


@dataclass(frozen=True)
class EmailFilter:
    """Which e-mails of an account are meant."""

    account_id: str
    any_email: str | None = None
    folder: str | None = None
    message_id: str | None = None
    thread_id: str | None = None
    before: datetime | None = None
    after: datetime | None = None
    meta_only: bool | None = None

    def call(self, limit: int | None) -> Call:
        """The list these e-mails are on."""
        return stored(
            "/emails",
            "emails.list",
            account_id=self.account_id,
            any_email=self.any_email,
            folder=self.folder,
            message_id=self.message_id,
            thread_id=self.thread_id,
            before=write_moment(self.before) if self.before else None,
            after=write_moment(self.after) if self.after else None,
            meta_only=self.meta_only,
            limit=bounded(limit, 250),
        )


class Emails(Resource):
    """E-mails of mail accounts."""

    async def send(self, account_id: str, letter: Letter) -> EmailSent:
        """Send an e-mail; an answer's subject must be the parent's, or `Re:` and the parent's."""
        parts = [*text_parts(account_id=account_id), *letter.parts()]
        return await self._ask(
            EmailSent, act_in_parts("/emails", "emails.send", account_id, parts, "EmailSent")
        )

    async def list(
        self, which: EmailFilter, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[Email]:
        """One page of e-mails."""
        return await self._page(Email, which.call(limit), cursor)

    def iter(self, which: EmailFilter, bounds: Bounds[Email] | None = None) -> Walk[Email]:
        """All e-mails meant."""
        return self._walk(Email, which.call(250), bounds)

    async def get(self, email_id: str, *, account_id: str | None = None) -> Email:
        """One e-mail."""
        return await self._ask(
            Email, stored(f"/emails/{path_part(email_id)}", "emails.get", account_id=account_id)
        )

    async def update(
        self, account_id: str, email_id: str, *, unread: bool | None = None, folders: Sequence[str] = ()
    ) -> Done:
        """Mark an e-mail, or move it."""
        body = given(unread=unread, folders=[*folders] or None)
        path, kind = f"/emails/{path_part(email_id)}", Kind.LIVE_WRITE
        call = Call("PUT", path, kind, "emails.update", account_id, body=body, answers="EmailUpdated")
        return await self._ask(Done, call)

    async def delete(self, account_id: str, email_id: str) -> Done:
        """Put an e-mail into the bin."""
        path, kind = f"/emails/{path_part(email_id)}", Kind.LIVE_WRITE
        call = Call("DELETE", path, kind, "emails.delete", account_id, answers="EmailDeleted")
        return await self._ask(Done, call)

    async def folders(self, account_id: str) -> Page[Folder]:
        """The folders of a mailbox."""
        return await self._page(Folder, stored("/folders", "emails.folders", account_id=account_id))
