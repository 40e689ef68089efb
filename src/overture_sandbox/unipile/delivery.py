"""Carries events to those who listen: late, twice, never, again after a failure, as switches say."""

import asyncio
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from urllib.parse import urlencode

import httpx2

from overture_sandbox.unipile.events import Event, events_of
from overture_sandbox.unipile.tenant import FACE, Happening, Tenant, Webhook
from overture_sandbox.world import FaultRule

Json = dict[str, Any]
OFFICE: Final = f"{FACE}.office"
USER_AGENT: Final = "axios/1.7.7"
FORM: Final = "application/x-www-form-urlencoded"
MOST_REPETITIONS: Final = 5
LOOK_S, IDLE_S = (
    0.02,
    1.0,
)  # how often it is looked whether something is due, with and without something to wait for


@dataclass
class Delivery:
    """One event on its way to one webhook."""

    number: int
    webhook: Webhook
    event: Event
    body: str
    content_type: str
    due_at: datetime
    retry_at: float = 0.0
    is_held: bool = False  # until the next one has gone out
    state: Literal["waiting", "delivered", "failed", "lost"] = "waiting"
    attempts: list[Json] = field(default_factory=list)

    def as_json(self) -> Json:
        """The delivery as the operator sees it."""
        return {
            "number": self.number,
            "webhook_id": self.webhook.id,
            "event": self.event.name,
            "account_id": self.event.account_id,
            "body": self.body,
            "content_type": self.content_type,
            "due_at": self.due_at.isoformat(),
            "state": self.state,
            "is_held": self.is_held,
            "attempts": self.attempts,
        }


class PostOffice:
    """The queue of one workspace and the one who works it off."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.deliveries: list[Delivery] = []
        self.attempts = 0  # of all deliveries
        self._waiting: list[Delivery] = []
        self._missed: list[Event] = []
        self._busy: dict[str, asyncio.Task[None]] = {}  # by webhook: each is told one thing at a time
        self._worker: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        tenant.wake = self._wake

    @property
    def is_idle(self) -> bool:
        """Nothing is left to be delivered at this time."""
        now = self.tenant.world.clock.now()
        later = all(one.due_at > now or one.is_held for one in self._waiting)
        return later and not self._busy and not self.tenant.happenings

    @property
    def next_at(self) -> datetime | None:
        """When something goes out next that waits for the world's time."""
        now = self.tenant.world.clock.now()
        return min((one.due_at for one in self._waiting if one.due_at > now), default=None)

    def start(self) -> None:
        """Begin to work, if nobody does in the loop that runs now."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._worker, self._news = loop, None, asyncio.Event()
            self._busy.clear()
        if self._worker is None or self._worker.done():
            self._worker = loop.create_task(self._work())

    def _wake(self) -> None:
        self._news.set()

    def notify(self, url: str, body: Json) -> None:
        """Tell an address once, outside of all webhooks."""
        header = {"key": "Content-Type", "value": "application/json"}
        webhook = Webhook("hosted", "hosted", url, [], headers=[header])
        self._post(webhook, Event("hosted", "hosted", str(body["account_id"]), body))
        self._news.set()

    async def _work(self) -> None:
        async with httpx2.AsyncClient(trust_env=False) as client:
            while self.tenant.world.faces.get(FACE) is self.tenant:
                self._news.clear()
                self._take()
                self._send_due(client)
                try:
                    pause = LOOK_S if self._waiting or self._missed else IDLE_S
                    await asyncio.wait_for(self._news.wait(), pause)
                except TimeoutError:
                    continue

    def _take(self) -> None:
        """Turn what happened into deliveries; what an account missed waits until it is connected again."""
        happenings = self.tenant.happenings[:]
        self.tenant.happenings.clear()
        for happening in happenings:
            self._tell(happening)
        ready = [one for one in self._missed if self._is_seeing(one.account_id)]
        self._missed = [
            one for one in self._missed if self._is_blind(one.account_id)
        ]  # who left is forgotten
        self.tenant.rng.shuffle(ready)
        for event in ready:
            self._spread(event)

    def _tell(self, happening: Happening) -> None:
        for event in events_of(self.tenant, happening):
            if happening.is_missed:
                self._missed.append(event)
            else:
                self._spread(event)

    def _is_seeing(self, account_id: str) -> bool:
        account = self.tenant.anyone(account_id)
        return account is not None and account.blind_since is None

    def _is_blind(self, account_id: str) -> bool:
        account = self.tenant.anyone(account_id)
        return account is not None and account.blind_since is not None

    def _spread(self, event: Event) -> None:
        for webhook in tuple(self.tenant.webhooks.values()):
            listens = webhook.enabled and webhook.source == event.source and event.name in webhook.events
            if listens and (not webhook.account_ids or event.account_id in webhook.account_ids):
                self._post(webhook, event)

    def _post(self, webhook: Webhook, event: Event) -> None:
        """Queue an event for one webhook, as the switches want it."""
        rules = self._fired(event)
        kinds = {rule.kind for rule in rules}
        payload = _types_changed(event.payload) if "wrong_type" in kinds else event.payload
        if "webhook_name" in payload:
            payload = {**payload, "webhook_name": webhook.name or ""}
        if webhook.data:
            payload = {one["name"]: payload.get(one["key"]) for one in webhook.data}
        is_form = webhook.format == "form" or "form_encoded" in kinds
        late = timedelta(seconds=sum(rule.seconds for rule in rules if rule.kind == "late"))
        made = [
            Delivery(
                number=len(self.deliveries) + index,
                webhook=webhook,
                event=event,
                body=_as_form(payload) if is_form else json.dumps(payload, ensure_ascii=False),
                content_type=FORM if is_form else _content_type(webhook),
                due_at=self.tenant.world.clock.now() + event.delay + late,
                is_held="reorder" in kinds,
                state="lost" if "lost" in kinds else "waiting",
            )
            for index in range(1, 3 if "duplicate" in kinds else 2)
        ]
        self.deliveries += made
        self._waiting += [one for one in made if one.state == "waiting"]

    def _fired(self, event: Event) -> list[FaultRule]:
        account = self.tenant.anyone(event.account_id)
        accounts, about = self.tenant.names(account) | {event.account_id}, set(event.about)
        name = "account_status" if event.source == "account_status" else event.name
        fire = self.tenant.world.faults.fire
        return fire(f"{FACE}:webhook", accounts, about) + fire(f"{FACE}:webhook:{name}", accounts, about)

    def _send_due(self, client: httpx2.AsyncClient) -> None:
        now, real = self.tenant.world.clock.now(), asyncio.get_running_loop().time()
        for one in tuple(self._waiting):
            if one.is_held or one.due_at > now or one.retry_at > real or one.webhook.id in self._busy:
                continue
            self._waiting.remove(one)
            self._busy[one.webhook.id] = asyncio.get_running_loop().create_task(self._send(client, one))

    async def _send(self, client: httpx2.AsyncClient, one: Delivery) -> None:
        try:
            is_through = await self._attempt(client, one)
        finally:
            del self._busy[one.webhook.id]
            self._news.set()
        if is_through:
            one.state = "delivered"
        elif len(one.attempts) > MOST_REPETITIONS:
            one.state = "failed"
        else:
            settings = self.tenant.settings
            wait = settings.retry_delay_s * len(one.attempts) * settings.retry_scale
            one.retry_at = asyncio.get_running_loop().time() + wait
            self._waiting.append(one)
        for held in self._waiting:
            if held.webhook.id == one.webhook.id and held.number < one.number:
                held.is_held = False

    async def _attempt(self, client: httpx2.AsyncClient, one: Delivery) -> bool:
        """One try: through if it is answered 2xx in time."""
        record: Json = {"at": self.tenant.world.clock.now().isoformat()}
        one.attempts.append(record)
        self.attempts += 1
        content, patience = one.body.encode(), self.tenant.settings.answer_timeout_s
        try:
            answer = await client.post(
                one.webhook.request_url, content=content, headers=self._headers(one), timeout=patience
            )
        except httpx2.HTTPError as error:
            record["error"] = type(error).__name__
            return False
        record["status"] = answer.status_code
        return answer.is_success

    def _headers(self, one: Delivery) -> dict[str, str]:
        """The configured headers and no other mark of where it comes from, unless signing is switched on."""
        headers = {"User-Agent": USER_AGENT, "Content-Type": one.content_type}
        own = {each["key"]: each["value"] for each in one.webhook.headers}
        headers |= {key: value for key, value in own.items() if key.lower() != "content-type"}
        settings = self.tenant.settings
        if settings.signature == "v2":
            at = int(self.tenant.world.clock.now().timestamp())
            signed = hmac.new(settings.signature_key.encode(), f"{at}.{one.body}".encode(), hashlib.sha256)
            headers["unipile-signature"] = f"t={at},v0={signed.hexdigest()}"
        return headers


def office_of(tenant: Tenant) -> PostOffice:
    """The one that delivers for a workspace, at work; only within a running server."""
    found = tenant.world.faces.get(OFFICE)
    if not isinstance(found, PostOffice) or found.tenant is not tenant:
        found = tenant.world.faces[OFFICE] = PostOffice(tenant)
    found.start()
    return found


def _content_type(webhook: Webhook) -> str:
    """What is configured; else the service calls its JSON a form."""
    return next((one["value"] for one in webhook.headers if one["key"].lower() == "content-type"), FORM)


def _as_form(payload: Json) -> str:
    return urlencode(
        {key: value if isinstance(value, str) else json.dumps(value) for key, value in payload.items()}
    )


def _types_changed(payload: Json) -> Json:
    """The same fields in other types: numbers as text, truth as words, lists as one object, no nulls."""
    return {key: _other_type(key, value) for key, value in payload.items()}


def _other_type(key: str, value: object) -> object:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case None:
            return ""
        case list():
            return value[0] if value else {}
        case str() if key == "timestamp":
            return int(datetime.fromisoformat(value).timestamp() * 1000)
        case _:
            return value
