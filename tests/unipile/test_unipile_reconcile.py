"""However the webhooks are found, they end up as they should be, and no event falls in between."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.providers.unipile.client import (
    DEFAULT_EVENTS,
    BadReceiver,
    Conduct,
    Indeterminate,
    Receivers,
    Reconciled,
    Transient,
    UnipileClient,
)
from scripted_unipile import Desk, Reply, Seen, listed, problem

BASE = "https://app.example"
SECRET = "0123456789abcdef0123456789abcdef"
PATHS = {"users": "users", "messaging": "messaging", "account_status": "accounts"}


def hook(source: str, **changes: object) -> dict[str, Any]:
    """A webhook as the list shows it when all is well."""
    return {
        "object": "Webhook",
        "id": f"w-{source}",
        "name": f"overture-{source}",
        "request_url": f"{BASE}/webhooks/unipile/{PATHS.get(source, source)}",
        "enabled": True,
        "format": "json",
        "account_ids": [],
        "data": [],
        "events": list(DEFAULT_EVENTS[source]),
        "headers": headers(SECRET),
        **changes,
    }


def headers(secret: str) -> list[dict[str, str]]:
    return [{"key": "content-type", "value": "application/json"}, {"key": "Unipile-Auth", "value": secret}]


class Office:
    """The webhooks of a workspace, kept as Unipile keeps them."""

    def __init__(self, *hooks: dict[str, Any]) -> None:
        self.hooks = {one["id"]: one for one in hooks}
        self.log: list[str] = []
        self.heard_by: list[int] = []  # after each deletion, by how many each source is received
        self.desk = Desk()
        self.desk.on("GET", "/webhooks", lambda _: listed(*self.hooks.values()))
        self.desk.on("POST", "/webhooks", self.create)
        for webhook_id in [*self.hooks, *(f"new-{number}" for number in range(9))]:
            self.desk.on("DELETE", f"/webhooks/{webhook_id}", self.delete)

    def receiving(self, source: str) -> int:
        """How many webhooks deliver this source rightly."""
        good = hook(source)
        alike = ("request_url", "enabled", "events", "headers")
        return sum(all(one[name] == good[name] for name in alike) for one in self.hooks.values())

    def create(self, seen: Seen) -> Reply:
        body = seen.json()
        webhook_id = f"new-{len(self.log)}"
        shown = [{"key": one["key"], "value": one["value"]} for one in body["headers"]]
        self.hooks[webhook_id] = {
            **{name: value for name, value in body.items() if name != "source"},
            "id": webhook_id,
            "account_ids": [],
            "data": [],
            "headers": [
                {"key": one["key"].replace("Content-Type", "content-type"), "value": one["value"]}
                for one in shown
            ],
        }
        self.log.append(f"create {body['source']}")
        return Reply(201, {"object": "WebhookCreated", "webhook_id": webhook_id})

    def delete(self, seen: Seen) -> Reply:
        webhook_id = seen.path.rsplit("/", 1)[1]
        if self.hooks.pop(webhook_id, None) is None:
            return problem(404, "resource_not_found", "Webhook not found")
        self.log.append(f"delete {webhook_id}")
        self.heard_by += [self.receiving(source) for source in PATHS]
        return Reply(200, {"object": "WebhookDeleted"})

    async def ensure(self, client: UnipileClient | None = None) -> Reconciled:
        return await (client or self.desk.client()).ensure_webhooks(BASE, SECRET)


def all_three() -> list[dict[str, Any]]:
    return [hook("users"), hook("messaging"), hook("account_status")]


async def test_an_empty_workspace_gets_one_webhook_for_each_source() -> None:
    office = Office()

    done = await office.ensure()

    assert office.log == ["create users", "create messaging", "create account_status"]
    assert len(done.created) == 3
    body = office.desk.asked("POST", "/webhooks")[0].json()
    assert "account_ids" not in body  # omitted means all, present and future
    assert "data" not in body
    assert (body["source"], body["format"], body["events"]) == ("users", "json", ["new_relation"])
    assert {one["key"]: one["value"] for one in body["headers"]}["Unipile-Auth"] == SECRET


async def test_what_is_right_is_left_alone_and_asking_twice_changes_nothing() -> None:
    office = Office(*all_three())
    assert (await office.ensure()).is_unchanged

    fresh = Office()
    await fresh.ensure()
    fresh.log.clear()
    assert (await fresh.ensure()).is_unchanged
    assert fresh.log == []


WRONG: list[dict[str, object]] = [
    {"request_url": "https://old-tunnel.example/webhooks/unipile/users"},
    {"request_url": f"{BASE}/webhooks/unipile/messaging"},
    {"request_url": f"{BASE}//webhooks/unipile/users/"},
    {"request_url": "http://app.example/webhooks/unipile/users"},
    {"headers": headers("another-secret-entirely")},
    {"headers": [{"key": "Unipile-Auth", "value": SECRET}]},
    {"headers": []},
    {"enabled": False},
    {"format": "form"},
    {"account_ids": [{"id": "a", "type": "LINKEDIN"}]},
    {"data": [{"name": "account_id", "key": "acc"}]},
    {"events": []},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
async def test_a_wrong_webhook_is_replaced_the_new_one_first(wrong: dict[str, object]) -> None:
    office = Office(hook("users", **wrong), hook("messaging"), hook("account_status"))

    await office.ensure()

    assert office.log == ["create users", "delete w-users"]
    assert all(office.receiving(source) == 1 for source in PATHS)


async def test_doubles_go_and_others_webhooks_stay() -> None:
    foreign = hook("messaging", id="crm", name="crm", request_url="https://crm.example/hook")
    nameless = hook("messaging", id="double", name=None)
    office = Office(*all_three(), nameless, foreign)

    done = await office.ensure()

    assert office.log == ["delete double"]
    assert done.foreign == ("crm",)
    assert "crm" in office.hooks


async def test_a_new_secret_is_rotated_in_without_a_gap() -> None:
    office = Office(*(hook(source, headers=headers("the-old-secret-of-ours")) for source in PATHS))

    await office.ensure()

    assert office.log[:3] == ["create users", "create messaging", "create account_status"]
    assert len(office.log) == 6
    assert all(office.receiving(source) == 1 for source in PATHS)


async def test_nothing_is_deleted_when_nothing_could_be_created() -> None:
    office = Office(hook("users", enabled=False), hook("messaging"), hook("account_status"))
    office.desk.on("POST", "/webhooks", problem(503, "service_unavailable"))

    with pytest.raises(Transient):
        await office.ensure()
    assert office.log == []


async def test_a_creation_in_doubt_is_looked_up_and_not_repeated() -> None:
    office = Office(hook("messaging"), hook("account_status"))

    def drop_after(seen: Seen) -> Reply:
        office.create(seen)
        return problem(504, "request_timeout")

    office.desk.on("POST", "/webhooks", drop_after)
    await office.ensure()

    assert office.log == ["create users"]
    assert office.receiving("users") == 1


async def test_a_creation_in_doubt_that_is_not_there_is_an_error() -> None:
    office = Office(hook("users", enabled=False), hook("messaging"), hook("account_status"))
    office.desk.on("POST", "/webhooks", problem(504, "request_timeout"))

    with pytest.raises(Indeterminate):
        await office.ensure()
    assert office.log == []


async def test_one_that_somebody_else_deleted_meanwhile_is_fine() -> None:
    office = Office(hook("users", enabled=False), hook("messaging"), hook("account_status"))
    office.desk.on("DELETE", "/webhooks/w-users", problem(404, "resource_not_found", "Webhook not found"))

    assert (await office.ensure()).deleted == ("w-users",)


async def test_a_dry_run_changes_nothing() -> None:
    office = Office(hook("users", enabled=False))
    client = office.desk.client(conduct=Conduct(dry_run=True))

    await office.ensure(client)

    assert office.log == []
    assert [one.action for one in client.intended] == ["webhooks.create"] * 3 + ["webhooks.delete"]
    assert SECRET not in repr(client.intended)


@given(
    found=st.lists(
        st.tuples(st.sampled_from(sorted(PATHS)), st.sampled_from([{}, *WRONG]), st.booleans()), max_size=7
    )
)
async def test_whatever_is_there_one_of_each_remains_and_none_went_unheard(
    found: list[tuple[str, dict[str, object], bool]],
) -> None:
    hooks = [
        hook(source, **{"id": f"w{number}", **change, **({} if named else {"name": None})})
        for number, (source, change, named) in enumerate(found)
    ]
    office = Office(*hooks)

    await office.ensure()

    assert {source: office.receiving(source) for source in PATHS} == dict.fromkeys(PATHS, 1)
    assert all(office.heard_by)  # never fewer than one, at no time after the first deletion
    office.log.clear()
    assert (await office.ensure()).is_unchanged


@pytest.mark.parametrize(
    ("base", "secret"),
    [
        ("http://app.example", SECRET),
        ("app.example", SECRET),
        ("ftp://app.example", SECRET),
        ("https://", SECRET),
        ("https://me@app.example", SECRET),
        ("https://app.example/?x=1", SECRET),
        (BASE, ""),
        (BASE, "short"),
        (BASE, "secret with\nline break in it"),
    ],
)
def test_deliveries_go_nowhere_unencrypted_or_without_a_proper_secret(base: str, secret: str) -> None:
    with pytest.raises(BadReceiver):
        Receivers(base, secret)


def test_this_machine_may_be_reached_unencrypted() -> None:
    receivers = Receivers("http://127.0.0.1:8000/", SECRET)

    assert receivers.wanted()[0].request_url == "http://127.0.0.1:8000/webhooks/unipile/users"
    assert SECRET not in repr(receivers)
    assert SECRET not in repr(receivers.wanted())
