"""Lists a client reads page by page: connections and conversations; and their pages."""

from urllib.parse import quote

import pytest
from visitor import CONVERSATIONS_QUERY, GRAPHQL, Answer, Visitor, entity

ME, JONAS, PRISCA = "mira@sandbox.test", "jonas-fernweh-sbx", "prisca-hollowell-sbx"
CONNECTIONS = "/voyager/api/relationships/dash/connections"
PAGES = {
    "connections": "/mynetwork/invite-connect/connections/",
    "received": "/mynetwork/invitation-manager/",
}


def connections(mira: Visitor, start: int, count: int = 40) -> Answer:
    deco = "com.linkedin.voyager.dash.deco.web.mynetwork.ConnectionListWithProfile-16"
    return mira.get(
        CONNECTIONS,
        decorationId=deco,
        q="search",
        sortType="RECENTLY_ADDED",
        start=str(start),
        count=str(count),
    )


def test_connections_come_newest_first_in_pages(mira: Visitor) -> None:
    slugs = [mira.sandbox.admin.post("/members", {})["slug"] for _ in range(5)]
    for slug in slugs:
        mira.sandbox.admin.put("/relationships", account=ME, member=slug, state="connected")

    first, second = connections(mira, 0, 4), connections(mira, 4, 4)
    urns = [*first.json["data"]["*elements"], *second.json["data"]["*elements"]]
    assert urns == [f"urn:li:fsd_connection:{mira.id_of(slug)}" for slug in (*slugs[::-1], JONAS)]
    assert first.json["data"]["paging"]["total"] == 6
    person = entity(first, str(entity(first, urns[0])["*connectedMemberResolutionResult"]))
    assert person["publicIdentifier"] == slugs[-1]


def test_reading_conversations_marks_nothing_as_read(mira: Visitor) -> None:
    mira.sandbox.admin.post(f"/people/{JONAS}/reply", account=ME, text="Hello?")

    def unread() -> object:
        answer = mira.conversations()
        return answer.json["data"]["messengerConversationsBySyncToken"]["elements"][0]["unreadCount"]

    assert unread() == 1
    thread = mira.conversations().json["data"]["messengerConversationsBySyncToken"]["elements"][0]
    mira.messages(thread["entityUrn"])
    assert unread() == 1
    mira.get(thread["conversationUrl"].removeprefix("https://www.linkedin.com"), "text/html")
    assert unread() == 0  # looking at the page is what marks it


def test_conversations_are_paged_by_the_time_of_their_last_message(mira: Visitor) -> None:
    mira.sandbox.admin.put("/relationships", account=ME, member=PRISCA, state="connected")
    for slug in (JONAS, PRISCA):
        mira.sandbox.admin.post("/clock", advance_s=5)
        mira.sandbox.admin.post(f"/people/{slug}/reply", account=ME, text="Hello?")
    mailbox = quote(mira.urn_of("mira-oxbow-sbx"), safe="")

    def page(before: int) -> list[dict[str, object]]:
        category = "(conversationCategoryPredicate:(category:PRIMARY_INBOX))"
        place = f"count:1,mailboxUrn:{mailbox},lastUpdatedBefore:{before}"
        variables = f"(query:(predicateUnions:List({category})),{place})"
        path = f"/voyager/api/voyagerMessagingGraphQL/graphql?queryId={CONVERSATIONS_QUERY}"
        answer = mira.get(f"{path}&variables={variables}", GRAPHQL)
        found: list[dict[str, object]] = answer.json["data"]["messengerConversationsByCategoryQuery"][
            "elements"
        ]
        return found

    [latest] = page(4_000_000_000_000)
    last = latest["lastActivityAt"]
    assert isinstance(last, int)
    [earlier] = page(last - 1000)
    assert latest["entityUrn"] != earlier["entityUrn"]


def test_a_note_that_opens_a_thread_does_not_date_it(mira: Visitor) -> None:
    """The list keeps the order it tells: the thread of a yes moved with the yes, not with the older note."""
    mira.invite(PRISCA, "May I ask you one thing?")
    mira.sandbox.admin.post("/clock", advance_s=3600)
    mira.sandbox.admin.post(f"/people/{JONAS}/reply", account=ME, text="Hello?")
    mira.sandbox.admin.post("/clock", advance_s=3600)
    mira.sandbox.admin.post(f"/people/{PRISCA}/accept", account=ME)

    threads = mira.conversations().json["data"]["messengerConversationsBySyncToken"]["elements"]
    [note] = threads[0]["messages"]["elements"]
    times = [one["lastActivityAt"] for one in threads]
    assert note["body"]["text"] == "May I ask you one thing?"
    assert times == sorted(times, reverse=True)
    assert times[0] - note["deliveredAt"] >= 7_200_000


@pytest.mark.parametrize("variant", ["A", "B"])
@pytest.mark.parametrize("name", ["connections", "received"])
def test_lists_are_pages_too(mira: Visitor, variant: str, name: str) -> None:
    mira.sandbox.admin.patch(f"/logins/{ME}", variant=variant)
    mira.sandbox.admin.post(f"/people/{PRISCA}/invite", account=ME, text="Hello Mira")
    slug, label = {
        "connections": (JONAS, "Message Jonas"),
        "received": (PRISCA, "Accept Prisca Hollowell’s invitation"),
    }[name]

    answer = mira.get(PAGES[name], "text/html")
    assert answer.status == 200
    main = answer.text.split("<main")[1].split("</main>")[0]
    assert f"/in/{slug}/" in main
    assert label in main
