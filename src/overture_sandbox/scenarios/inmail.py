"""InMail: with credits, without, for nothing, not at all, and with an answer that is lost."""

from overture_sandbox.scenarios.scenario import Setting, scenario

NOTHING = "nothing sent, no credit spent"


def with_credits(setting: Setting, left: int = 45, **stranger: object) -> None:
    """A premium account and somebody it does not know."""
    setting.account.premium = True
    setting.look(inmail_credits=left)
    setting.person("target", **stranger)  # type: ignore[arg-type]  # fields of the person only


@scenario(
    71,
    "inmail-credits-45",
    site="the box says: Use 1 of 45 InMail credits",
    required="completed, confirmed; cost 1, before 45, after 44; one InMail, subject and body byte for byte",
)
def credits_45(setting: Setting) -> None:
    """Credits enough."""
    with_credits(setting)


@scenario(
    71,
    "inmail-none",
    site="the box says that no credits are left; Send is disabled",
    required=f"failed, no effect, inmail_no_credits; {NOTHING}",
)
def none_left(setting: Setting) -> None:
    """All credits spent."""
    with_credits(setting, left=0)


@scenario(
    71,
    "inmail-open-profile",
    site="the box says: Free message",
    required="completed, confirmed; cost 0; one InMail, all credits still there",
)
def open_profile(setting: Setting) -> None:
    """Somebody who pays for being written to."""
    with_credits(setting, open_link=True)


@scenario(
    71,
    "inmail-upsell",
    site="a free account; Message opens an advertisement for Premium",
    required=f"failed, no effect, not_entitled; {NOTHING}",
)
def upsell(setting: Setting) -> None:
    """An account that pays nothing."""
    setting.person("target")


@scenario(
    71,
    "inmail-restricted",
    site="the window says that this person takes no InMail",
    required=f"failed, no effect, recipient_restricted; {NOTHING}",
)
def restricted(setting: Setting) -> None:
    """Somebody who wants none."""
    with_credits(setting, inmail_restricted=True)


@scenario(
    71,
    "inmail-subject-limit",
    site="a subject of 201 characters; then one of 60 where the page allows 50",
    required=f"refused, 422 subject_too_long; then failed, no effect, subject_too_long; {NOTHING}",
)
def subject_limit(setting: Setting) -> None:
    """A page with a limit of its own."""
    with_credits(setting)
    setting.look(inmail_subject_limit=50)


@scenario(
    71,
    "inmail-credits-loading",
    site="what it costs is only known after five seconds",
    required="completed, confirmed; cost 1, before 45, after 44; one InMail",
)
def credits_loading(setting: Setting) -> None:
    """A slow line."""
    with_credits(setting)
    setting.quirk("inmail_credits_late", after_s=5.0)


@scenario(
    71,
    "inmail-commit-then-drop",
    site="the InMail is sent, the answer is lost",
    required="held, unknown; after reading back completed, confirmed; one InMail, one credit",
)
def commit_then_drop(setting: Setting) -> None:
    """An answer that never comes."""
    with_credits(setting)
    setting.fault("drop_after_commit", "send_message", times=1)
