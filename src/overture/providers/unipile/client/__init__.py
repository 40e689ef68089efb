"""A typed asynchronous client of the Unipile API v1, usable by itself.

    async with UnipileClient("api6.unipile.com:13670", key) as unipile:
        async for relation in unipile.relations.iter(account_id):
            ...
        await unipile.invitations.send(account_id, provider_id, note, tier="free")

What it promises:

- **A DSN is required**, in any spelling (`parse_dsn`); there is no default.
- **A write is sent once.** Reads are tried again with full jitter; a write never is. When it is unknown
  whether a write was performed (time-out, connection lost after sending, 408, 500, 502, 504, a success that
  cannot be read), `Indeterminate` is raised, or an error whose `.indeterminate` is true. Then look:
  `was_invited`, `find_sent_message`, `has_reacted`, `find_comment`. `Unreached` means it certainly did not
  leave. A visit (`users.visit`) and a resynchronisation are GETs, and writes all the same.
  A cancelled write is in doubt too.
- **Errors say what to do** (the tree is in `errors`), by Unipile's type and by what was asked.
  `.ambiguous` marks the types that mean one of two things.
- **Answers are read tolerantly**: unknown fields stay as extras, odd ones become None, times are aware, flags
  are booleans or None. Enumerations are open. `object` is not checked, except where it *is* the answer.
- **Lists**: `list…` gives one `Page`, `iter…` a `Walk` that ends at the end, at `max_items`, at `stop_when`
  (`Bounds`) or at a repeated cursor, and tells which (`walk.ended`, `walk.is_complete`).
- **One live call of an account at a time**, each asked of the injected `Limiter` first. Reads of
  Unipile's own store are exempt.
- **Secrets are not shown**: not in errors, representations or the journal of a dry run.
- **`Conduct(dry_run=True)`** sends no write: they are in `intended`, and answers have `dry_run` set.
- **Deliveries of webhooks** are read by pure functions: `parse_delivery`, `dedup_key`, `is_own_message`,
  `has_secret`, `is_signed_v2`, `is_signed_legacy`.
"""

from overture.providers.unipile.client.calls import Call, Chance, Clock, Kind, Limiter, Timeouts, Unlimited
from overture.providers.unipile.client.classify import CATALOGUE
from overture.providers.unipile.client.deliveries import (
    Delivery,
    UnreadableDelivery,
    dedup_key,
    is_own_message,
    parse_delivery,
)
from overture.providers.unipile.client.doubt import Invited, Sought, SoughtComment, Standing, without_blanks
from overture.providers.unipile.client.dsn import BadDsn, Dsn, parse_dsn
from overture.providers.unipile.client.encoding import Attachment, LinkedInOptions
from overture.providers.unipile.client.errors import (
    AccountDisconnected,
    AccountLimit,
    AccountRestricted,
    AlreadyDone,
    ConfigError,
    ContentInvalid,
    FeatureMissing,
    Indeterminate,
    InsufficientCredits,
    NotFound,
    RecipientPermanent,
    Refusal,
    Rejected,
    SignInRefused,
    Transient,
    UnipileError,
    Unreached,
    Unreadable,
)
from overture.providers.unipile.client.identifiers import (
    BadIdentifier,
    is_classic_id,
    post_identifier,
    profile_identifier,
)
from overture.providers.unipile.client.models.accounts import (
    Account,
    Checkpoint,
    ConnectAnswer,
    HostedLink,
    SyncState,
)
from overture.providers.unipile.client.models.base import Done
from overture.providers.unipile.client.models.emails import Email, EmailSent
from overture.providers.unipile.client.models.linkedin import (
    Company,
    InmailBalance,
    RawData,
    SearchParameter,
    SearchResult,
)
from overture.providers.unipile.client.models.messaging import (
    Attendee,
    Chat,
    ChatStarted,
    Message,
    MessageSent,
)
from overture.providers.unipile.client.models.people import (
    Invitation,
    InvitationSent,
    OwnProfile,
    Relation,
    UserProfile,
)
from overture.providers.unipile.client.models.posts import Comment, CommentSent, Post, PostReaction
from overture.providers.unipile.client.models.webhooks import Webhook
from overture.providers.unipile.client.notes import NOTE_LIMITS, Tier, note_fits, text_length
from overture.providers.unipile.client.pages import Bounds, Page, Walk
from overture.providers.unipile.client.reconcile import BadReceiver, Receivers, Reconciled
from overture.providers.unipile.client.redaction import redact
from overture.providers.unipile.client.resources.accounts import (
    ConnectOptions,
    LinkedInCookie,
    LinkedInPassword,
    OtherCredentials,
    Proxy,
)
from overture.providers.unipile.client.resources.chats import ChatFilter
from overture.providers.unipile.client.resources.emails import Address, EmailFilter, Letter
from overture.providers.unipile.client.resources.hosted import HostedOptions
from overture.providers.unipile.client.resources.messages import MessageFilter
from overture.providers.unipile.client.resources.webhooks import AUTH_HEADER, NewWebhook
from overture.providers.unipile.client.signatures import has_secret, is_signed_legacy, is_signed_v2
from overture.providers.unipile.client.vocabulary import (
    DEFAULT_EVENTS,
    FIRST_DEGREE,
    REACTION_READ_AS,
    CheckpointType,
    Reaction,
    SourceStatus,
)
from overture.providers.unipile.client.wire import Conduct, Intended
from overture.providers.unipile.client.workspace import UnipileClient

__all__ = [
    "AUTH_HEADER",
    "CATALOGUE",
    "DEFAULT_EVENTS",
    "FIRST_DEGREE",
    "NOTE_LIMITS",
    "REACTION_READ_AS",
    "Account",
    "AccountDisconnected",
    "AccountLimit",
    "AccountRestricted",
    "Address",
    "AlreadyDone",
    "Attachment",
    "Attendee",
    "BadDsn",
    "BadIdentifier",
    "BadReceiver",
    "Bounds",
    "Call",
    "Chance",
    "Chat",
    "ChatFilter",
    "ChatStarted",
    "Checkpoint",
    "CheckpointType",
    "Clock",
    "Comment",
    "CommentSent",
    "Company",
    "Conduct",
    "ConfigError",
    "ConnectAnswer",
    "ConnectOptions",
    "ContentInvalid",
    "Delivery",
    "Done",
    "Dsn",
    "Email",
    "EmailFilter",
    "EmailSent",
    "FeatureMissing",
    "HostedLink",
    "HostedOptions",
    "Indeterminate",
    "InmailBalance",
    "InsufficientCredits",
    "Intended",
    "Invitation",
    "InvitationSent",
    "Invited",
    "Kind",
    "Letter",
    "Limiter",
    "LinkedInCookie",
    "LinkedInOptions",
    "LinkedInPassword",
    "Message",
    "MessageFilter",
    "MessageSent",
    "NewWebhook",
    "NotFound",
    "OtherCredentials",
    "OwnProfile",
    "Page",
    "Post",
    "PostReaction",
    "Proxy",
    "RawData",
    "Reaction",
    "Receivers",
    "RecipientPermanent",
    "Reconciled",
    "Refusal",
    "Rejected",
    "Relation",
    "SearchParameter",
    "SearchResult",
    "SignInRefused",
    "Sought",
    "SoughtComment",
    "SourceStatus",
    "Standing",
    "SyncState",
    "Tier",
    "Timeouts",
    "Transient",
    "UnipileClient",
    "UnipileError",
    "Unlimited",
    "Unreached",
    "Unreadable",
    "UnreadableDelivery",
    "UserProfile",
    "Walk",
    "Webhook",
    "dedup_key",
    "has_secret",
    "is_classic_id",
    "is_own_message",
    "is_signed_legacy",
    "is_signed_v2",
    "note_fits",
    "parse_delivery",
    "parse_dsn",
    "post_identifier",
    "profile_identifier",
    "redact",
    "text_length",
    "without_blanks",
]
