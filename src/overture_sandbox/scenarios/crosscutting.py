"""What happens across all touchpoints: languages, slow and changed pages, windows in the way.

Those that are about every touchpoint have the same four things to do: invite a stranger, write to a
connection, send an InMail, react to a post.
"""

from collections.abc import Callable
from typing import Final

from overture_sandbox.scenarios.scenario import Setting, scenario

ALL_FOUR: Final = "invitation, message, InMail and reaction completed, confirmed; one each, byte for byte"
SLOW_S: Final = {
    "page:profile": 6.0,
    "profile": 4.0,
    "invite": 5.0,
    "send_message": 5.0,
    "sent_invitations": 3.0,
}
IN_A_ROW: Final = 20


def four_things(setting: Setting) -> None:
    """Somebody to invite, to write to, to send an InMail to, and a post."""
    setting.account.premium = True
    setting.look(inmail_credits=5)
    setting.person("stranger", connect_placement="primary_button", sidebar_decoys=4)
    setting.person("friend", "connected", None, sidebar_decoys=4)
    setting.person("far", open_link=True)
    post = setting.world.publish(setting.person("author"), "Boring pipelines are good pipelines.")
    setting.things["me"] = setting.account.slug
    setting.things["post"] = {"url": f"https://www.linkedin.com/feed/update/{post.urn}/", "urn": post.urn}


def in_language(locale: str) -> Callable[[Setting], None]:
    """All pages in one language."""

    def arranged(setting: Setting) -> None:
        four_things(setting)
        setting.look(locale=locale)

    return arranged


for number, locale in ((101, "de_DE"), (102, "fr_FR"), (103, "da_DK")):
    name = f"x-locale-{locale[:2]}"
    scenario(number, name, site=f"the account's pages are in {locale}", required=ALL_FOUR)(
        in_language(locale)
    )


@scenario(104, "x-variant-flip", site="every other page load comes in the other markup", required=ALL_FOUR)
def variant_flip(setting: Setting) -> None:
    """Two front-ends at once."""
    four_things(setting)
    setting.quirk("variant_flip")


@scenario(105, "x-slow-net", site="pages and answers take three to six seconds", required=ALL_FOUR)
def slow_net(setting: Setting) -> None:
    """A long tail at every second place."""
    four_things(setting)
    for endpoint, seconds in SLOW_S.items():
        setting.fault("latency", endpoint, seconds=seconds, times=2)


def moved(level: int) -> Callable[[Setting], None]:
    """Pages that moved away from those that are known."""

    def arranged(setting: Setting) -> None:
        four_things(setting)
        setting.look(drift=level)

    return arranged


scenario(106, "x-drift-1", site="other class names and element ids", required=ALL_FOUR)(moved(1))
scenario(107, "x-drift-2", site="other test ids, component keys and view names as well", required=ALL_FOUR)(
    moved(2)
)
scenario(
    108,
    "x-drift-3",
    site="other words on every control as well",
    required="invitation and message failed, selector_drift, with artefacts; nothing sent",
)(moved(3))


@scenario(
    109,
    "x-overlay-intercept",
    site="the interop outlet lies over the page and takes every click",
    required="failed, control_blocked, with artefacts; nothing forced, nothing sent",
)
def overlay(setting: Setting) -> None:
    """Something that cannot be put away."""
    setting.person("stranger", connect_placement="primary_button")
    setting.quirk("overlay_intercept")


@scenario(
    110,
    "x-hidden-dialogs",
    site="six hidden dialogs of video players and their menus; Connect is behind More",
    required="completed, confirmed, state pending; one invitation",
)
def hidden_dialogs(setting: Setting) -> None:
    """Dialogs and menus that are none."""
    setting.person("stranger", connect_placement="more_menu", sidebar_decoys=4)
    setting.quirk("decoy_dialogs")


@scenario(
    111,
    "x-popup-random",
    site="a window nobody has seen before covers the page",
    required="failed, unknown_modal, with artefacts; the window untouched, nothing sent",
)
def popup(setting: Setting) -> None:
    """A window that is not known."""
    setting.person("stranger", connect_placement="primary_button")
    setting.quirk("popup", which="unknown")


@scenario(
    112,
    "x-popup-known",
    site="the app is advertised in a window over the page",
    required="put away by its harmless button; completed, confirmed, state pending",
)
def known_popup(setting: Setting) -> None:
    """A window that is known."""
    setting.person("stranger", connect_placement="primary_button")
    setting.quirk("popup", which="app_download")


@scenario(
    113,
    "x-breaker",
    site="five runs in a row meet pages that changed",
    required="one trip: the account paused by its breaker, the runs after it wait; nothing sent",
)
def breaker(setting: Setting) -> None:
    """Five people behind pages that are not known any more."""
    for number in range(5):
        setting.person(f"person {number}")
    setting.look(drift=3)


@scenario(
    114,
    "x-prospect-errors",
    site=f"{IN_A_ROW} people in a row who are not there, then one who is",
    required="each failed, profile_unavailable; no trip: the account stays active and the last succeeds",
)
def prospects(setting: Setting) -> None:
    """People who are gone, and one who is not."""
    for number in range(IN_A_ROW):
        setting.person(f"gone {number}", deleted=True)
    setting.person("there")
    setting.things["gone"] = IN_A_ROW


@scenario(
    115,
    "x-shutdown-midway",
    site="the process is killed after the invitation was sent and before it was proved",
    required="held, unknown at the next start; read back: completed, confirmed; one invitation",
)
def shutdown(setting: Setting) -> None:
    """Somebody to invite, whose invitation shows late."""
    setting.person("stranger")
    for endpoint in ("profile", "relationship", "sent_invitations"):
        setting.fault("read_lag", endpoint, seconds=6.0)
