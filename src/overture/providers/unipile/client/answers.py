"""An answer read with suspicion: success only where the status and the body both say so."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from overture.providers.unipile.client.calls import Call
from overture.providers.unipile.client.classify import classify
from overture.providers.unipile.client.errors import (
    Indeterminate,
    Refusal,
    Transient,
    UnipileError,
    Unreadable,
)
from overture.providers.unipile.client.redaction import redact, scrub

SAID_AT_MOST: Final = 500
REQUEST_ID_HEADERS: Final = ("x-request-id", "request-id", "x-correlation-id")


@dataclass(frozen=True)
class Answer:
    """One answer as it came."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)

    def json(self) -> object:
        """The body as JSON whatever it calls itself; None when it is none."""
        try:
            return json.loads(self.content) if self.content.strip() else None
        except (ValueError, RecursionError):
            return None


def body_of(call: Call, answer: Answer, secrets: tuple[str, ...]) -> dict[str, object]:
    """The body of a success; anything else raises what it stands for."""
    body = answer.json()
    if not 200 <= answer.status < 300 or _is_refusal(body):
        raise refused(call, answer, secrets)
    if isinstance(body, list) and not call.kind.is_write:
        return {"items": body}
    if not isinstance(body, dict):
        raise not_understood(call, answer, secrets)
    return body


def bytes_of(call: Call, answer: Answer, secrets: tuple[str, ...]) -> bytes:
    """The content of a file; a refusal comes as JSON."""
    if not 200 <= answer.status < 300:
        raise refused(call, answer, secrets)
    return answer.content


def refused(call: Call, answer: Answer, secrets: tuple[str, ...]) -> UnipileError:
    """The error this answer stands for."""
    body = answer.json()
    told = body if isinstance(body, dict) else {}
    refusal = Refusal(
        method=call.method,
        path=scrub(call.path, *secrets),
        account_id=call.account_id,
        status=_status(answer, told),
        type=_text(told.get("type"), secrets),
        title=_text(told.get("title") or told.get("message") or told.get("error"), secrets),
        detail=_text(told.get("detail"), secrets) if told else _start(answer, secrets),
        body=redact(body, *secrets),
        request_id=next(
            (answer.headers[name] for name in REQUEST_ID_HEADERS if name in answer.headers), None
        ),
        retry_after=_retry_after(answer),
    )
    return classify(call, refusal)


def not_understood(call: Call, answer: Answer, secrets: tuple[str, ...]) -> UnipileError:
    """A success whose body is not what it should be: a read may be asked again, a write is in doubt."""
    refusal = Refusal(
        method=call.method,
        path=scrub(call.path, *secrets),
        account_id=call.account_id,
        status=answer.status,
        title="the answer is not the JSON it should be",
        detail=_start(answer, secrets),
    )
    return Indeterminate(refusal) if call.kind.is_write else Transient(refusal)


def misshapen(call: Call, what: str) -> UnipileError:
    """A JSON answer that lacks what it cannot do without."""
    refusal = Refusal(method=call.method, path=call.path, account_id=call.account_id, title=what)
    return Indeterminate(refusal) if call.kind.is_write else Unreadable(refusal)


def _is_refusal(body: object) -> bool:
    """Whether a body is an error, whatever status it came with."""
    return isinstance(body, dict) and str(body.get("type", "")).startswith("errors/")


def _status(answer: Answer, told: Mapping[str, object]) -> int:
    """The HTTP status; the body's own where HTTP claims success."""
    said = told.get("status")
    if 200 <= answer.status < 300 and isinstance(said, int):
        return said
    return answer.status


def _text(value: object, secrets: tuple[str, ...]) -> str:
    return scrub(value, *secrets)[:SAID_AT_MOST] if isinstance(value, str) else ""


def _start(answer: Answer, secrets: tuple[str, ...]) -> str:
    """How a body that is no JSON begins: a proxy's page, a cut-off text."""
    kind = answer.headers.get("content-type", "").split(";", 1)[0]
    if kind and not kind.startswith("text/"):
        return f"{len(answer.content)} bytes of {kind}"
    return scrub(" ".join(answer.content[:SAID_AT_MOST].decode(errors="replace").split()), *secrets)[:120]


def _retry_after(answer: Answer) -> timedelta | None:
    said = answer.headers.get("retry-after", "")
    return timedelta(seconds=int(said)) if said.isascii() and said.isdigit() and len(said) < 8 else None
