"""Words of the Unipile API this client knows; fields stay open text, for the API grows without notice."""

from enum import StrEnum
from typing import Final, Literal

LinkedInApi = Literal["classic", "sales_navigator", "recruiter"]
InvitationAnswer = Literal["accept", "decline"]
WebhookSource = Literal["users", "messaging", "account_status", "email", "email_tracking", "calendar_event"]


class Provider(StrEnum):
    """What kind of account it is."""

    LINKEDIN = "LINKEDIN"
    MAIL = "MAIL"
    GOOGLE_OAUTH = "GOOGLE_OAUTH"
    OUTLOOK = "OUTLOOK"
    WHATSAPP = "WHATSAPP"
    INSTAGRAM = "INSTAGRAM"
    MESSENGER = "MESSENGER"
    TELEGRAM = "TELEGRAM"
    TWITTER = "TWITTER"


class SourceStatus(StrEnum):
    """How one source of an account fares."""

    OK = "OK"
    CONNECTING = "CONNECTING"
    STOPPED = "STOPPED"
    ERROR = "ERROR"
    PERMISSIONS = "PERMISSIONS"
    CREDENTIALS = "CREDENTIALS"


WORST_FIRST: Final = tuple(reversed(SourceStatus))


class CheckpointType(StrEnum):
    """What LinkedIn asks before it lets an account in."""

    TWO_FACTOR = "2FA"
    OTP = "OTP"
    IN_APP_VALIDATION = "IN_APP_VALIDATION"
    PHONE_REGISTER = "PHONE_REGISTER"
    CAPTCHA = "CAPTCHA"
    QRCODE = "QRCODE"
    CONTRACT_CHOOSER = "CONTRACT_CHOOSER"


class Reaction(StrEnum):
    """A reaction as it is asked for."""

    LIKE = "like"
    CELEBRATE = "celebrate"
    SUPPORT = "support"
    LOVE = "love"
    INSIGHTFUL = "insightful"
    FUNNY = "funny"


REACTION_READ_AS: Final = {
    Reaction.LIKE: "LIKE",
    Reaction.CELEBRATE: "PRAISE",
    Reaction.SUPPORT: "APPRECIATION",
    Reaction.LOVE: "EMPATHY",
    Reaction.INSIGHTFUL: "INTEREST",
    Reaction.FUNNY: "ENTERTAINMENT",
}
"""The word under which a reaction is read back."""

FIRST_DEGREE: Final = frozenset({"FIRST_DEGREE", "DISTANCE_1"})  # profiles and searches speak differently

PROFILE_SECTIONS: Final = (
    "experience", "education", "languages", "skills", "certifications", "about",
    "volunteering_experience", "projects", "recommendations_received", "recommendations_given",
)  # fmt: skip

SYNC_RUNNING: Final = frozenset({"SYNC_STARTED", "SYNC_RUNNING"})

DEFAULT_EVENTS: Final[dict[str, tuple[str, ...]]] = {
    "users": ("new_relation",),
    "messaging": (
        "message_received", "message_read", "message_reaction", "message_edited", "message_deleted",
        "message_delivered",
    ),
    "account_status": (
        "creation_success", "creation_fail", "deleted", "reconnected", "sync_success", "stopped", "ok",
        "connecting", "error", "credentials", "permissions",
    ),
    "email": ("mail_received", "mail_sent", "mail_moved"),
    "email_tracking": ("mail_opened", "mail_link_clicked"),
    "calendar_event": ("calendar_event_created", "calendar_event_updated", "calendar_event_deleted"),
}  # fmt: skip
"""Every event of each webhook source."""
