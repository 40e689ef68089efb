"""Routes of logging in: what is asked, the answer, a login on demand, a session from one's own browser."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Response, status
from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator
from pydantic.config import JsonValue

from overture.entrypoints.api import login_acts
from overture.entrypoints.api.access import By, Product, needs_key
from overture.entrypoints.api.fields import HandlePath
from overture.entrypoints.api.login_acts import LoginView
from overture.entrypoints.api.problems import declared
from overture.entrypoints.api.shapes import RunDetail

router = APIRouter(prefix="/api/v1/accounts", tags=["accounts"], dependencies=[needs_key])

WRITE: Final = (400, 404, 409, 413, 415)


class LoginStart(BaseModel):
    """How to log in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    start_over: StrictBool = Field(
        default=False,
        description="Forget the kept session and whatever is asked, and log in with the credentials.",
    )


SAYS_SOMETHING: Final[list[JsonValue]] = [
    {"required": ["code"], "properties": {"code": {"type": "string"}}},
    {"required": ["approved"], "properties": {"approved": {"type": "boolean"}}},
    {"required": ["done"], "properties": {"done": {"type": "boolean"}}},
]


class LoginAnswer(BaseModel):
    """What a person says to the check the service asks for: one of the two."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"code": "123456"}], "anyOf": SAYS_SOMETHING},
    )

    code: str | None = Field(
        default=None,
        pattern=r"^[0-9A-Za-z]{4,12}$",
        description="The code of an e-mail, SMS or authenticator.",
    )
    approved: StrictBool | None = Field(default=None, description="You said yes in the service's app.")
    done: StrictBool | None = Field(
        default=None,
        description="Never an answer: pass a captcha in your own browser and import its session.",
    )

    @model_validator(mode="after")
    def says_something(self) -> "LoginAnswer":
        """Refuse an answer without one."""
        if self.code is None and self.approved is None and self.done is None:
            raise ValueError("give code or approved")
        return self


class SessionImport(BaseModel):
    """The cookies of a browser that is logged in. Only those of the service's site are kept."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    cookies: (
        Annotated[list[dict[str, Any]], Field(min_length=1, max_length=2000)]
        | Annotated[str, Field(min_length=1, max_length=200_000)]
    ) = Field(
        description="A list as Playwright's storage state, Cookie-Editor or EditThisCookie write it, or the "
        "text of a cookies.txt. Stored encrypted, never returned."
    )


@router.get("/{handle}/login", responses=declared(404))
async def get_login(app: Product, handle: HandlePath) -> LoginView:
    """What the service asks of the account's owner, and what to do next."""
    return await login_acts.show_login(app, handle)


@router.post("/{handle}/login", status_code=status.HTTP_202_ACCEPTED, responses=declared(*WRITE))
async def start_login(
    app: Product,
    by: By,
    handle: HandlePath,
    response: Response,
    start: Annotated[LoginStart | None, Body()] = None,
) -> RunDetail:
    """Submit a run that logs in, or proves that the account is; the answer is that run."""
    start_over = start is not None and start.start_over
    run = await login_acts.start_login(app, handle, start_over=start_over, by=by)
    response.headers["Location"] = f"/api/v1/runs/{run.run_id}"
    return run


@router.post("/{handle}/login/answer", status_code=status.HTTP_202_ACCEPTED, responses=declared(*WRITE))
async def answer_login(
    app: Product, by: By, handle: HandlePath, answer: LoginAnswer, response: Response
) -> RunDetail:
    """Answer what the service asks. The run that comes back tries the answer once and never again.

    The account goes back to work. The same answer sent again gives the same run.
    """
    run = await login_acts.answer_login(app, handle, answer.code, answer.approved, by)
    response.headers["Location"] = f"/api/v1/runs/{run.run_id}"
    return run


@router.put("/{handle}/session", responses=declared(*WRITE))
async def import_session(app: Product, by: By, handle: HandlePath, session: SessionImport) -> LoginView:
    """Take over the session of your own browser; the account goes back to work with it."""
    return await login_acts.import_session(app, handle, session.cookies, by)
