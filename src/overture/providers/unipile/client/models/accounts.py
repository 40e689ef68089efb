"""Accounts, what it takes to connect them, and links of hosted sign-in."""

from pydantic import Field, SecretStr

from overture.providers.unipile.client.models.base import Done, Lenient
from overture.providers.unipile.client.values import Flag, Moment
from overture.providers.unipile.client.vocabulary import WORST_FIRST


class Source(Lenient):
    """One source of an account (messaging, mail) and how it fares."""

    id: str | None = None
    status: str | None = None


class ProxyInUse(Lenient):
    """The proxy an account goes through."""

    source: str | None = None
    protocol: str | None = None
    host: str | None = None
    port: int | None = None
    username: str | None = None
    password: SecretStr | None = None


class Organization(Lenient):
    """A company page the account writes for."""

    id: str | None = None
    name: str | None = None
    messaging_enabled: Flag = None
    organization_urn: str | None = None
    mailbox_urn: str | None = None
    mailbox_id: str | None = None


class Messaging(Lenient):
    """Who the account is at its provider."""

    id: str | None = None
    username: str | None = None
    public_identifier: str | None = Field(None, alias="publicIdentifier")
    premium_id: str | None = Field(None, alias="premiumId")
    premium_contract_id: str | None = Field(None, alias="premiumContractId")
    premium_features: list[str] | None = Field(None, alias="premiumFeatures")
    organizations: list[Organization] | None = None
    proxy: ProxyInUse | None = None


class Mailbox(Lenient):
    """The address and servers of a mail account."""

    id: str | None = None
    username: str | None = None
    imap_user: str | None = None
    imap_host: str | None = None
    smtp_user: str | None = None
    smtp_host: str | None = None


class ConnectionParams(Lenient):
    """How an account is connected."""

    im: Messaging | None = None
    mail: Mailbox | None = None


class Account(Lenient):
    """An account connected to the workspace."""

    id: str
    type: str | None = None
    name: str | None = None
    created_at: Moment = None
    connection_params: ConnectionParams | None = None
    sources: list[Source] | None = None
    groups: list[object] | None = None

    @property
    def status(self) -> str | None:
        """The worst status over the sources, as there is none of the account itself; None when unknown."""
        found = {source.status for source in self.sources or () if source.status}
        unknown = sorted(found - set(WORST_FIRST))
        return unknown[0] if unknown else next((status for status in WORST_FIRST if status in found), None)

    @property
    def provider_id(self) -> str | None:
        """The account's own member id."""
        im = self.connection_params.im if self.connection_params else None
        return im.id if im else None

    @property
    def is_premium(self) -> bool | None:
        """Whether it has a paid LinkedIn subscription; None when Unipile does not say."""
        im = self.connection_params.im if self.connection_params else None
        return bool(im.premium_features) if im and im.premium_features is not None else None


class ContractOption(Lenient):
    """A Recruiter contract to choose."""

    id: str | None = None
    name: str | None = None


class Checkpoint(Lenient):
    """What has to be answered before the account is in."""

    type: str | None = None
    source: str | None = None
    public_key: str | None = None
    data: SecretStr | None = None
    qrcode: SecretStr | None = None
    contract_options: list[ContractOption] | None = None


class ConnectAnswer(Done):
    """The outcome of connecting or answering a checkpoint; 201 and 202 say nothing, `object` does."""

    account_id: str | None = None
    checkpoint: Checkpoint | None = None

    @property
    def is_connected(self) -> bool:
        """Whether the account is in, and no checkpoint stands before it."""
        return self.checkpoint is None and self.object in ("AccountCreated", "AccountReconnected")


class SyncState(Done):
    """How far a resynchronisation is; asking again after its end starts another."""

    status: str | None = None
    chat_id: str | None = None


class CheckpointResent(Done):
    """Whether a new code is on its way."""

    success: Flag = None


class HostedLink(Done):
    """A page on which the owner of an account signs in; dies at the next daily restart at the latest."""

    url: str | None = None
