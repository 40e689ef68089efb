"""People: profiles, the account's own, invitations, relations."""

from typing import Any

from pydantic import SecretStr

from overture.providers.unipile.client.models.base import Done, Lenient
from overture.providers.unipile.client.values import Flag, Moment
from overture.providers.unipile.client.vocabulary import FIRST_DEGREE


class Position(Lenient):
    """A job; its dates are text of no fixed form."""

    company: str | None = None
    company_id: str | None = None
    position: str | None = None
    location: str | None = None
    description: str | None = None
    current: Flag = None
    start: str | None = None
    end: str | None = None


class School(Lenient):
    """A time at a school."""

    school: str | None = None
    school_id: str | None = None
    degree: str | None = None
    field_of_study: str | None = None
    start: str | None = None
    end: str | None = None


class ContactInfo(Lenient):
    """Addresses a member shows to the account."""

    emails: list[str] | None = None
    phones: list[str] | None = None
    adresses: list[str] | None = None  # spelt so by the API
    socials: list[dict[str, Any]] | None = None


class InvitationState(Lenient):
    """An invitation between the account and this person."""

    type: str | None = None
    status: str | None = None


class UserProfile(Lenient):
    """A member as the account sees them."""

    provider_id: str
    provider: str | None = None
    public_identifier: str | None = None
    member_urn: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    headline: str | None = None
    summary: str | None = None
    location: str | None = None
    websites: list[str] | None = None
    contact_info: ContactInfo | None = None
    hashtags: list[str] | None = None
    profile_picture_url: str | None = None
    profile_picture_url_large: str | None = None
    public_profile_url: str | None = None
    can_send_inmail: Flag = None
    is_open_profile: Flag = None
    is_premium: Flag = None
    is_creator: Flag = None
    is_influencer: Flag = None
    is_hiring: Flag = None
    is_open_to_work: Flag = None
    is_relationship: Flag = None
    is_self: Flag = None
    invitation: InvitationState | None = None
    network_distance: str | None = None
    follower_count: int | None = None
    connections_count: int | None = None
    shared_connections_count: int | None = None
    work_experience: list[Position] | None = None
    education: list[School] | None = None
    skills: list[dict[str, Any]] | None = None
    languages: list[dict[str, Any]] | None = None
    certifications: list[dict[str, Any]] | None = None
    projects: list[dict[str, Any]] | None = None
    volunteering_experience: list[dict[str, Any]] | None = None
    recommendations: dict[str, Any] | None = None
    throttled_sections: list[str] | None = None  # empty for lack of quota, not for lack of content

    @property
    def is_connected(self) -> bool | None:
        """Whether the account is connected with them; None when the profile does not say."""
        if self.is_relationship or self.network_distance in FIRST_DEGREE:
            return True
        return None if self.is_relationship is None and self.network_distance is None else False

    @property
    def is_invited(self) -> bool:
        """Whether an invitation of the account awaits their answer."""
        return self._invitation() == ("SENT", "PENDING")

    @property
    def has_invited_us(self) -> bool:
        """Whether they await ours: to be accepted, not invited."""
        return self._invitation() == ("RECEIVED", "PENDING")

    def _invitation(self) -> tuple[str | None, str | None]:
        return (self.invitation.type, self.invitation.status) if self.invitation else (None, None)


class Seat(Lenient):
    """A seat of Sales Navigator or Recruiter, or why it does not answer."""

    owner_seat_id: str | None = None
    contract_id: str | None = None
    error: str | None = None


class OwnProfile(Lenient):
    """The member an account is."""

    provider_id: str
    provider: str | None = None
    entity_urn: str | None = None
    object_urn: str | None = None
    public_identifier: str | None = None
    public_profile_url: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    headline: str | None = None
    email: str | None = None
    premium: Flag = None
    open_profile: Flag = None
    organizations: list[dict[str, Any]] | None = None
    recruiter: Seat | None = None
    sales_navigator: Seat | None = None


class Inviter(Lenient):
    """Who sent an invitation."""

    inviter_name: str | None = None
    inviter_id: str | None = None
    inviter_public_identifier: str | None = None
    inviter_description: str | None = None


class InvitationSpecifics(Lenient):
    """What answering a received invitation takes."""

    provider: str | None = None
    shared_secret: SecretStr | None = None


class Invitation(Lenient):
    """A pending invitation, sent or received; `date` is a relative text."""

    id: str
    invited_user: str | None = None
    invited_user_id: str | None = None
    invited_user_public_id: str | None = None
    invited_user_description: str | None = None
    date: str | None = None
    parsed_datetime: Moment = None
    invitation_text: str | None = None
    inviter: Inviter | None = None
    specifics: InvitationSpecifics | None = None


class InvitationSent(Done):
    """An invitation went out; `usage` (percent of the limit) comes only when 50, 75, 90 or 95 is crossed."""

    invitation_id: str | None = None
    usage: float | None = None


class InvitationHandled(Done):
    """A received invitation was answered."""

    status: str | None = None


class Relation(Lenient):
    """A connection; `member_id` is the classic provider id, on which people are matched."""

    member_id: str | None = None
    member_urn: str | None = None
    connection_urn: str | None = None
    public_identifier: str | None = None
    public_profile_url: str | None = None
    profile_picture_url: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    headline: str | None = None
    created_at: Moment = None


class Follower(Lenient):
    """Somebody who follows, or is followed."""

    id: str | None = None
    provider_id: str | None = None
    public_identifier: str | None = None
    name: str | None = None
