"""An HTTP client that behaves like the site's own scripts: cookies, CSRF header, no redirects followed."""

import json
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from overture_sandbox.testing import SandboxServer

ME = "mira@sandbox.test"
NORMALIZED = "application/vnd.linkedin.normalized+json+2.1"
PLAIN = "application/json"
GRAPHQL = "application/graphql"
CREATE_INVITE = "/voyager/api/voyagerRelationshipsDashMemberRelationships?" + urlencode(
    {
        "action": "verifyQuotaAndCreateV2",
        "decorationId": "com.linkedin.voyager.dash.deco.relationships.InvitationCreationResultWithInvitee-2",
    }
)
FULL_PROFILE = "com.linkedin.voyager.dash.deco.identity.profile.FullProfileWithEntities-91"
TOP_CARD_QUERY = "voyagerIdentityDashProfiles.aeba67850e106299f25de2eb3828c641"
CONVERSATIONS_QUERY = "messengerConversations.0d5e6781bbee71c3e51c8843c6519f48"
MESSAGES_QUERY = "messengerMessages.5846eeb71c981f11e0134cb6626cc314"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    raw: bytes
    cookies: list[str] = field(default_factory=list)

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def text(self) -> str:
        return self.raw.decode()


def entity(answer: Answer, urn: str) -> dict[str, Any]:
    """The one entity of `included` with this URN."""
    found = [one for one in answer.json["included"] if one.get("entityUrn") == urn]
    assert len(found) == 1, f"{urn} is in included {len(found)} times"
    result: dict[str, Any] = found[0]
    return result


@dataclass
class Visitor:
    sandbox: SandboxServer
    cookies: dict[str, str] = field(default_factory=dict)

    def log_in_as(self, account: str) -> "Visitor":
        session = self.sandbox.admin.post("/sessions", account=account)
        self.cookies = {"li_at": session["li_at"], "JSESSIONID": f'"{session["csrf_token"]}"'}
        return self

    def id_of(self, slug: str) -> str:
        profile_id: str = self.sandbox.admin.get(f"/members/{slug}")["profile_id"]
        return profile_id

    def urn_of(self, slug: str) -> str:
        return f"urn:li:fsd_profile:{self.id_of(slug)}"

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        accept: str = NORMALIZED,
        timeout: float = 10,
        **headers: str,
    ) -> Answer:
        sent = {"accept": accept, "cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if "JSESSIONID" in self.cookies:
            sent["csrf-token"] = self.cookies["JSESSIONID"].strip('"')
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = HTTPConnection(urlsplit(self.sandbox.url).netloc, timeout=timeout)
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            cookies = response.headers.get_all("set-cookie") or []
            found = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status, found, response.read(), cookies)
        finally:
            connection.close()

    def get(self, path: str, accept: str = NORMALIZED, **query: str) -> Answer:
        return self.send("GET", f"{path}?{urlencode(query)}" if query else path, accept=accept)

    def post(self, path: str, body: object, accept: str = NORMALIZED) -> Answer:
        return self.send("POST", path, json.dumps(body).encode(), accept)

    def profile(self, name: str, accept: str = NORMALIZED, decoration: str = FULL_PROFILE) -> Answer:
        query = {"q": "memberIdentity", "memberIdentity": name, "decorationId": decoration}
        return self.get("/voyager/api/identity/dash/profiles", accept, **query)

    def top_card(self, slug: str) -> Answer:
        query = f"includeWebMetadata=true&variables=(vanityName:{quote(slug)})&queryId={TOP_CARD_QUERY}"
        return self.get(f"/voyager/api/graphql?{query}")

    def invite(self, slug: str, note: str | None = None) -> Answer:
        body: dict[str, object] = {"invitee": {"inviteeUnion": {"memberProfile": self.urn_of(slug)}}}
        if note is not None:
            body["customMessage"] = note
        return self.post(CREATE_INVITE, body)

    def sent(self) -> Answer:
        path = "/voyager/api/relationships/sentInvitationViewsV2"
        return self.get(path, q="invitationType", invitationType="CONNECTION", start="0", count="100")

    def conversations(self, variables: str | None = None, accept: str = GRAPHQL) -> Answer:
        variables = variables or f"(mailboxUrn:{quote(self.urn_of('mira-oxbow-sbx'), safe='')})"
        path = f"/voyager/api/voyagerMessagingGraphQL/graphql?queryId={CONVERSATIONS_QUERY}"
        return self.get(f"{path}&variables={variables}", accept)

    def messages(self, conversation: str, accept: str = GRAPHQL) -> Answer:
        path = f"/voyager/api/voyagerMessagingGraphQL/graphql?queryId={MESSAGES_QUERY}"
        return self.get(f"{path}&variables=(conversationUrn:{quote(conversation, safe='')})", accept)

    def message(
        self, slug: str, text: str, token: str = "t-1", changes: dict[str, object] | None = None
    ) -> Answer:
        body: dict[str, object] = {
            "message": {
                "body": {"attributes": [], "text": text},
                "renderContentUnions": [],
                "originToken": token,
            },
            "mailboxUrn": self.urn_of("mira-oxbow-sbx"),
            "trackingId": "0123456789abcdef",
            "dedupeByClientGeneratedToken": False,
            "hostRecipientUrns": [self.urn_of(slug)],
        }
        body.update(changes or {})
        kept = {key: value for key, value in body.items() if value is not ...}
        return self.post("/voyager/api/voyagerMessagingDashMessengerMessages?action=createMessage", kept)
