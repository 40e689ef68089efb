"""What the routes of connecting Unipile accounts take and answer; secrets are taken, never shown."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, StrictBool, model_validator

from overture.core.instants import Instant
from overture.entrypoints.api.fields import Handle

Secret = Annotated[SecretStr, Field(min_length=1, max_length=10_000)]


class Which(BaseModel):
    """Which account is meant."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    handle: Handle


class LinkWish(BaseModel):
    """Who shall sign in, and where they are led afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    handle: Handle
    success_url: HttpUrl | None = Field(default=None, description="Where the owner is led when it worked.")
    failure_url: HttpUrl | None = Field(default=None, description="Where they are led when it did not.")


class LinkView(BaseModel):
    """A page of Unipile's on which the account's owner signs in. Make one for each click."""

    handle: Handle
    url: str
    kind: Literal["create", "reconnect"]
    expires_at: Instant


class SignIn(BaseModel):
    """What an account signs in with: user name and password, or a browser's cookie with its user agent.

    Passed on to Unipile, never stored here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    handle: Handle
    username: Secret | None = None
    password: Secret | None = None
    access_token: Secret | None = Field(default=None, description="The cookie `li_at`.")
    premium_token: Secret | None = Field(default=None, description="The cookie `li_a`, if there is one.")
    user_agent: str | None = Field(
        default=None, max_length=500, description="That of the browser the cookie is from, exactly."
    )
    country: str | None = Field(
        default=None, pattern=r"^[A-Za-z]{2}$", description="Where the account shall appear to be."
    )

    @model_validator(mode="after")
    def is_one_way(self) -> "SignIn":
        """Refuse none, both, and half of one."""
        by_password = self.username is not None and self.password is not None
        is_half = (self.username is None) != (self.password is None)
        if is_half or by_password == (self.access_token is not None):
            raise ValueError("give username and password, or access_token")
        return self


class CheckpointAnswer(BaseModel):
    """What a person says to the check LinkedIn asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    handle: Handle
    code: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="The code, a phone number `(+33)0612345678`, a contract's id, or TRY_ANOTHER_WAY.",
    )
    approved: StrictBool = Field(default=False, description="You said yes in LinkedIn's app.")
    resend: StrictBool = Field(default=False, description="Have the code sent again.")

    @model_validator(mode="after")
    def says_one_thing(self) -> "CheckpointAnswer":
        """Refuse an answer without one, and two at once."""
        if [self.code is not None, self.approved, self.resend].count(True) != 1:
            raise ValueError("give one of code, approved, resend")
        return self


class CheckpointView(BaseModel):
    """What LinkedIn asks for before it lets the account in."""

    kind: str = Field(examples=["pin"], description="pin, totp, app_approval, captcha, phone, contract, …")
    type: str | None = Field(examples=["OTP"], description="In Unipile's words.")
    source: str | None = Field(examples=["APP"], description="Where its code comes from.")
    options: list[str] = Field(description="Ids of contracts to choose from.")


class ConnectView(BaseModel):
    """How connecting an account stands."""

    handle: Handle
    status: Literal["connected", "checkpoint"]
    external_id: str | None = Field(description="The account's id at Unipile, once it is connected.")
    checkpoint: CheckpointView | None = None


class RemoteAccount(BaseModel):
    """One LinkedIn account as Unipile has it."""

    external_id: str
    name: str | None
    public_identifier: str | None
    status: str | None
    handle: str | None = Field(description="The account here, if one is this one.")


class RemoteList(BaseModel):
    """The workspace's LinkedIn accounts."""

    data: list[RemoteAccount]
