"""Taking invitations back: the question before it, what there is not to take back, and the weeks after it."""

from overture_sandbox.scenarios.scenario import Setting, scenario


@scenario(
    33,
    "inv-withdraw",
    site="Pending asks back before it withdraws (the newer pages without a dialog's role)",
    required="completed, confirmed; nothing pending: noop; accepted meanwhile: failed, already_connected; "
    "inviting again: failed, absent, invite_cooldown",
)
def withdraw(setting: Setting) -> None:
    """One who was invited, one who was not, and one who accepted."""
    setting.person("pending", "pending", sidebar_decoys=3)
    setting.person("nobody")
    setting.person("connected", "connected", None)


@scenario(
    33,
    "inv-withdraw-confirm-missing",
    site="the question before the withdrawal comes without its button",
    required="failed, no effect, confirm_missing; the invitation stays",
)
def confirm_missing(setting: Setting) -> None:
    """Pages without the last button."""
    setting.person("target", "pending")
    setting.quirk("withdraw_confirm_missing")
