"""What a client can do with campaigns, as parts of a transaction: routes and the command line call these."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, cast
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from overture import campaigns
from overture.campaigns import (
    Campaign,
    CampaignChange,
    CampaignSettings,
    NewCampaign,
    Preview,
    SequenceVersion,
    Why,
    sequence_of,
)
from overture.core.errors import Invalid, Outdated
from overture.core.ids import public_id
from overture.entrypoints.api.catalogue import PROBLEMS
from overture.entrypoints.api.outreach.campaign_shapes import (
    CampaignDetail,
    CampaignPatch,
    CampaignView,
    FaultView,
    MoveView,
    NewCampaignBody,
    PublishView,
    SequenceView,
    VersionView,
    WhyView,
)
from overture.entrypoints.api.outreach.funnel import counts_of, steps_of
from overture.entrypoints.api.problems import pointer_of
from overture.entrypoints.bootstrap import App

CopyOf: Final = "Copy of "
Act = Literal["start", "pause", "resume", "complete", "stop", "archive"]
PUBLISHABLE: Final = ("draft", "active", "paused")


@dataclass(frozen=True)
class CampaignFilter:
    """Which campaigns a list shows; empty and None are no condition."""

    states: tuple[str, ...] = ()
    search: str | None = None


async def page(
    db: AsyncSession, wanted: CampaignFilter, before: UUID | None, size: int
) -> Sequence[Campaign]:
    """Campaigns newest first, older than the cursor."""
    query = select(Campaign)
    if wanted.states:
        query = query.where(Campaign.state.in_(wanted.states))
    if wanted.search is not None:
        query = query.where(Campaign.name.icontains(wanted.search.strip(), autoescape=True))
    if before is not None:
        query = query.where(Campaign.id < before)
    return (await db.scalars(query.order_by(Campaign.id.desc()).limit(size))).all()


async def by_words(db: AsyncSession, words: str) -> Campaign | None:
    """The campaign of this name that is not archived."""
    query = select(Campaign).where(func.lower(Campaign.name) == words.lower(), Campaign.state != "archived")
    found: Campaign | None = await db.scalar(query)
    return found


async def create(app: App, db: AsyncSession, new: NewCampaignBody, by: str) -> CampaignDetail:
    """Make a draft: from a document, from a sequence to start from, or empty."""
    body: dict[str, Any] = {"name": new.name, "steps": []}
    if new.template is not None:
        body = campaigns.body_of(campaigns.starter(new.template).sequence)
    if new.sequence is not None:
        body = {"name": new.name, **new.sequence}
    sequence_of(body)
    settings = settled(new.settings.model_dump(mode="json"))
    made = await campaigns.create(db, app.ids, NewCampaign(new.name.strip(), body, settings), by, app.now())
    return await detail(db, made)


async def change(
    app: App, db: AsyncSession, campaign_id: UUID, wanted: CampaignPatch, by: str
) -> CampaignDetail:
    """Change the name, and those settings that are given."""
    campaign = await campaigns.campaign_by_id(db, campaign_id, lock=True)
    settings: CampaignSettings | None = None
    if wanted.settings is not None:
        given = wanted.settings.model_dump(mode="json", include=wanted.settings.model_fields_set)
        settings = settled({**campaign.settings, **given})
    name = wanted.name.strip() if wanted.name is not None else None
    await campaigns.change(db, campaign, CampaignChange(name=name, settings=settings), by, app.now())
    return await detail(db, campaign)


def settled(body: dict[str, Any]) -> CampaignSettings:
    """The settings as they are stored, or a refusal: an address may grow too long in its plain spelling."""
    try:
        return CampaignSettings.model_validate(body)
    except ValidationError as error:
        faults = [
            {"pointer": pointer_of(("settings", *one["loc"])), "code": one["type"], "detail": one["msg"]}
            for one in error.errors()
        ]
        raise Invalid(
            "validation_error",
            f"The settings do not fit: {faults[0]['detail']}.",
            fix="Mend them.",
            errors=faults,
        ) from None


async def put_sequence(
    app: App, db: AsyncSession, campaign_id: UUID, document: dict[str, Any], revision: int, by: str
) -> SequenceView:
    """Replace the draft, if it is still the one the client read."""
    campaign = await campaigns.campaign_by_id(db, campaign_id, lock=True)
    if campaign.revision != revision:
        entry = PROBLEMS["etag_mismatch"]
        raise Outdated("etag_mismatch", entry.meaning, fix=entry.fix, etag=etag(campaign))
    body = {"name": campaign.name, **document}
    await campaigns.change(db, campaign, CampaignChange(sequence=body), by, app.now())
    return await draft_of(db, campaign)


async def draft_of(db: AsyncSession, campaign: Campaign) -> SequenceView:
    """The draft as clients see it."""
    version = await version_of(db, campaign)
    is_published = version is not None and campaigns.body_of(sequence_of(campaign.draft)) == version.body
    return SequenceView(revision=campaign.revision, sequence=campaign.draft, is_published=is_published)


def etag(campaign: Campaign) -> str:
    """The draft's ETag."""
    return f'"{campaign.revision}"'


async def validated(app: App, db: AsyncSession, campaign_id: UUID) -> PublishView:
    """What publishing would do; nothing is changed."""
    campaign = await campaigns.campaign_by_id(db, campaign_id)
    seen = await foreseen(app, db, campaign)
    return publish_view(seen, await version_of(db, campaign), dry_run=True)


async def publish(app: App, db: AsyncSession, campaign_id: UUID, by: str, dry_run: bool) -> PublishView:
    """Publish the draft, or only show who would go where."""
    campaign = await campaigns.campaign_by_id(db, campaign_id, lock=True)
    seen = await foreseen(app, db, campaign)
    version = await version_of(db, campaign)
    if not dry_run:
        version = await campaigns.publish(db, app.ids, campaign, by, app.now())
    return publish_view(seen, version, dry_run=dry_run)


async def foreseen(app: App, db: AsyncSession, campaign: Campaign) -> Preview:
    """What publishing would do, and what this installation lacks for it."""
    seen = await campaigns.preview(db, campaign, app.now())
    lacking = () if app.settings.has_model else campaigns.unwritten(sequence_of(campaign.draft))
    return replace(seen, problems=[*seen.problems, *lacking])


def publish_view(seen: Preview, version: SequenceVersion | None, *, dry_run: bool) -> PublishView:
    """What publishing does, as clients see it."""
    return PublishView(
        is_valid=all(one.severity != "error" for one in seen.problems),
        is_new=seen.is_new,
        problems=[FaultView(**vars(one)) for one in seen.problems],
        moves=[MoveView(**vars(one)) for one in seen.moves],
        dry_run=dry_run,
        version=version_view(version),
    )


async def act(
    app: App, db: AsyncSession, campaign_id: UUID, verb: Act, by: str, reason: str | None
) -> CampaignDetail:
    """Start it, stop it, …"""
    campaign = await campaigns.campaign_by_id(db, campaign_id, lock=True)
    await campaigns.do(db, app.ids, campaign, verb, by, app.now(), reason)
    return await detail(db, campaign)


async def duplicate(
    app: App, db: AsyncSession, campaign_id: UUID, name: str | None, by: str
) -> CampaignDetail:
    """A draft with the same sequence and settings, and nobody in it."""
    campaign = await campaigns.campaign_by_id(db, campaign_id)
    name = name.strip() if name is not None else await free_name(db, campaign.name)
    settings = CampaignSettings.model_validate(campaign.settings)
    made = await campaigns.create(db, app.ids, NewCampaign(name, campaign.draft, settings), by, app.now())
    return await detail(db, made)


async def free_name(db: AsyncSession, name: str) -> str:
    """A name for a copy that no campaign has."""
    number, found = 1, f"{CopyOf}{name}"[:110]
    while await by_words(db, found) is not None:
        number += 1
        found = f"{CopyOf}{name}"[:110] + f" ({number})"
    return found


async def detail(db: AsyncSession, campaign: Campaign) -> CampaignDetail:
    """A campaign and how far it is."""
    await db.flush()
    version = await version_of(db, campaign)
    body = version.body if version is not None else campaign.draft
    order = [str(step["id"]) for step in cast(list[dict[str, object]], body["steps"])]
    states, reasons = await counts_of(db, campaign.id)
    return CampaignDetail(
        **view(campaign, version).model_dump(),
        funnel=(await campaigns.funnels(db, [campaign.id]))[campaign.id],
        states=states,
        reasons=reasons,
        steps=await steps_of(db, campaign.id, order),
    )


async def views(db: AsyncSession, found: Sequence[Campaign]) -> list[CampaignView]:
    """These campaigns as lists show them."""
    wanted = [one.version_id for one in found if one.version_id is not None]
    rows = await db.scalars(select(SequenceVersion).where(SequenceVersion.id.in_(wanted)))
    versions = {row.id: row for row in rows}
    return [view(one, versions.get(one.version_id) if one.version_id else None) for one in found]


def view(campaign: Campaign, version: SequenceVersion | None) -> CampaignView:
    """A campaign as clients see it."""
    columns = {name: getattr(campaign, name) for name in CampaignView.model_fields if hasattr(campaign, name)}
    more = ["publish"] if campaign.state in PUBLISHABLE else []
    return CampaignView(
        **{**columns, "settings": CampaignSettings.model_validate(campaign.settings)},
        campaign_id=public_id("cmp", campaign.id),
        version=version_view(version),
        allowed_actions=[*campaigns.allowed(campaign), *more, "duplicate"],
    )


async def version_of(db: AsyncSession, campaign: Campaign) -> SequenceVersion | None:
    """The version in force."""
    if campaign.version_id is None:
        return None
    return await db.get(SequenceVersion, campaign.version_id)


def version_view(version: SequenceVersion | None) -> VersionView | None:
    """A version as clients see it."""
    if version is None:
        return None
    return VersionView(
        number=version.number, published_at=version.published_at, published_by=version.published_by
    )


def why_view(one: Why) -> WhyView:
    """A reason as clients see it."""
    return WhyView(**vars(one))
