"""Invitations: every placement of Connect, what is so already, limits, and answers that are lost or late."""

from datetime import timedelta

from overture_sandbox.scenarios.scenario import (
    LATE_S,
    Setting,
    arranged,
    fault,
    friend,
    look,
    person,
    quirk,
    scenario,
)

PENDING = "completed, confirmed, state pending"
NOTHING = "failed, no effect"
WEEKLY_LIMIT = "waits for provider_cooldown, absent, weekly_limit; nothing sent"
READS = ("profile", "relationship")
SOMEBODY = person("target")
TWO = (person("first"), person("second"))
"""One, and the one after them."""
STRICT_AND_LENIENT = (person("strict"), person("lenient"))
"""One who must have the note, and one who may be invited without."""

arranged(
    1,
    "inv-a-basic",
    person("target", connect_placement="primary_button"),
    site="Connect is the primary button; send without a note",
    required=PENDING,
)
arranged(
    2,
    "inv-b-basic-anchor",
    person("target", connect_placement="primary_anchor", sidebar_decoys=5),
    site="Connect is a link that opens the dialog",
    required=PENDING,
)
arranged(
    3,
    "inv-b-js-button",
    person("target", connect_placement="primary_button", sidebar_decoys=5),
    site="Connect is a button without an address",
    required=PENDING,
)
arranged(
    4,
    "inv-b-more-menu",
    person("target", connect_placement="more_menu", follow_first=True),
    site="Follow comes first; Connect only in the More menu",
    required=PENDING,
)
arranged(
    5,
    "inv-note-200",
    SOMEBODY,
    look(note_limit=200),
    site="a note of 198 characters where 200 are allowed",
    required=f"{PENDING}; the note byte for byte",
)
arranged(
    6,
    "inv-note-too-long",
    SOMEBODY,
    look(note_limit=200),
    quirk("note_text_says", limit=300),
    site="200 characters by the counter, 300 by the sentence beside it; the note has 240",
    required=f"{NOTHING}, note_too_long; nothing sent",
)
arranged(
    7,
    "inv-note-emoji-newline",
    SOMEBODY,
    site="a note with emoji, joiners and a line break",
    required=f"{PENDING}; the note byte for byte",
)
arranged(
    8,
    "inv-note-quota-used",
    *STRICT_AND_LENIENT,
    look(notes_remaining=0),
    site="Add a note opens an advertisement for Premium: this month's notes are used up",
    required=f"{NOTHING}, note_quota; with on_note_refused=send_without {PENDING}, note_dropped",
)
arranged(
    9,
    "inv-note-quota-at-submit",
    *STRICT_AND_LENIENT,
    look(notes_remaining=0),
    quirk("notes_unknown"),
    site="Send is answered 400: this month's notes are used up",
    required="failed, absent, note_quota, nothing sent; with on_note_refused=send_without a second attempt: "
    f"{PENDING}, note_dropped",
)
arranged(
    10,
    "inv-direct-no-dialog",
    person("plain"),
    *STRICT_AND_LENIENT,
    quirk("no_dialog"),
    site="Connect sends at once, without a dialog",
    required=f"{PENDING}; with a note {NOTHING}, note_not_possible, known before anything is sent, "
    "or with on_note_refused=send_without note_dropped",
)
arranged(
    11,
    "inv-email-required",
    person("target", email_required=True),
    site="the dialog wants the member's e-mail address, Send is disabled",
    required=f"{NOTHING}, email_required; nothing sent",
)
arranged(
    12,
    "inv-email-noop",
    SOMEBODY,
    quirk("email_noop"),
    site="the dialog wants the e-mail address; Send can be pressed, closes it, and sends nothing",
    required=f"{NOTHING}, email_required; nothing sent",
)
arranged(
    13,
    "inv-how-do-you-know",
    SOMEBODY,
    quirk("how_do_you_know"),
    site="one more question: how do you know them",
    required=f"{PENDING}; answered with Other",
)
arranged(
    14,
    "inv-weekly-limit-modal",
    *TWO,
    look(invites_per_week=0),
    site="the alert of the weekly limit comes after Send",
    required=WEEKLY_LIMIT,
)
arranged(
    15,
    "inv-weekly-429-optimistic",
    *TWO,
    fault("optimistic_revert", "invite", revert_after_s=4.0),
    site="the page says Pending, the request is answered 429, 4 s later the page takes it back",
    required=WEEKLY_LIMIT,
)
arranged(
    16,
    "inv-weekly-429-no-revert",
    *TWO,
    fault("optimistic_revert", "invite", revert_after_s=None),
    site="the same, but the page goes on saying Pending until it is loaded again",
    required=WEEKLY_LIMIT,
)
arranged(
    17,
    "inv-close-to-limit",
    *TWO,
    quirk("close_to_limit"),
    site="after Send a soft warning: close to the weekly limit; the invitation is made",
    required=f"{PENDING}, warning close_to_limit",
)
arranged(
    18,
    "inv-growing-network",
    *TWO,
    quirk("growing_network"),
    site="after Send an advertisement lies over the page; the invitation is made",
    required=f"{PENDING}, warning growing_network",
)
arranged(
    19,
    "inv-already-pending",
    person("target", "pending"),
    site="an invitation is out already",
    required="completed, no effect, noop, state pending; nothing sent",
)
arranged(
    20,
    "inv-already-connected",
    friend(),
    site="they are connected already",
    required="completed, no effect, noop, state connected; nothing sent",
)
arranged(
    21,
    "inv-incoming",
    person("left", "incoming"),
    person("accepted", "incoming"),
    site="the member has invited the account: Accept and Ignore instead of Connect",
    required=f"{NOTHING}, incoming_request; with on_incoming=accept completed, confirmed, state connected; "
    "never ignored",
)


@scenario(
    22,
    "inv-cant-resend",
    site="an invitation was taken back nine days ago; Send is answered 400 CANT_RESEND_YET",
    required="failed, absent, invite_cooldown with a date within 3 weeks; nothing sent",
)
def cant_resend(setting: Setting) -> None:
    """Somebody who was invited before, and then not."""
    target = setting.person("target")
    setting.world.withdrew_before(setting.account, target, timedelta(days=9))


arranged(
    23,
    "inv-no-connect-anywhere",
    person("target", connect_placement="none", follow_first=True, creator=True, sidebar_decoys=9),
    site="a creator one can only follow; nine strangers with Connect beside them",
    required=f"{NOTHING}, not_connectable; nobody invited or followed",
)
arranged(
    24,
    "inv-decoy-sidebar",
    person("pending", "pending", sidebar_decoys=9),
    person("unwilling", connect_placement="none", sidebar_decoys=9),
    site="an invitation is out; the sidebar has nine Connect buttons of other people",
    required="completed, no effect, noop, state pending; nobody else invited",
)
arranged(
    25,
    "inv-dialog-names-other",
    person("target", sidebar_decoys=3),
    quirk("dialog_names_other"),
    site="the dialog opens for another member",
    required=f"{NOTHING}, identity_mismatch; nobody invited",
)
arranged(
    26,
    "inv-dialog-late",
    SOMEBODY,
    quirk("dialog_late", after_s=6, buttons_after_s=2, role="alertdialog"),
    site="the dialog mounts after 6 s as an alertdialog, its buttons 2 s later",
    required=PENDING,
)
arranged(
    27,
    "inv-dialog-never",
    SOMEBODY,
    quirk("dialog_never"),
    site="Connect does nothing",
    required=f"{NOTHING}, dialog_not_opened; nothing sent",
)
arranged(
    28,
    "inv-toast-not-sent",
    SOMEBODY,
    fault("status", "invite", status=406),
    site="the site refuses without a reason; a notice says: Invitation not sent. Try again later",
    required="failed, absent, rejected; nothing sent",
)
arranged(
    29,
    "inv-toast-duplicates",
    SOMEBODY,
    quirk("toast_duplicates", old_name="Somebody Else"),
    site="two notices of success, and an old one about somebody else",
    required=f"{PENDING}; one invitation",
)
arranged(
    30,
    "inv-commit-then-drop",
    SOMEBODY,
    fault("drop_after_commit", "invite", times=1),
    site="the invitation is made, the answer is lost",
    required="held, unknown; after reading back completed, confirmed; one invitation",
)


@scenario(
    31,
    "inv-pending-late",
    site="profile and sent list show the invitation a second late, then (another person) after all looks",
    required="completed within the bounded looks; else held, then completed by reading back; one each",
)
def pending_late(setting: Setting) -> None:
    """One who is seen soon, and one who is not."""
    for role, seconds in (("soon", 1.0), ("late", LATE_S)):
        member = setting.person(role)
        for endpoint in READS:
            setting.fault("read_lag", endpoint, seconds=seconds, target=member.slug)
    setting.fault("read_lag", "sent_invitations", seconds=LATE_S)


@scenario(
    32,
    "inv-slug-redirect",
    site="the address is an old one and leads on to the new",
    required=f"{PENDING}; the new address reported, the same person by id",
)
def slug_redirect(setting: Setting) -> None:
    """Somebody who changed their address."""
    target = setting.person("target")
    setting.things["old_slug"] = target.slug
    setting.world.rename(target, f"{target.slug}-renamed")


arranged(
    33,
    "inv-withdraw",
    person("pending", "pending", sidebar_decoys=3),
    person("nobody"),
    friend("connected"),
    site="Pending asks back before it withdraws (the newer pages without a dialog's role)",
    required="completed, confirmed; nothing pending: noop; accepted meanwhile: failed, already_connected; "
    "inviting again: failed, no effect, invite_cooldown",
)
arranged(
    33,
    "inv-withdraw-confirm-missing",
    person("target", "pending"),
    quirk("withdraw_confirm_missing"),
    site="the question before the withdrawal comes without its button",
    required="failed, no effect, confirm_missing; the invitation stays",
)
