"""People search: what counts as a result, who stays nameless, and what the monthly limit looks like."""

from typing import Any
from urllib.parse import quote

from visitor import Answer, Visitor, entity

QUERY = "voyagerSearchDashClusters.a7a0567fa66c52d645b5ff2f960b92aa"
ME, JONAS, PRISCA, TOMAS = (
    "mira@sandbox.test",
    "jonas-fernweh-sbx",
    "prisca-hollowell-sbx",
    "tomas-kettering-sbx",
)


def search(mira: Visitor, keywords: str, filters: str = "", start: int = 0) -> Answer:
    chosen = f"{filters}(key:resultType,value:List(PEOPLE))"
    query = (
        f"(keywords:{quote(keywords, safe='')},flagshipSearchIntent:SEARCH_SRP,"
        f"queryParameters:List({chosen}),includeFiltersInResponse:false)"
    )
    variables = f"(start:{start},origin:GLOBAL_SEARCH_HEADER,query:{query})"
    return mira.get(f"/voyager/api/graphql?includeWebMetadata=true&variables={variables}&queryId={QUERY}")


def collection(answer: Answer) -> Any:
    return answer.json["data"]["data"]["searchDashClustersByAll"]


def rows(answer: Answer) -> list[str]:
    """The URNs the clusters refer to."""
    items = [item["item"] for cluster in collection(answer)["elements"] for item in cluster["items"]]
    return [item["*entityResult"] for item in items if "*entityResult" in item]


def test_results_are_what_clusters_refer_to_and_more_is_included(mira: Visitor) -> None:
    answer = search(mira, "coffee logistics")

    [urn] = rows(answer)
    found = entity(answer, urn)
    assert found["title"]["text"] == "Jonas Fernweh"
    assert found["entityCustomTrackingInfo"]["memberDistance"] == "DISTANCE_1"
    assert found["navigationUrl"].startswith(f"https://www.linkedin.com/in/{JONAS}?miniProfileUrn=")
    assert found["trackingUrn"] == "urn:li:member:900000417"
    assert len(answer.json["included"]) > 1


def test_people_out_of_network_have_no_name_and_no_address(mira: Visitor) -> None:
    mira.sandbox.admin.put("/relationships", account=ME, member=PRISCA, state="none", degree="OUT")

    answer = search(mira, "head of data")
    found = entity(answer, rows(answer)[0])
    assert found["title"]["text"] == "LinkedIn Member"
    assert "/in/" not in found["navigationUrl"]
    assert "ACoAA" not in str(found)


def test_filters_and_pages(mira: Visitor) -> None:
    for number in range(13):
        mira.sandbox.admin.post("/members", headline=f"Valve turner {number}")

    first, second = search(mira, "valve turner"), search(mira, "valve turner", start=10)
    assert (len(rows(first)), len(rows(second))) == (10, 3)
    assert collection(first)["metadata"]["totalResultCount"] == 13
    assert not set(rows(first)) & set(rows(second))
    second_degree = search(mira, "sbx", "(key:network,value:List(F)),")
    assert rows(second_degree) == []
    company = search(mira, "data", "(key:currentCompany,value:List(970001)),")
    assert len(rows(company)) == 1


def test_past_the_monthly_limit_nobody_is_found_and_only_the_page_says_why(mira: Visitor) -> None:
    mira.sandbox.admin.patch(f"/logins/{ME}", searches_remaining=1)

    assert rows(search(mira, "coffee"))
    answer = search(mira, "coffee")
    assert answer.status == 200
    assert (rows(answer), collection(answer)["metadata"]["totalResultCount"]) == ([], 0)
    for variant in ("A", "B"):
        mira.sandbox.admin.patch(f"/logins/{ME}", variant=variant)
        page = mira.get("/search/results/people/?keywords=coffee", "text/html").text
        assert "reached the monthly limit for profile searches" in page
        assert "Jonas Fernweh" not in page.split("<main")[1].split("</main>")[0]


def test_a_page_shows_the_same_people(mira: Visitor) -> None:
    for variant in ("A", "B"):
        mira.sandbox.admin.patch(f"/logins/{ME}", variant=variant)
        page = mira.get('/search/results/people/?keywords=coffee&network=["F"]', "text/html").text
        assert f"/in/{JONAS}" in page
        assert TOMAS not in page.split("<main")[1].split("</main>")[0]


def test_stale_queries_are_bad_requests(mira: Visitor) -> None:
    mira.sandbox.admin.patch(f"/logins/{ME}", stale_queries=True)

    assert search(mira, "coffee").status == 400
    assert mira.top_card(PRISCA).status == 400
    assert mira.profile(PRISCA).status == 200
