"""What happens across all touchpoints: languages, slow and changed pages, windows in the way.

Those that are about every touchpoint have the same four things to do: invite a stranger, write to a
connection, send an InMail, react to a post.
"""

from typing import Final

from overture_sandbox.scenarios.scenario import Setting, Step, arranged, fault, look, person, premium, quirk

ALL_FOUR: Final = "invitation, message, InMail and reaction completed, confirmed; one each, byte for byte"
SLOW_S: Final = {
    "page:profile": 6.0,
    "profile": 4.0,
    "invite": 5.0,
    "send_message": 5.0,
    "sent_invitations": 3.0,
}
COVERED: Final = ("profile", "post")
IN_A_ROW: Final = 20


def four_things(setting: Setting) -> None:
    """Somebody to invite, to write to, to send an InMail to, and a post."""
    premium(5)(setting)
    setting.person("stranger", connect_placement="primary_button", sidebar_decoys=4)
    setting.person("friend", "connected", None, sidebar_decoys=4)
    setting.person("far", open_link=True)
    post = setting.world.publish(setting.person("author"), "Boring pipelines are good pipelines.")
    setting.things["me"] = setting.account.slug
    setting.things["post"] = {"url": f"https://www.linkedin.com/feed/update/{post.urn}/", "urn": post.urn}


def behind_more(setting: Setting) -> None:
    """The stranger's Connect is in a menu."""
    setting.people["stranger"].connect_placement = "more_menu"


def in_the_way(number: int, name: str, *steps: Step, site: str, required: str) -> None:
    """A scenario in which the same four things are done."""
    arranged(number, name, four_things, *steps, site=site, required=required)


for number, locale in ((101, "de_DE"), (102, "fr_FR"), (103, "da_DK")):
    in_the_way(
        number,
        f"x-locale-{locale[:2]}",
        look(locale=locale),
        site=f"the account's pages are in {locale}",
        required=ALL_FOUR,
    )
in_the_way(
    104,
    "x-variant-flip",
    quirk("variant_flip"),
    site="every other page load comes in the other markup",
    required=ALL_FOUR,
)
in_the_way(
    105,
    "x-slow-net",
    *(fault("latency", endpoint, seconds=seconds, times=2) for endpoint, seconds in SLOW_S.items()),
    site="pages and answers take three to six seconds",
    required=ALL_FOUR,
)
for number, level, site, required in (
    (106, 1, "other class names and element ids", ALL_FOUR),
    (107, 2, "other test ids, component keys and view names as well", ALL_FOUR),
    (
        108,
        3,
        "other words on every control as well",
        "each of the four failed, selector_drift, with artefacts; nothing sent",
    ),
):
    in_the_way(number, f"x-drift-{level}", look(drift=level), site=site, required=required)
in_the_way(
    109,
    "x-overlay-intercept",
    quirk("overlay_intercept"),
    site="the interop outlet lies over the page and takes every click",
    required="each of the four failed, control_blocked, with artefacts; nothing forced, nothing sent",
)
in_the_way(
    110,
    "x-hidden-dialogs",
    behind_more,
    quirk("decoy_dialogs"),
    site="six hidden dialogs of video players and their menus; Connect is behind More",
    required=ALL_FOUR,
)
in_the_way(
    111,
    "x-popup-random",
    quirk("popup", which="unknown", on=COVERED),
    site="a window nobody has seen before covers the page",
    required="each of the four failed, unknown_modal, with artefacts; the window untouched, nothing sent",
)
in_the_way(
    112,
    "x-popup-known",
    quirk("popup", which="app_download", on=COVERED),
    site="the app is advertised in a window over the page",
    required=f"put away by its harmless button; {ALL_FOUR}",
)
arranged(
    113,
    "x-breaker",
    *(person(f"person {number}") for number in range(5)),
    look(drift=3),
    site="five runs in a row meet pages that changed",
    required="one trip: the account paused by its breaker, the runs after it wait; nothing sent",
)
arranged(
    114,
    "x-prospect-errors",
    *(person(f"gone {number}", deleted=True) for number in range(IN_A_ROW)),
    person("there"),
    site=f"{IN_A_ROW} people in a row who are not there, then one who is",
    required="each failed, profile_unavailable; no trip: the account stays active and the last succeeds",
)
arranged(
    115,
    "x-shutdown-midway",
    person("stranger"),
    *(
        fault("read_lag", endpoint, seconds=6.0)
        for endpoint in ("profile", "relationship", "sent_invitations")
    ),
    site="the process is killed after the invitation was sent and before it was proved",
    required="held, unknown at the next start; read back: completed, confirmed; one invitation",
)
