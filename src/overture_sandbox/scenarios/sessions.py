"""Sessions: every way in, every check on the way, and every way in which a session ends."""

from typing import Final

from overture_sandbox.scenarios.scenario import Setting, arranged, fault, look, person, quirk

ONCE: Final = "the password is given once"
PAUSED: Final = "failed; the account is paused at once; the queue waits"
ANSWERED: Final = (
    f"challenge_required; after the operator's answer the queue goes on; {ONCE}, and no code is tried twice"
)
EMPTY: Final = "<!DOCTYPE html><html lang=en><head><title></title></head><body></body></html>"
SOMEONE: Final = person("someone")
"""Somebody to read about, now or after the trouble that begins later."""
BOTH: Final = (SOMEONE, person("next"))
"""The one after them waits until the check is answered."""


def signed_in(setting: Setting) -> None:
    """A session of another browser, whose cookies the operator has."""
    session = setting.world.open_session(setting.login)
    setting.things["cookies"] = {"li_at": session.li_at, "JSESSIONID": f'"{session.csrf_token}"'}


def expired(setting: Setting) -> None:
    """Every session has ended."""
    setting.world.expire_sessions(setting.login)


arranged(
    44,
    "auth-login-ok",
    SOMEONE,
    site="the form with ids (A) or of the newer make (B), to a browser that was here before",
    required="completed, how login, proved by who the site says it is; then kept",
)
arranged(
    45,
    "auth-wrong-password",
    SOMEONE,
    look(password="not what the operator has"),  # noqa: S106
    site="the form comes back with the error at the password",
    required=f"failed, account_needs_login; {ONCE}; the queue waits for the operator",
)
arranged(
    46,
    "auth-pin",
    *BOTH,
    look(checkpoint="email_pin"),
    site="a right password leads to the PIN of an e-mail",
    required=ANSWERED,
)
arranged(
    46,
    "auth-totp",
    *BOTH,
    look(checkpoint="totp"),
    site="a right password leads to the code of an authenticator",
    required=ANSWERED,
)
arranged(
    46,
    "auth-app-approval",
    *BOTH,
    look(checkpoint="app_approval"),
    site="a right password leads to a wait for the app",
    required=ANSWERED,
)
arranged(
    47,
    "auth-captcha",
    *BOTH,
    look(checkpoint="captcha"),
    site="a right password leads to a captcha",
    required=f"challenge_required (captcha); nothing is solved; {ONCE}; goes on with imported cookies",
)
arranged(
    48,
    "auth-remember-me",
    SOMEONE,
    look(returning="chooser_password"),
    site="the browser's accounts are to be chosen from, then the password alone is asked",
    required="completed, how login",
)
arranged(
    48,
    "auth-agree-to-comply",
    SOMEONE,
    look(agree_to_comply=True),
    site="after the login every page is a notice to agree to",
    required="completed, how login; the next run reads",
)
arranged(
    48,
    "auth-cookie-banner",
    SOMEONE,
    look(cookie_banner=True, locale="de_DE", returning="hidden_email"),
    site="a German consent banner lies above the form, whose e-mail address is hidden",
    required="refused, then completed, how login",
)


arranged(
    49,
    "auth-redirect-param",
    SOMEONE,
    signed_in,
    expired,
    site="a dead session leads to /uas/login?session_redirect=%2Ffeed%2F; there are no credentials",
    required="failed, account_needs_login: the address speaks of the feed and is not it",
)
arranged(
    50,
    "auth-empty-feed",
    SOMEONE,
    signed_in,
    fault("status", "page:feed", status=200, body=EMPTY, headers={"content-type": "text/html"}),
    site="the feed answers 200 with an empty page",
    required="failed, session_suspect; no password given, nothing concluded",
)
arranged(
    51,
    "sess-expired-mid-run",
    *(person(part) for part in ("first", "second", "third")),
    site="the session dies in an act; later it dies again, and the password has been changed",
    required="the run logs in again and sends once; later account_needs_login, and the queue waits for the "
    "operator; nothing is sent twice",
)
arranged(
    52,
    "sess-401-api-only",
    SOMEONE,
    site="pages work, the JSON interface answers 401",
    required=f"failed, session_suspect; {ONCE}",
)
arranged(
    53,
    "sess-redirect-loop",
    SOMEONE,
    look(dead_session="loop"),
    site="the cookie of the dead session leads to itself, again and again",
    required="told within the attempt; one new login; completed",
)
arranged(
    54,
    "sess-csrf-rotated",
    SOMEONE,
    site="403 CSRF check failed until the cookie is renewed by a page",
    required="one silent refresh in the same attempt; completed; no login",
)
arranged(
    55,
    "sess-429-global",
    SOMEONE,
    site="everything is answered 429 with Retry-After 600",
    required="waits for provider_cooldown; no further request of any kind in the window",
)
arranged(56, "sess-999", SOMEONE, site="everything is answered 999", required=f"{PAUSED}; bot_wall")
arranged(
    56,
    "sess-empty-shell",
    SOMEONE,
    site="every answer is a page that never fills",
    required=f"{PAUSED}; bot_wall",
)
arranged(
    57,
    "sess-restricted",
    SOMEONE,
    site="every page leads to the notice of a restricted account",
    required=f"{PAUSED}; blocked_by_provider",
)
arranged(
    58,
    "sess-unusual-activity",
    SOMEONE,
    site="every page is a short notice of unusual activity",
    required=f"{PAUSED}; blocked_by_provider",
)
arranged(
    58,
    "sess-script-text-only",
    SOMEONE,
    quirk("script_phrases"),
    site="the same words stand in the scripts of ordinary pages, beside a hidden reCAPTCHA",
    required="completed: what nobody sees says nothing",
)
