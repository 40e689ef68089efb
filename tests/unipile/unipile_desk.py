"""What tests of the Unipile face share: a running sandbox, an account, and a plain client."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from overture_sandbox.testing import SandboxServer

ME = "mira@sandbox.test"
KEY = "sandbox-unipile-key"
FRIEND, STRANGER, FAR, ASKED = (
    "jonas-fernweh-sbx",
    "prisca-hollowell-sbx",
    "tomas-kettering-sbx",
    "lena-vogtmann-sbx",
)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def kind(self) -> str:
        """The last part of an error's type."""
        return str(self.json["type"]).removeprefix("errors/")


@dataclass
class Desk:
    """One account of the sandbox's workspace, and everything to be done with it."""

    sandbox: SandboxServer
    account: str = ""
    key: str | None = KEY
    ids: dict[str, str] = field(default_factory=dict)

    def connect(self, **how: Any) -> "Desk":
        self.account = self.admin.post("/unipile/accounts", account=ME, **how)["id"]
        return self

    @property
    def admin(self) -> Any:
        return self.sandbox.admin

    def id_of(self, slug: str) -> str:
        """The classic internal id of somebody."""
        if slug not in self.ids:
            self.ids[slug] = self.admin.get(f"/members/{slug}")["profile_id"]
        return self.ids[slug]

    def send(
        self,
        method: str,
        path: str,
        raw: bytes | None = None,
        content_type: str | None = None,
        **query: object,
    ) -> Answer:
        address = urlsplit(self.sandbox.url)
        connection = HTTPConnection(address.hostname or "", address.port or 0, timeout=20)
        headers = {"accept": "application/json"}
        if self.key is not None:
            headers["X-API-KEY"] = self.key
        if content_type:
            headers["content-type"] = content_type
        target = quote(f"/api/v1{path}", safe="/:%,") + (f"?{urlencode(query, doseq=True)}" if query else "")
        try:
            connection.request(method, target, raw, headers)
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def get(self, path: str, **query: object) -> Answer:
        """A live read by the account."""
        return self.send("GET", path, None, None, **{"account_id": self.account, **query})

    def post(self, path: str, **body: Any) -> Answer:
        """A live write by the account, as JSON."""
        raw = json.dumps({"account_id": self.account, **body}).encode()
        return self.send("POST", path, raw, "application/json")

    def form(self, path: str, *fields: tuple[str, str]) -> Answer:
        """A multipart form, its parts in this order."""
        parts = [
            f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields
        ]
        return self.send(
            "POST", path, "".join([*parts, "--x--\r\n"]).encode(), "multipart/form-data; boundary=x"
        )

    def invite(self, slug: str, **more: Any) -> Answer:
        return self.post("/users/invite", provider_id=self.id_of(slug), **more)

    def write(self, slug: str, text: str, **more: Any) -> Answer:
        return self.post("/chats", attendees_ids=[self.id_of(slug)], text=text, **more)

    def settings(self, **settings: object) -> None:
        self.admin.patch("/unipile", settings)

    def fault(self, kind: str, endpoint: str, **rule: Any) -> None:
        self.admin.fault(kind, f"unipile:{endpoint}", **rule)

    def kinds(self, **filters: object) -> list[str]:
        """What really happened, in order."""
        return [entry["kind"] for entry in self.admin.ledger(**filters)]


@contextmanager
def open_desk() -> Iterator[Desk]:
    """A desk at a sandbox of its own."""
    with SandboxServer(seed=7) as sandbox:
        yield Desk(sandbox).connect()
