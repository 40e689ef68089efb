"""Invitations: every placement of Connect, what is so already, limits, and answers that are lost or late."""

from datetime import timedelta

from overture_sandbox.scenarios.scenario import Setting, scenario

PENDING = "completed, confirmed, state pending"
NOTHING = "failed, no effect"
WEEKLY_LIMIT = "waits for provider_cooldown, absent, weekly_limit; nothing sent"
LATE_S = 5.5  # after the looks that follow an act, in the scaled-down times scenarios are played with
READS = ("profile", "relationship")


@scenario(1, "inv-a-basic", site="Connect is the primary button; send without a note", required=PENDING)
def basic(setting: Setting) -> None:
    """Somebody with a button."""
    setting.person("target", connect_placement="primary_button")


@scenario(2, "inv-b-basic-anchor", site="Connect is a link that opens the dialog", required=PENDING)
def anchor(setting: Setting) -> None:
    """Somebody with a link, beside strangers."""
    setting.person("target", connect_placement="primary_anchor", sidebar_decoys=5)


@scenario(3, "inv-b-js-button", site="Connect is a button without an address", required=PENDING)
def script_button(setting: Setting) -> None:
    """Somebody with a button, beside strangers."""
    setting.person("target", connect_placement="primary_button", sidebar_decoys=5)


@scenario(4, "inv-b-more-menu", site="Follow comes first; Connect only in the More menu", required=PENDING)
def more_menu(setting: Setting) -> None:
    """Somebody one would rather follow."""
    setting.person("target", connect_placement="more_menu", follow_first=True)


@scenario(
    5,
    "inv-note-200",
    site="a note of 198 characters where 200 are allowed",
    required=f"{PENDING}; the note byte for byte",
)
def long_note(setting: Setting) -> None:
    """An account that may write 200 characters."""
    setting.person("target")
    setting.look(note_limit=200)


@scenario(
    6,
    "inv-note-too-long",
    site="200 characters by the counter, 300 by the sentence beside it; the note has 240",
    required=f"{NOTHING}, note_too_long; nothing sent",
)
def too_long_note(setting: Setting) -> None:
    """An account whose page contradicts itself."""
    setting.person("target")
    setting.look(note_limit=200)
    setting.quirk("note_text_says", limit=300)


@scenario(
    7,
    "inv-note-emoji-newline",
    site="a note with emoji, joiners and a line break",
    required=f"{PENDING}; the note byte for byte",
)
def emoji_note(setting: Setting) -> None:
    """Anybody."""
    setting.person("target")


@scenario(
    8,
    "inv-note-quota-used",
    site="Add a note opens an advertisement for Premium: this month's notes are used up",
    required=f"{NOTHING}, note_quota; with on_note_refused=send_without {PENDING}, note_dropped",
)
def note_quota(setting: Setting) -> None:
    """One who must have the note, and one who may be invited without."""
    setting.person("strict")
    setting.person("lenient")
    setting.look(notes_remaining=0)


@scenario(
    9,
    "inv-note-quota-at-submit",
    site="Send is answered 400: this month's notes are used up",
    required="failed, absent, note_quota, nothing sent; with on_note_refused=send_without a second attempt: "
    f"{PENDING}, note_dropped",
)
def note_quota_at_submit(setting: Setting) -> None:
    """The same, with pages that do not know."""
    setting.person("strict")
    setting.person("lenient")
    setting.look(notes_remaining=0)
    setting.quirk("notes_unknown")


@scenario(
    10,
    "inv-direct-no-dialog",
    site="Connect sends at once, without a dialog",
    required=f"{PENDING}; with a note {NOTHING}, note_not_possible, known before anything is sent, "
    "or with on_note_refused=send_without note_dropped",
)
def direct(setting: Setting) -> None:
    """One without a note, one who must have it, one who may be invited without."""
    for role in ("plain", "strict", "lenient"):
        setting.person(role)
    setting.quirk("no_dialog")


@scenario(
    11,
    "inv-email-required",
    site="the dialog wants the member's e-mail address, Send is disabled",
    required=f"{NOTHING}, email_required; nothing sent",
)
def email_required(setting: Setting) -> None:
    """Somebody who wants to be known."""
    setting.person("target", email_required=True)


@scenario(
    12,
    "inv-email-noop",
    site="the dialog wants the e-mail address; Send can be pressed, closes it, and sends nothing",
    required=f"{NOTHING}, email_required; nothing sent",
)
def email_noop(setting: Setting) -> None:
    """Pages that only pretend."""
    setting.person("target")
    setting.quirk("email_noop")


@scenario(
    13,
    "inv-how-do-you-know",
    site="one more question: how do you know them",
    required=f"{PENDING}; answered with Other",
)
def how_do_you_know(setting: Setting) -> None:
    """Pages with one more step."""
    setting.person("target")
    setting.quirk("how_do_you_know")


@scenario(
    14,
    "inv-weekly-limit-modal",
    site="the alert of the weekly limit comes after Send",
    required=WEEKLY_LIMIT,
)
def weekly_modal(setting: Setting) -> None:
    """An account without any invitation left, and the one after them."""
    setting.person("first")
    setting.person("second")
    setting.look(invites_per_week=0)


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


@scenario(
    16,
    "inv-weekly-429-no-revert",
    site="the same, but the page goes on saying Pending until it is loaded again",
    required=WEEKLY_LIMIT,
)
def weekly_no_revert(setting: Setting) -> None:
    """Somebody to invite, and the one after them."""
    setting.person("first")
    setting.person("second")
    setting.fault("optimistic_revert", "invite", revert_after_s=None)


@scenario(
    17,
    "inv-close-to-limit",
    site="after Send a soft warning: close to the weekly limit; the invitation is made",
    required=f"{PENDING}, warning close_to_limit",
)
def close_to_limit(setting: Setting) -> None:
    """Two, one after the other."""
    setting.person("first")
    setting.person("second")
    setting.quirk("close_to_limit")


@scenario(
    18,
    "inv-growing-network",
    site="after Send an advertisement lies over the page; the invitation is made",
    required=f"{PENDING}, warning growing_network",
)
def growing_network(setting: Setting) -> None:
    """Two, one after the other."""
    setting.person("first")
    setting.person("second")
    setting.quirk("growing_network")


@scenario(
    19,
    "inv-already-pending",
    site="an invitation is out already",
    required="completed, no effect, noop, state pending; nothing sent",
)
def already_pending(setting: Setting) -> None:
    """Somebody who was invited before."""
    setting.person("target", "pending")


@scenario(
    20,
    "inv-already-connected",
    site="they are connected already",
    required="completed, no effect, noop, state connected; nothing sent",
)
def already_connected(setting: Setting) -> None:
    """A connection."""
    setting.person("target", "connected", None)


@scenario(
    21,
    "inv-incoming",
    site="the member has invited the account: Accept and Ignore instead of Connect",
    required=f"{NOTHING}, incoming_request; with on_incoming=accept completed, confirmed, state connected; "
    "never ignored",
)
def incoming(setting: Setting) -> None:
    """One whose invitation stays open, and one whose is accepted."""
    setting.person("left", "incoming")
    setting.person("accepted", "incoming")


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


@scenario(
    23,
    "inv-no-connect-anywhere",
    site="a creator one can only follow; nine strangers with Connect beside them",
    required=f"{NOTHING}, not_connectable; nobody invited or followed",
)
def no_connect(setting: Setting) -> None:
    """A creator."""
    setting.person("target", connect_placement="none", follow_first=True, creator=True, sidebar_decoys=9)


@scenario(
    24,
    "inv-decoy-sidebar",
    site="an invitation is out; the sidebar has nine Connect buttons of other people",
    required="completed, no effect, noop, state pending; nobody else invited",
)
def decoys(setting: Setting) -> None:
    """One who was invited, and one who cannot be."""
    setting.person("pending", "pending", sidebar_decoys=9)
    setting.person("unwilling", connect_placement="none", sidebar_decoys=9)


@scenario(
    25,
    "inv-dialog-names-other",
    site="the dialog opens for another member",
    required=f"{NOTHING}, identity_mismatch; nobody invited",
)
def names_other(setting: Setting) -> None:
    """Pages that mix people up."""
    setting.person("target", sidebar_decoys=3)
    setting.quirk("dialog_names_other")


@scenario(
    26,
    "inv-dialog-late",
    site="the dialog mounts after 6 s as an alertdialog, its buttons 2 s later",
    required=PENDING,
)
def dialog_late(setting: Setting) -> None:
    """Pages that take their time."""
    setting.person("target")
    setting.quirk("dialog_late", after_s=6, buttons_after_s=2, role="alertdialog")


@scenario(
    27,
    "inv-dialog-never",
    site="Connect does nothing",
    required=f"{NOTHING}, dialog_not_opened; nothing sent",
)
def dialog_never(setting: Setting) -> None:
    """Pages that do not react."""
    setting.person("target")
    setting.quirk("dialog_never")


@scenario(
    28,
    "inv-toast-not-sent",
    site="the site refuses without a reason; a notice says: Invitation not sent. Try again later",
    required="failed, absent, rejected; nothing sent",
)
def toast_not_sent(setting: Setting) -> None:
    """A refusal whose notice has the word sent in it."""
    setting.person("target")
    setting.fault("status", "invite", status=406)


@scenario(
    29,
    "inv-toast-duplicates",
    site="two notices of success, and an old one about somebody else",
    required=f"{PENDING}; one invitation",
)
def toast_duplicates(setting: Setting) -> None:
    """Pages that repeat themselves."""
    setting.person("target")
    setting.quirk("toast_duplicates", old_name="Somebody Else")


@scenario(
    30,
    "inv-commit-then-drop",
    site="the invitation is made, the answer is lost",
    required="held, unknown; after reading back completed, confirmed; one invitation",
)
def commit_then_drop(setting: Setting) -> None:
    """A connection that breaks once."""
    setting.person("target")
    setting.fault("drop_after_commit", "invite", times=1)


@scenario(
    31,
    "inv-pending-late",
    site="profile and sent list show the invitation a second late, then (another person) after all looks",
    required="completed within the bounded looks; else held, then completed by reading back; one each",
)
def pending_late(setting: Setting) -> None:
    """One who is seen soon, and one who is not."""
    for role, seconds in (("soon", 1.0), ("late", LATE_S)):
        person = setting.person(role)
        for endpoint in READS:
            setting.fault("read_lag", endpoint, seconds=seconds, target=person.slug)
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
