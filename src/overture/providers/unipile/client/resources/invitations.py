"""Invitations: sent, listed, withdrawn, answered."""

from overture.providers.unipile.client.calls import Call, Kind
from overture.providers.unipile.client.encoding import bounded, given
from overture.providers.unipile.client.errors import ContentInvalid, Refusal
from overture.providers.unipile.client.identifiers import path_part
from overture.providers.unipile.client.models.base import Done
from overture.providers.unipile.client.models.people import Invitation, InvitationHandled, InvitationSent
from overture.providers.unipile.client.notes import NOTE_LIMITS, Tier, note_fits
from overture.providers.unipile.client.pages import Bounds, Page, Walk
from overture.providers.unipile.client.resources.base import Resource, act, live
from overture.providers.unipile.client.vocabulary import InvitationAnswer


class Invitations(Resource):
    """Invitations between an account and members."""

    async def send(
        self,
        account_id: str,
        provider_id: str,
        note: str | None = None,
        *,
        tier: Tier | None = None,
        email: str | None = None,
    ) -> InvitationSent:
        """Invite a member, by the id the acting account knows them by; an over-long note is never sent."""
        if note is not None and not note_fits(note, tier):
            raise _too_long(account_id, tier)
        wish = given(account_id=account_id, provider_id=provider_id, message=note or None, user_email=email)
        call = act("/users/invite", "invitations.send", account_id, wish, "UserInvitationSent")
        return await self._ask(InvitationSent, call)

    async def list_sent(
        self, account_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[Invitation]:
        """One page of the invitations nobody has answered yet."""
        return await self._page(Invitation, self._list("sent", account_id, limit), cursor)

    def iter_sent(self, account_id: str, bounds: Bounds[Invitation] | None = None) -> Walk[Invitation]:
        """All invitations nobody has answered yet."""
        return self._walk(Invitation, self._list("sent", account_id, 100), bounds)

    async def list_received(
        self, account_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[Invitation]:
        """One page of the invitations that await the account's answer."""
        return await self._page(Invitation, self._list("received", account_id, limit), cursor)

    def iter_received(self, account_id: str, bounds: Bounds[Invitation] | None = None) -> Walk[Invitation]:
        """All invitations that await the account's answer."""
        return self._walk(Invitation, self._list("received", account_id, 100), bounds)

    async def withdraw(self, account_id: str, invitation_id: str) -> Done:
        """Take a sent invitation back."""
        path = f"/users/invite/sent/{path_part(invitation_id)}"
        query = {"account_id": account_id}
        kind, action = Kind.LIVE_WRITE, "invitations.withdraw"
        call = Call("DELETE", path, kind, action, account_id, query, answers="InvitationCanceled")
        return await self._ask(Done, call)

    async def answer(
        self, account_id: str, invitation: Invitation, answer: InvitationAnswer
    ) -> InvitationHandled:
        """Accept or decline a received invitation."""
        secret = invitation.specifics.shared_secret if invitation.specifics else None
        wish = given(
            provider="LINKEDIN",
            shared_secret=secret.get_secret_value() if secret else None,
            account_id=account_id,
            action=answer,
        )
        path = f"/users/invite/received/{path_part(invitation.id)}"
        call = act(path, f"invitations.{answer}", account_id, wish, "UserInvitationHandled")
        return await self._ask(InvitationHandled, call)

    def _list(self, which: str, account_id: str, limit: int | None) -> Call:
        path = f"/users/invite/{which}"
        return live(path, f"invitations.list_{which}", account_id, limit=bounded(limit, 100))


def _too_long(account_id: str, tier: Tier | None) -> ContentInvalid:
    """Refused here, in Unipile's words, before anything was sent."""
    detail = f"a note of this account has at most {NOTE_LIMITS[tier]} characters; nothing was sent"
    return ContentInvalid(
        Refusal(
            method="POST",
            path="/users/invite",
            account_id=account_id,
            type="errors/too_many_characters",
            title="Too many characters",
            detail=detail,
        )
    )
