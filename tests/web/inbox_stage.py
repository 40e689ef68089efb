"""An inbox with something of every kind in it, furnished as deliveries come."""

from datetime import timedelta

from site_stage import CANARY, Site

from crowd import a_lead, profile_id
from fakes import ScriptedProvider
from inbox_desk import Desk, a_desk
from overture import campaigns
from overture.campaigns import CampaignSettings, NewCampaign
from overture.core.ids import public_id
from product import add_account

HELLO = {
    "name": "hello",
    "steps": [{"id": "invite", "channel": "linkedin", "touchpoint": {"type": "connect"}}],
}


async def an_inbox(site: Site, provider: ScriptedProvider) -> Desk:
    """A Unipile account whose runs the scripted provider performs, and the desk it is told things at."""
    app = site.app
    await add_account(app, "ada")
    providers = app.providers
    assert isinstance(providers, dict)
    providers["unipile"] = provider
    return await a_desk(app, "ada")


async def furnish_inbox(site: Site, desk: Desk) -> dict[str, str]:
    """Answers of every kind, with leads and without; the ids of their conversations by first name."""
    app, now = site.app, site.app.now()
    lea = await a_lead(
        app, first_name="Lea", last_name="Larsson", title="CTO", company_name="Ängström & Söhne",
        linkedin_slug="lea-1", linkedin_profile_id=profile_id(1),
    )  # fmt: skip
    async with app.sessions.begin() as db:
        settings = CampaignSettings.model_validate({"accounts": {"ada": 1}})
        campaign = await campaigns.create(db, app.ids, NewCampaign("Founders", HELLO, settings), "test", now)
        await campaigns.do(db, app.ids, campaign, "start", "test", now)
        await campaigns.enroll(db, app.ids, campaign, [lea.id], "test", now)
    await desk.take(
        desk.message(1, "Hello Lea, may I ask you something?", own=True, at=now - timedelta(hours=30)),
        desk.message(
            1, "Sure! Sounds good.\n\nWhat would it cost for 20 people?", at=now - timedelta(hours=2)
        ),
        desk.message(2, f"Please unsubscribe me {CANARY}", at=now - timedelta(hours=3)),
        desk.message(3, "I am out of office until Monday. " * 8, at=now - timedelta(hours=4)),
        desk.message(4, "No thanks", at=now - timedelta(hours=5)),
        desk.message(5, "Hello everybody", is_group=True, at=now - timedelta(days=2)),
        desk.message(6, "Are you there?", own=True, at=now - timedelta(days=3)),
    )
    found = await desk.conversations()
    return {
        (one.counterpart_name or "nobody").lower().replace(" ", "-"): public_id("cnv", one.id)
        for one in found
    }
