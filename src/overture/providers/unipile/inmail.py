"""InMail: write to a member the account is not connected with, and say what it cost."""

from collections.abc import Mapping, Sequence, Set
from typing import Final, Literal, get_args
from uuid import UUID

from overture.core.errors import NotPossible, PageChanged
from overture.providers.unipile import client as api
from overture.providers.unipile.desk import Desk
from overture.providers.unipile.registry import writes
from overture.providers.unipile.resolve import state_of
from overture.providers.unipile.store import CLASSIC, RECRUITER, SALES_NAVIGATOR
from overture.providers.unipile.thread import chats_with, is_own, urn_of
from overture.providers.unipile.thread_write import ThreadWrite
from overture.touchpoints import Evidence, InMail, InMailSent, Outcome
from overture.touchpoints.profile import RelationshipState

Product = Literal["premium", "sales_navigator", "recruiter"]
INBOX_OF: Final[Mapping[str, str]] = {
    "premium": CLASSIC,
    "sales_navigator": SALES_NAVIGATOR,
    "recruiter": RECRUITER,
}


@writes
class InMailWrite(ThreadWrite[InMail]):
    """One InMail under way."""

    kind = "inmail"

    def __init__(self, desk: Desk, touchpoint: InMail, token: UUID) -> None:
        super().__init__(desk, touchpoint, token)
        self._product: Product = "premium"
        self._cost: int | None = None
        self._before: int | None = None

    async def prepare(self) -> Outcome | None:
        """Connections are written to for nothing, nobody twice before they answer; and see what it costs."""
        profile = await self._meet()
        state = state_of(profile)
        if state is RelationshipState.UNKNOWN:
            raise PageChanged("the relationship to this member", code="relationship_unknown")
        if state is RelationshipState.CONNECTED:
            raise NotPossible("use_message", "this member is a connection; a message costs nothing")
        self._chats = await chats_with(self._desk, self._known().profile_id)
        await self._is_first()
        await self._price(is_open=profile.is_open_profile is True)
        if profile.can_send_inmail is False:
            raise NotPossible("inmail_unavailable", "LinkedIn allows no InMail to this member")
        return None

    @property
    def _words(self) -> str:
        return self._touchpoint.body

    async def _inboxes(self) -> Set[str]:
        """By which product it went is not known afterwards: those of all the account has, or may have."""
        owner, client = self._desk.owner, self._desk.client
        if not owner.features_told:
            return frozenset(INBOX_OF.values())
        try:
            balance = await client.linkedin.inmail_balance(self._desk.account)
        except api.UnipileError as error:
            self._desk.trace.step("products_not_read", site_code=error.slug)
            return frozenset(INBOX_OF.values())
        named = owner.features.union(_owned(balance))
        return {CLASSIC, *(inbox for product, inbox in INBOX_OF.items() if product in named)}

    async def _is_first(self) -> None:
        """LinkedIn lets nobody send a second InMail before the first is answered."""
        me = self._desk.owner.profile_id
        for chat in self._chats:
            if chat.content_type != "inmail":
                continue
            said = await self._desk.client.messages.list(api.MessageFilter(chat_id=chat.id), limit=50)
            if all(is_own(message, me) for message in said.items):
                raise NotPossible("inmail_unavailable", "an InMail to this member awaits their answer")

    async def _price(self, *, is_open: bool) -> None:
        """By which product it goes and what it takes from its balance; nothing to an open profile."""
        balance = await self._desk.client.linkedin.inmail_balance(self._desk.account)
        owned = _owned(balance)
        if not owned and not is_open:
            raise NotPossible("not_entitled", "the account has not subscribed to InMail")
        self._cost = 0 if is_open else 1
        self._product = _richest(balance, owned)
        self._before = getattr(balance, self._product)
        self._desk.trace.step("inmail_price", cost=self._cost, available=self._before, by=self._product)
        if not is_open and not self._before:
            raise NotPossible("inmail_no_credits", "the account has no InMail credits left", credits=0)

    async def _send(self) -> tuple[str | None, str | None]:
        options = (
            api.LinkedInOptions(inmail=True)
            if self._product == "premium"
            else api.LinkedInOptions(api=self._product)
        )
        started = await self._desk.client.chats.start(
            self._desk.account,
            [self._known().profile_id],
            self._words,
            subject=self._touchpoint.subject,
            linkedin=options,
        )
        return started.chat_id, started.message_id

    async def _proof(self, message: api.Message) -> tuple[InMailSent, Evidence]:
        identity, urn = self._known(), urn_of(message.provider_id, message.id)
        after = await self._left()
        outcome = InMailSent(
            message_urn=str(urn),
            conversation_urn=urn_of(message.chat_provider_id, message.chat_id),
            delivered_at=message.timestamp,
            public_identifier=identity.slug,
            profile_id=identity.profile_id,
            credits_cost=self._cost,
            credits_before=self._before,
            credits_after=after,
            warning=self._warning(after),
        )
        facts = {"message_urn": urn, "message_id": message.id, "credits_after": after}
        return outcome, Evidence("thread", facts)

    async def _left(self) -> int | None:
        """The credits by a fresh read; that the InMail is there does not depend on it."""
        try:
            balance = await self._desk.client.linkedin.inmail_balance(self._desk.account)
        except api.UnipileError as error:
            self._desk.trace.step("credits_not_read", site_code=error.slug)
            return None
        left: int | None = getattr(balance, self._product)
        return left

    def _warning(self, after: int | None) -> Literal["credits_not_read", "credits_differ"] | None:
        """What is odd about the credits; an InMail that costs nothing need not tell how many there are."""
        if after is None:
            return None if self._cost == 0 else "credits_not_read"
        if self._before is None or self._cost is None:
            return None
        return None if after == self._before - self._cost else "credits_differ"


def _owned(balance: api.InmailBalance) -> list[Product]:
    """The products it names a balance of, if only of nothing."""
    return [product for product in get_args(Product) if getattr(balance, product) is not None]


def _richest(balance: api.InmailBalance, owned: Sequence[Product]) -> Product:
    """The product with most credits left; the ordinary one where none is subscribed."""
    return max(owned, key=lambda product: getattr(balance, product) or 0, default="premium")
