"""The interface: `POST /llm/v1/chat/completions` for clients, `/_sbx/llm` for the operator of the sandbox."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from overture_sandbox.linkedin.gate import CutConnection
from overture_sandbox.llm.answers import answer_to, tokens_of

KINDS: Final = (
    *("rate_limited", "server_error", "slow", "cut_off", "bad_json", "empty", "dropped", "filtered"),
    "placeholder",
)
"""What can go wrong, by name; see `Typist.answer`."""
WRONG_KEY: Final = "wrong-key"
MOST_TOKENS: Final = 4096


@dataclass
class Fault:
    """One thing that goes wrong, for so many requests."""

    kind: str
    times: int = 1
    retry_after: str | None = None
    """Of `rate_limited` and `server_error`: the header, as it is sent."""
    delay_s: float = 5.0
    """Of `slow`."""


@dataclass
class Typist:
    """The pretend model: what is to go wrong, and what it was asked."""

    faults: list[Fault] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)

    def next_fault(self) -> Fault | None:
        """What goes wrong with this request, if anything does."""
        for fault in self.faults:
            if fault.times > 0:
                fault.times -= 1
                return fault
        return None

    async def answer(self, request: Request) -> Response:
        """Answer one request, or fail as told."""
        refusal = refused(request)
        if refusal is not None:
            return refusal
        try:
            body = json.loads(await request.body())
        except ValueError:
            return error(400, "We could not parse the JSON body of your request.")
        if not is_conversation(body):
            return error(400, "'messages' is a required property", param="messages")
        fault = self.next_fault()
        self.calls.append({"body": body, "fault": fault.kind if fault else None})
        return await self.spoiled(fault, body) if fault else JSONResponse(completion(body))

    async def spoiled(self, fault: Fault, body: dict[str, Any]) -> Response:
        """The answer with this fault."""
        headers = {} if fault.retry_after is None else {"retry-after": fault.retry_after}
        match fault.kind:
            case "rate_limited":
                return error(429, "Rate limit reached for requests", headers=headers)
            case "server_error":
                return error(500, "The server had an error while processing your request", headers=headers)
            case "dropped":
                return CutConnection(silent=True)
            case "bad_json":
                return Response(json.dumps(completion(body))[:-20], media_type="application/json")
            case "slow":
                await asyncio.sleep(fault.delay_s)
                return JSONResponse(completion(body))
            case other:
                return JSONResponse(ended_otherwise(other, body))


def refused(request: Request) -> Response | None:
    """The refusal of a request without a key, or with a wrong one."""
    key = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    if not key:
        return error(401, "You didn't provide an API key.")
    return error(401, "Incorrect API key provided.", code="invalid_api_key") if key == WRONG_KEY else None


def is_conversation(body: object) -> bool:
    """Whether a body has what every request must have."""
    if not isinstance(body, dict) or not isinstance(body.get("model"), str):
        return False
    messages = body.get("messages")
    return isinstance(messages, list) and bool(messages) and all(isinstance(one, dict) for one in messages)


def ended_otherwise(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """A completion that ended too early, said nothing, was held back, or left a gap to be filled in."""
    whole = completion(body)
    choice = whole["choices"][0]
    text = choice["message"]["content"]
    if kind == "cut_off":
        choice["message"]["content"], choice["finish_reason"] = text[: len(text) // 2], "length"
    elif kind == "placeholder":
        choice["message"]["content"] = f"Hi [First Name], {text}"
    else:
        choice["message"]["content"] = "" if kind == "empty" else None
        choice["finish_reason"] = "content_filter" if kind == "filtered" else "stop"
    return whole


def completion(body: dict[str, Any]) -> dict[str, Any]:
    """The answer of the interface to a request: one choice, and what it counted."""
    most = body.get("max_tokens") or body.get("max_completion_tokens") or MOST_TOKENS
    pieces = tokens_of(answer_to(body["messages"]))
    said = "".join(pieces[:most]).rstrip()
    asked = sum(len(tokens_of(str(one.get("content", "")))) for one in body["messages"])
    used = min(len(pieces), most)
    return {
        "id": "chatcmpl-sandbox",
        "object": "chat.completion",
        "created": 1_767_225_600,
        "model": body["model"],
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": said},
                "finish_reason": "stop" if len(pieces) <= most else "length",
            }
        ],
        "usage": {"prompt_tokens": asked, "completion_tokens": used, "total_tokens": asked + used},
    }


def error(status: int, message: str, *, headers: dict[str, str] | None = None, **more: str) -> Response:
    """An error as the interface words it."""
    kinds = {400: "invalid_request_error", 401: "invalid_request_error", 429: "requests", 500: "server_error"}
    body = {"message": message, "type": kinds[status], "param": None, "code": None, **more}
    return JSONResponse({"error": body}, status, headers=headers)


def routes() -> list[BaseRoute]:
    """Every address of the pretend model, with a memory of its own."""
    typist = Typist()
    return [
        Route("/llm/v1/chat/completions", typist.answer, methods=["POST"]),
        Route("/_sbx/llm/faults", operator(typist, set_fault), methods=["POST"]),
        Route("/_sbx/llm/calls", operator(typist, show_calls)),
        Route("/_sbx/llm", operator(typist, forget), methods=["DELETE"]),
    ]


Act = Callable[[Typist, Request], Awaitable[Response]]


def operator(typist: Typist, act: Act) -> Callable[[Request], Awaitable[Response]]:
    """An address for the operator of the sandbox."""

    async def endpoint(request: Request) -> Response:
        return await act(typist, request)

    return endpoint


async def set_fault(typist: Typist, request: Request) -> Response:
    """Let something go wrong: `{kind, times, retry_after, delay_s}`."""
    body = json.loads(await request.body())
    if body.get("kind") not in KINDS:
        return JSONResponse({"error": f"kind must be one of {', '.join(KINDS)}"}, 422)
    fault = Fault(**{name: value for name, value in body.items() if name in Fault.__dataclass_fields__})
    typist.faults.append(fault)
    return JSONResponse(asdict(fault), 201)


async def show_calls(typist: Typist, request: Request) -> Response:  # noqa: ARG001
    """What it was asked since it forgot, oldest first."""
    return JSONResponse(typist.calls)


async def forget(typist: Typist, request: Request) -> Response:  # noqa: ARG001
    """Forget faults and calls."""
    typist.faults.clear()
    typist.calls.clear()
    return Response(status_code=204)
