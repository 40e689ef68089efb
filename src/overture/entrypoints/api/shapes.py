"""What the API answers with: accounts, runs and pages of runs. The command line prints the same shapes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from overture import runs
from overture.accounts import Account, Limits, Tier, WorkingHours
from overture.core.ids import public_id
from overture.core.instants import Instant
from overture.core.reasons import Reason
from overture.entrypoints.api.account_standing import Standing
from overture.entrypoints.api.account_states import State as AccountStanding
from overture.entrypoints.api.standing import SENTENCES, Surroundings, Wait, waiting_for
from overture.runs import Attempt, Run

Status = Literal["pending", "running", "completed", "failed", "cancelled", "held"]
Effect = Literal["none", "intended", "confirmed", "absent", "unknown"]
Json = dict[str, Any]
"""JSON whose inside depends on the touchpoint type (see the types' outcomes)."""


class NextActionView(BaseModel):
    """The one thing to do: in words, as a request to this API, and as a command where there is one."""

    model_config = ConfigDict(from_attributes=True)

    text: str = Field(examples=["Resume it when it may act again."])
    method: Literal["GET", "POST", "PUT", "PATCH"] | None
    path: str | None = Field(examples=["/api/v1/accounts/ada/resume"])
    cli: str | None = Field(examples=["overture accounts resume ada"])
    body: dict[str, Any] | None = Field(
        description="What the request sends; words in capitals are to be replaced.",
        examples=[{"code": "CODE"}],
    )


class StandingView(BaseModel):
    """How an account stands at this moment: what is wrong with it, and the one thing to do next."""

    model_config = ConfigDict(from_attributes=True)

    state: AccountStanding
    what_is_wrong: str | None = Field(description="Null when nothing is wrong.")
    next_action: NextActionView
    until: Instant | None = Field(description="When it passes by itself, if it does.")
    run_id: str | None = Field(description="The run that shows what happened, if one does.")


class AccountView(BaseModel):
    """One sender on one channel. Credentials are named, never shown."""

    model_config = ConfigDict(from_attributes=True)

    handle: str = Field(examples=["ada"])
    channel: str = Field(examples=["linkedin"])
    provider: str = Field(examples=["linkedin_browser"])
    zone: str = Field(examples=["Europe/Berlin"])
    working_hours: WorkingHours
    limits: Limits = Field(description="The operator's; `/limits` shows what holds now.")
    tier: Tier
    ramp_since: date | None = Field(description="The first day of its ramp; null when there is none.")
    state: Literal["active", "paused", "needs_attention"]
    state_reason: str | None
    state_detail: str | None
    state_since: Instant
    next_step: str = Field(description="The one thing to do next.", examples=["Nothing: it may act."])
    standing: StandingView
    external_id: str | None = Field(
        description="What a service between us and the channel calls the account; null when none does."
    )
    reported: str | None = Field(
        description="What that service last said of it.", examples=["OK", "CREDENTIALS"]
    )
    reported_at: Instant | None
    credentials: list[str] = Field(
        description="Names of the credentials that are set.", examples=[["password"]]
    )
    has_session: bool = Field(description="Whether a logged-in session is kept.")
    created_at: Instant
    updated_at: Instant


class AccountList(BaseModel):
    """All accounts, by handle."""

    data: list[AccountView]


class WaitView(BaseModel):
    """Why a run that is not over does not go on at this moment."""

    model_config = ConfigDict(from_attributes=True)

    reason: Reason
    until: Instant | None = Field(
        description="When it is looked at again; null when an event or a person decides."
    )
    sentence: str
    run_id: str | None = Field(default=None, description="The run that is in the way, if one is.")


class RunView(BaseModel):
    """One touchpoint by one account."""

    model_config = ConfigDict(from_attributes=True)

    run_id: str = Field(examples=["run_01kb3v6q2v8x0c5h2m9r4t7wze"])
    handle: str = Field(examples=["ada"])
    touchpoint_type: str = Field(examples=["message"])
    touchpoint_input: Json = Field(description="The touchpoint as it was sent, texts byte for byte.")
    dry_run: bool
    tags: list[str]
    priority: int
    not_before: Instant | None
    expires_at: Instant | None
    look_since: Instant | None = Field(description="How far back the last look before the act goes.")
    created_at: Instant
    status: Status
    effect: Effect = Field(description="What the run did to the world, as far as it is proved.")
    waiting_for: WaitView | None = Field(description="Null when it runs or is over.")
    wait_reason: Reason | None = Field(description="The stored reason; `waiting_for` is the present one.")
    next_at: Instant | None
    cancel_requested: bool
    allowed_actions: list[Literal["cancel", "retry", "resolve"]]
    attempts_made: int
    epoch: int = Field(description="How often it was handed to a worker; the fencing token.")
    started_at: Instant | None
    completed_at: Instant | None
    duration_ms: int | None
    result: Json | None
    error: str | None
    error_code: str | None
    error_screenshot: str | None = Field(description="Address of the screenshot, if there is one.")


class AttemptView(BaseModel):
    """One try of a run, or one reading back of its effect."""

    model_config = ConfigDict(from_attributes=True)

    epoch: int
    purpose: Literal["perform", "read_back"]
    worker: str
    started_at: Instant
    ended_at: Instant | None
    ended_as: str | None
    error_code: str | None
    error: str | None
    steps: list[Json] = Field(description="What it came to, in order, in ms since it began.")


class ArtifactView(BaseModel):
    """A file that a failed attempt left to look at."""

    model_config = ConfigDict(from_attributes=True)

    artifact_id: str = Field(examples=["art_01kb3v6q2v8x0c5h2m9r4t7wze"])
    epoch: int = Field(description="The attempt that left it.")
    kind: Literal["screenshot", "page", "dom", "console", "network"]
    media_type: str
    bytes: int
    sha256: str
    created_at: Instant
    expires_at: Instant = Field(description="When it is removed.")
    href: str = Field(description="Where to get it, with the same key.")


class RunDetail(RunView):
    """A run with its attempts and what proves its outcome."""

    evidence: list[Json]
    attempts: list[AttemptView]
    artifacts: list[ArtifactView] = Field(description="What failed attempts left to look at.")


class Page(BaseModel):
    """Where a list goes on."""

    next_cursor: str | None
    has_more: bool
    limit: int


class RunList(BaseModel):
    """One page of runs, newest first."""

    data: list[RunView]
    page: Page


class Health(BaseModel):
    """Whether the server can do its work."""

    status: Literal["ok"]
    database: Literal["ok"]
    version: Annotated[str, Field(examples=["0.1.0"])]
    worker: Literal["embedded", "separate"] = Field(description="Where runs are performed.")
    kill_switch: Literal["off", "partial", "on"] = Field(
        description="`on`: nothing acts. `partial`: some accounts or a channel are stopped."
    )
    planner: Literal["on_time", "behind"] = Field(
        description="`behind`: what is due in campaigns waits; no planner runs, or it cannot keep up."
    )
    planner_behind_since: Instant | None = Field(description="When the oldest of it was due.")


def account_view(account: Account, names: list[str], has_session: bool, standing: Standing) -> AccountView:
    """An account as clients see it."""
    columns = {name: getattr(account, name) for name in AccountView.model_fields if hasattr(account, name)}
    return AccountView(
        **columns,
        credentials=names,
        has_session=has_session,
        next_step=standing.next_action.text,
        standing=StandingView.model_validate(standing),
    )


def run_view(run: Run, around: Surroundings, now: datetime) -> RunView:
    """A run as lists show it."""
    return RunView(**run_fields(run, waiting_for(run, around, now)))


@dataclass(frozen=True)
class Past:
    """What a run's attempts left: their rows, and the artefacts of those that failed."""

    attempts: Sequence[Attempt]
    artifacts: Sequence[runs.Artifact]


def run_detail(run: Run, past: Past, around: Surroundings, now: datetime) -> RunDetail:
    """A run with all there is to know."""
    views = [AttemptView.model_validate(attempt) for attempt in past.attempts]
    fields = run_fields(run, waiting_for(run, around, now))
    files = [artifact_view(one) for one in past.artifacts]
    return RunDetail(**fields, evidence=run.evidence, attempts=views, artifacts=files)


def artifact_view(artifact: runs.Artifact) -> ArtifactView:
    """An artefact as clients see it: never where it lies on the disk."""
    artifact_id, run_id = public_id("art", artifact.id), public_id("run", artifact.run_id)
    return ArtifactView(
        artifact_id=artifact_id,
        epoch=artifact.epoch,
        kind=artifact.kind,
        media_type=runs.artifacts.MEDIA[artifact.kind][1],
        bytes=artifact.bytes,
        sha256=artifact.sha256,
        created_at=artifact.created_at,
        expires_at=artifact.expires_at,
        href=f"/api/v1/runs/{run_id}/artifacts/{artifact_id}",
    )


def run_as_taken(run: Run) -> RunDetail:
    """The run as it was when it was submitted, from what never changes: a replay answers as the first did."""
    delayed = run.not_before is not None and run.not_before > run.created_at
    reason = Reason.DELAY if delayed else Reason.READY
    next_at = run.not_before if delayed else run.created_at
    wait = Wait(reason, run.not_before if delayed else None, SENTENCES[reason])
    fresh: Json = {
        "status": "pending",
        "effect": "none",
        "wait_reason": reason,
        "next_at": next_at,
        "cancel_requested": False,
        "allowed_actions": ["cancel"],
        "attempts_made": 0,
        "epoch": 0,
        "error_screenshot": None,
    }
    ends = ("started_at", "completed_at", "duration_ms", "result", "error", "error_code")
    fields = run_fields(run, wait) | fresh | dict.fromkeys(ends)
    return RunDetail(**fields, evidence=[], attempts=[], artifacts=[])


def run_fields(run: Run, wait: Wait | None) -> Json:
    """The fields of a run's shape."""
    columns = {name: getattr(run, name) for name in RunView.model_fields if hasattr(run, name)}
    run_id = public_id("run", run.id)
    return columns | {
        "run_id": run_id,
        "waiting_for": WaitView.model_validate(wait) if wait else None,
        "allowed_actions": list(runs.allowed(run)),
        "attempts_made": run.attempts,
        "error_screenshot": f"/api/v1/runs/{run_id}/screenshot" if run.error_screenshot else None,
    }
