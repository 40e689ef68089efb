"""Settings: every `OVERTURE_…` variable, with its default and what it means (docs/reference/settings.md)."""

import os
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, HttpUrl, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from overture.core import zones

UNIPILE_READS = timedelta(seconds=5)
"""What an attempt needs at least besides waiting for Unipile's store."""


def default_data_dir() -> Path:
    """Where this user's data lives: XDG's place, or a private folder when there is no usable home."""
    base = os.environ.get("XDG_DATA_HOME")
    home = os.environ.get("HOME")
    if base:
        return Path(base) / "overture"
    if home and os.access(home, os.W_OK):
        return Path(home) / ".local" / "share" / "overture"
    return Path(tempfile.gettempdir()) / f"overture-{os.getuid()}"


class Settings(BaseSettings):
    """What an operator may set; read once at start from the environment (or a `.env` file)."""

    model_config = SettingsConfigDict(env_prefix="OVERTURE_", env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Field(default_factory=default_data_dir)
    """Folder for the embedded database, the key file, the API key and artefacts."""
    database_url: SecretStr | None = None
    """Any PostgreSQL >= 15, `postgresql://…`; unset means the embedded server in `data_dir`."""
    database_fsync: bool = True
    """Embedded server only: off makes tests fast and a power cut fatal."""
    key_file: Path | None = None
    """Key ring for secrets at rest; default `data_dir/keys`. Back it up apart from the database."""
    api_key: SecretStr | None = None
    """What `X-API-Key` must be; default: generated once into `data_dir/api-key`."""
    host: str = "127.0.0.1"
    """Address the server listens on."""
    port: int = 8000
    """Port the server listens on; 0 lets the system choose."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least level that is logged."""

    linkedin_url: HttpUrl | None = None
    """Base URL of LinkedIn's pages; unset means no LinkedIn account can act. The sandbox's URL for
    tests; the real service is opt-in by writing its address here."""
    chromium: Path | None = None
    """Chromium to drive; default: the system's."""
    browser_headless: bool = True
    """Off shows the browser windows, for a look or for a person to answer a challenge."""
    browser_contexts: int = Field(default=20, ge=1)
    """How many accounts' browser contexts a worker keeps open at once."""
    browser_warm_pages: int = Field(default=4, ge=0)
    """How many of them keep their page open between runs; the others keep only the session (memory against
    one page load)."""
    browser_timeout: timedelta = timedelta(seconds=15)
    """Longest wait for one control, page or answer in the browser."""
    browser_confirm: Annotated[tuple[float, ...], NoDecode] = (0.0, 3.0, 8.0)
    """Seconds after the act at which the independent reads are tried before the outcome is `unknown`."""

    artifact_days: int = Field(default=14, ge=1)
    """Days for which the artefacts of a failed attempt (screenshot, DOM, console, network) are kept."""

    worker_embedded: bool = True
    """Run a worker inside `overture serve`."""
    worker_concurrency: int = Field(default=8, ge=1)
    """Runs a worker performs at once (of different accounts)."""
    attempt_timeout: timedelta = timedelta(seconds=180)
    """Longest one attempt may take before it is given up (and read back when it had begun to act). With
    `unipile_dsn`, at least 5 seconds more than the last of `unipile_confirm`."""
    lease: timedelta = timedelta(seconds=30)
    """How long a run stays with a worker that shows no sign of life."""
    tick: timedelta = timedelta(seconds=1)
    """How often the dispatcher looks for runs whose time has come."""
    act_window: timedelta = Field(default=timedelta(seconds=20), le=timedelta(minutes=1))
    """From the committed intent: the write is released within this time or not at all. Quotas count an act a
    minute longer than its window for it, so it is no longer than that."""
    reconcile_grace: timedelta = timedelta(seconds=60)
    """Least time after `act_window` before an unknown outcome is read back; a provider may ask for more."""
    max_attempts: int = Field(default=4, ge=1)
    """Attempts of one run before a transient failure is final."""
    retry_backoff: timedelta = timedelta(seconds=30)
    """First pause before another attempt; doubles each time."""
    schedule_on_time: timedelta = timedelta(minutes=5)
    """A schedule's time that is further past than this was missed; its `missed` policy says what follows."""

    planner_embedded: bool = True
    """Run the campaigns' planner inside `overture serve`."""
    planner_tick: timedelta = timedelta(seconds=5)
    """How long the planner waits at most between two looks at events and at what is due."""
    relations_every: timedelta = timedelta(hours=2)
    """How often connections and sent invitations of an account are read for campaigns (acceptances)."""
    inbox_every: timedelta = timedelta(hours=1)
    """How often the inbox of an account is read while campaigns use it (replies)."""

    kill_switch_file: Path | None = None
    """While this file exists nothing acts (`touch` it in an emergency); default `data_dir/STOP`."""
    breaker_page_changed: int = Field(default=3, ge=1)
    """Runs of an account in a row that met a changed page before the account is paused."""
    breaker_failures: int = Field(default=5, ge=1)
    """Runs of an account in a row that failed of any one other cause before the account is paused."""

    inbox_tick: timedelta = timedelta(seconds=1)
    """How long the inbox waits at most between two looks at deliveries and events."""
    unipile_dsn: str | None = None
    """Address of the Unipile workspace, `apiN.unipile.com:PORT` or a URL; unset: no account of it can act."""
    unipile_api_key: SecretStr | None = None
    """Key of the workspace, sent as `X-API-KEY`."""
    unipile_timeout: timedelta = timedelta(seconds=90)
    """Longest wait for one answer that comes through an account's session."""
    unipile_confirm: Annotated[tuple[float, ...], NoDecode] = (0.0, 2.0, 6.0, 15.0, 35.0, 70.0)
    """Seconds after the act at which the independent reads are tried before the outcome is `unknown`.
    Unipile's own store is up to a minute behind LinkedIn."""
    unipile_notify_url: HttpUrl | None = None
    """Where this server is reached from outside: sign-ins by link report there. Unset: where the request for
    the link came in."""
    unipile_health_every: timedelta = timedelta(minutes=20)
    """How often every Unipile account is asked for its state."""
    unipile_webhook_secret: SecretStr | None = None
    """What Unipile sends with every delivery; unset: no delivery is taken."""
    unipile_webhook_header: str = "Unipile-Auth"
    """The header it comes in."""
    unipile_webhook_auth: Literal["header", "legacy_hmac", "v2"] = "header"
    """How deliveries prove where they come from: the header; `X-Unipile-Signature` of old deployments; or
    `unipile-signature` of version 2, both made with the secret."""
    webhook_days: int = Field(default=30, ge=1)
    """Days for which deliveries that are done with are kept."""
    webhook_simulate: bool = False
    """Let `POST /api/v1/webhooks/simulate` make deliveries up; for development only."""

    reconcile_nightly: bool = True
    """Compare what is known with what is true every night; off: only after outages and on demand."""
    reconcile_hour: int = Field(default=3, ge=0, le=23)
    """The hour after which the nightly jobs are due, each at a minute of its own."""
    reconcile_zone: str = "UTC"
    """The zone of that hour, as `Europe/Paris`."""
    catch_up_silence: timedelta = timedelta(hours=1)
    """After so long without any delivery of messages, what the service has stored is read."""

    llm_url: HttpUrl | None = None
    """Base URL of an OpenAI-compatible model, `https://…/v1`; unset: `ai_prompt` texts cannot be written."""
    llm_key: SecretStr | None = None
    """Key sent to the model as `Authorization: Bearer …`; none is sent when unset (a model of your own)."""
    llm_model: str = ""
    """Name of the model, as its service calls it."""
    llm_timeout: timedelta = timedelta(seconds=60)
    """Longest wait for one answer of the model."""
    llm_attempts: int = Field(default=3, ge=1, le=10)
    """Requests for one text before it is given up for now (429, 5xx, no connection)."""
    llm_max_tokens: int = Field(default=1024, ge=16)
    """Most tokens of one answer; a longer one is refused as cut off."""
    llm_price_in: float | None = Field(default=None, ge=0)
    """Price of a million tokens sent, in any currency; with `llm_price_out`, costs are recorded."""
    llm_price_out: float | None = Field(default=None, ge=0)
    """Price of a million tokens received."""

    plugins: Annotated[tuple[str, ...], NoDecode] = ()
    """Extra modules with an `install(app_parts)` function, loaded at start (own providers, tests)."""

    @property
    def has_model(self) -> bool:
        """Whether a language model is set up, so that `ai_prompt` texts can be written."""
        return self.llm_url is not None and bool(self.llm_model)

    @field_validator("plugins", "browser_confirm", "unipile_confirm", mode="before")
    @classmethod
    def comma_separated(cls, value: object) -> object:
        """Lists are written `a,b,c` in the environment."""
        return (
            [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        )

    @field_validator(
        *("browser_timeout", "attempt_timeout", "lease", "tick", "act_window"),
        *("reconcile_grace", "retry_backoff", "schedule_on_time", "llm_timeout"),
        *("planner_tick", "relations_every", "inbox_every", "inbox_tick"),
        *("unipile_timeout", "unipile_health_every", "catch_up_silence"),
        mode="before",
    )
    @classmethod
    def in_seconds(cls, value: object) -> object:
        """Durations are written in seconds, `0.5`, or in ISO 8601."""
        try:
            return timedelta(seconds=float(value)) if isinstance(value, str) else value
        except ValueError:
            return value

    @field_validator("unipile_confirm")
    @classmethod
    def fits_an_attempt(cls, value: tuple[float, ...], info: ValidationInfo) -> tuple[float, ...]:
        """A read-back at Unipile waits as long as these: an attempt too short for it would never end one."""
        longest: timedelta | None = info.data.get("attempt_timeout")
        needed = timedelta(seconds=max(value, default=0.0)) + UNIPILE_READS
        if info.data.get("unipile_dsn") is not None and longest is not None and longest < needed:
            raise ValueError(
                f"OVERTURE_ATTEMPT_TIMEOUT is {longest.total_seconds():g} s and has to be at least "
                f"{needed.total_seconds():g} s, for the last of these and the reads around it"
            )
        return value

    @field_validator("reconcile_zone")
    @classmethod
    def is_zone(cls, value: str) -> str:
        """A zone has to be one there is."""
        if not zones.is_zone(value):
            raise ValueError(f"{value!r} is no time zone")
        return value

    @property
    def keys_path(self) -> Path:
        """Where the key ring is."""
        return self.key_file or self.data_dir / "keys"

    @property
    def stop_file(self) -> Path:
        """The file whose existence stops everyone."""
        return self.kill_switch_file or self.data_dir / "STOP"
