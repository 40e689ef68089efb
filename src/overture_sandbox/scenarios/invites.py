"""Invitations: every placement of Connect, what is so already, limits, and answers that are lost or late."""

from overture_sandbox.scenarios.scenario import Setting, scenario

WEEKLY_LIMIT = "waits for provider_cooldown, absent, weekly_limit; nothing sent"


@scenario(
    15,
    "inv-weekly-429-optimistic",
    site="the page says Pending, the request is answered 429, 4 s later the page takes it back",
    required=WEEKLY_LIMIT,
)
def weekly_optimistic(setting: Setting) -> None:
    """Somebody to invite, and the one after them."""
    setting.person("first")
    setting.person("second")
    setting.fault("optimistic_revert", "invite", revert_after_s=4.0)
