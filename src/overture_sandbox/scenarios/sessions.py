"""Sessions: every way in, every check on the way, and every way in which a session ends."""

from typing import Final

from overture_sandbox.scenarios.scenario import Setting, scenario
from overture_sandbox.world.model import CheckpointKind, Trouble

ONCE: Final = "the password is given once"
EMPTY: Final = "<!DOCTYPE html><html lang=en><head><title></title></head><body></body></html>"


def knows(setting: Setting, **look: object) -> None:
    """Somebody to read about, for an account the site treats like this."""
    setting.person("someone")
    setting.look(**look)


@scenario(
    44,
    "auth-login-ok",
    site="the form with ids (A) or of the newer make (B), to a browser that was here before",
    required="completed, how login, proved by who the site says it is; then kept",
)
def login_ok(setting: Setting) -> None:
    """Nothing special."""
    knows(setting)


@scenario(
    45,
    "auth-wrong-password",
    site="the form comes back with the error at the password",
    required=f"failed, account_needs_login; {ONCE}; the queue waits for the operator",
)
def wrong_password(setting: Setting) -> None:
    """The site knows another password than the operator."""
    knows(setting, password="not what the operator has")  # noqa: S106


def asks(setting: Setting, kind: CheckpointKind) -> None:
    """A right password leads to a check."""
    knows(setting, checkpoint=kind)
    setting.person("next")


ANSWERED: Final = (
    f"challenge_required; after the operator's answer the queue goes on; {ONCE}, and no code is tried twice"
)


@scenario(46, "auth-pin", site="a right password leads to the PIN of an e-mail", required=ANSWERED)
def pin(setting: Setting) -> None:
    """A code by e-mail."""
    asks(setting, "email_pin")


@scenario(46, "auth-totp", site="a right password leads to the code of an authenticator", required=ANSWERED)
def totp(setting: Setting) -> None:
    """A code of an app."""
    asks(setting, "totp")


@scenario(46, "auth-app-approval", site="a right password leads to a wait for the app", required=ANSWERED)
def app_approval(setting: Setting) -> None:
    """A yes on the phone."""
    asks(setting, "app_approval")


@scenario(
    47,
    "auth-captcha",
    site="a right password leads to a captcha",
    required=f"challenge_required (captcha); nothing is solved; {ONCE}; goes on with imported cookies",
)
def captcha(setting: Setting) -> None:
    """A puzzle for people."""
    asks(setting, "captcha")


@scenario(
    48,
    "auth-remember-me",
    site="the browser's accounts are to be chosen from, then the password alone is asked",
    required="completed, how login",
)
def remember_me(setting: Setting) -> None:
    """A chooser in front of the form."""
    knows(setting, returning="chooser_password")


@scenario(
    48,
    "auth-agree-to-comply",
    site="after the login every page is a notice to agree to",
    required="completed, how login; the next run reads",
)
def agree_to_comply(setting: Setting) -> None:
    """A notice behind the login."""
    knows(setting, agree_to_comply=True)


@scenario(
    48,
    "auth-cookie-banner",
    site="a German consent banner lies above the form, whose e-mail address is hidden",
    required="refused, then completed, how login",
)
def cookie_banner(setting: Setting) -> None:
    """A banner above a form in German."""
    knows(setting, cookie_banner=True, locale="de_DE", returning="hidden_email")


@scenario(
    49,
    "auth-redirect-param",
    site="a dead session leads to /uas/login?session_redirect=%2Ffeed%2F; there are no credentials",
    required="failed, account_needs_login: the address speaks of the feed and is not it",
)
def redirect_param(setting: Setting) -> None:
    """Cookies of a session that has ended."""
    knows(setting)
    session = setting.world.open_session(setting.login)
    session.is_alive = False
    setting.things["cookies"] = {"li_at": session.li_at, "JSESSIONID": f'"{session.csrf_token}"'}


@scenario(
    50,
    "auth-empty-feed",
    site="the feed answers 200 with an empty page",
    required="failed, session_suspect; no password given, nothing concluded",
)
def empty_feed(setting: Setting) -> None:
    """A living session whose feed stays white."""
    knows(setting)
    session = setting.world.open_session(setting.login)
    setting.things["cookies"] = {"li_at": session.li_at, "JSESSIONID": f'"{session.csrf_token}"'}
    setting.fault("status", "page:feed", status=200, body=EMPTY, headers={"content-type": "text/html"})


@scenario(
    51,
    "sess-expired-mid-run",
    site="the session dies in an act; later it dies again, and the password has been changed",
    required="the run logs in again and sends once; later account_needs_login, and the queue waits for the "
    "operator; nothing is sent twice",
)
def expired_mid_run(setting: Setting) -> None:
    """Three people to invite."""
    for part in ("first", "second", "third"):
        setting.person(part)


def troubled(setting: Setting) -> None:
    """Somebody to read about before and after."""
    knows(setting)


@scenario(
    52,
    "sess-401-api-only",
    site="pages work, the JSON interface answers 401",
    required=f"failed, session_suspect; {ONCE}",
)
def api_only(setting: Setting) -> None:
    """The trouble begins later."""
    troubled(setting)


@scenario(
    53,
    "sess-redirect-loop",
    site="the cookie of the dead session leads to itself, again and again",
    required="told within the attempt; one new login; completed",
)
def redirect_loop(setting: Setting) -> None:
    """Dead cookies lead in circles."""
    knows(setting, dead_session="loop")


@scenario(
    54,
    "sess-csrf-rotated",
    site="403 CSRF check failed until the cookie is renewed by a page",
    required="one silent refresh in the same attempt; completed; no login",
)
def csrf_rotated(setting: Setting) -> None:
    """The trouble begins later."""
    troubled(setting)


@scenario(
    55,
    "sess-429-global",
    site="everything is answered 429 with Retry-After 600",
    required="waits for provider_cooldown; no further request of any kind in the window",
)
def too_many(setting: Setting) -> None:
    """The trouble begins later."""
    troubled(setting)


PAUSED: Final = "failed; the account is paused at once; the queue waits"


@scenario(56, "sess-999", site="everything is answered 999", required=f"{PAUSED}; bot_wall")
def bot_wall(setting: Setting) -> None:
    """The trouble begins later."""
    troubled(setting)


@scenario(
    56, "sess-empty-shell", site="every answer is a page that never fills", required=f"{PAUSED}; bot_wall"
)
def empty_shell(setting: Setting) -> None:
    """The trouble begins later."""
    troubled(setting)


@scenario(
    57,
    "sess-restricted",
    site="every page leads to the notice of a restricted account",
    required=f"{PAUSED}; blocked_by_provider",
)
def restricted(setting: Setting) -> None:
    """The trouble begins later."""
    troubled(setting)


@scenario(
    58,
    "sess-unusual-activity",
    site="every page is a short notice of unusual activity",
    required=f"{PAUSED}; blocked_by_provider",
)
def unusual_activity(setting: Setting) -> None:
    """The trouble begins later."""
    troubled(setting)


@scenario(
    58,
    "sess-script-text-only",
    site="the same words stand in the scripts of ordinary pages, beside a hidden reCAPTCHA",
    required="completed: what nobody sees says nothing",
)
def script_text_only(setting: Setting) -> None:
    """Scripts full of alarming words."""
    knows(setting)
    setting.quirk("script_phrases")


TROUBLES: Final[dict[str, Trouble]] = {
    "sess-401-api-only": "api_401",
    "sess-429-global": "rate_limited",
    "sess-999": "bot_wall",
    "sess-empty-shell": "empty_shell",
    "sess-restricted": "restricted",
    "sess-unusual-activity": "unusual_activity",
}
"""What befalls the account of a scenario once it is at work."""
