"""Whether the account follows a member, by the two reads that tell."""

from typing import Final
from urllib.parse import quote

from overture.core.errors import NotPossible, PageChanged
from overture.providers.linkedin_browser.voyager.client import VoyagerClient

TOP_CARD: Final = "voyagerIdentityDashProfiles.aeba67850e106299f25de2eb3828c641"


async def read_is_followed(client: VoyagerClient, slug: str, profile_id: str) -> bool:
    """The following state of the top card; where that query is gone, the older network info."""
    try:
        return await _by_top_card(client, slug, profile_id)
    except PageChanged:
        return await _by_network_info(client, slug)


async def _by_top_card(client: VoyagerClient, slug: str, profile_id: str) -> bool:
    variables = f"(vanityName:{quote(slug, safe='')})"
    path = f"/graphql?includeWebMetadata=true&variables={variables}&queryId={TOP_CARD}"
    included = (await client.get(path)).body.get("included")
    urn = f"urn:li:fsd_followingState:urn:li:fsd_profile:{profile_id}"
    for entity in included if isinstance(included, list) else []:
        if isinstance(entity, dict) and entity.get("entityUrn") == urn:
            following = entity.get("following")
            if isinstance(following, bool):
                return following
    raise PageChanged("the member's following state", code="api_changed")


async def _by_network_info(client: VoyagerClient, slug: str) -> bool:
    try:
        body = (await client.get(f"/identity/profiles/{quote(slug, safe='')}/networkinfo")).body
    except NotPossible as error:
        raise PageChanged("the member's following state", code="api_changed") from error
    data = body.get("data")
    following = data.get("following") if isinstance(data, dict) else None
    if not isinstance(following, bool):
        raise PageChanged("the member's following state", code="api_changed")
    return following
