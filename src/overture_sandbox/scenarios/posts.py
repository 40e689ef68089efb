"""Posts: reactions by the tray, comments by lazily mounted editors, follows; and what pages only pretend."""

from typing import Any, Final

from overture_sandbox.scenarios.scenario import Setting, scenario
from overture_sandbox.world.model import Member, Post

ONE_REACTION: Final = "completed, confirmed; one reaction of the asked kind, none taken away"
ONE_COMMENT: Final = "completed, confirmed by the id of a new comment; one comment, byte for byte"
PAGE_LAG_S: Final = 60.0  # longer than any look at the page
TEXT: Final = "Clear write-up 👩‍🚀,\r\nthank\u00a0you."
ERRORS: Final = {"data": {"errors": [{"message": "Not kept", "extensions": {"status": 422}}]}}


def a_post(setting: Setting, part: str = "post", author: Member | None = None, **fields: Any) -> Post:
    """A post of somebody's with counters and the comments of two others, by the name of its part."""
    world = setting.world
    author = author or setting.person(f"author of {part}")
    post = world.publish(author, "Boring pipelines are good pipelines.")
    for member in (setting.person(f"first below {part}"), setting.person(f"second below {part}")):
        world.comment(member, post, "Likewise.", "admin")
    for name, value in {"crowd": 12, **fields}.items():
        setattr(post, name, value)
    address = f"https://www.linkedin.com/feed/update/{post.urn}/"
    setting.things[part] = {"url": address, "urn": post.urn, "author": author.slug, "text": TEXT}
    return post


@scenario(
    72, "react-none-to-celebrate", site="no reaction yet; the tray opens on hovering", required=ONE_REACTION
)
def none_to_celebrate(setting: Setting) -> None:
    """A post to react to."""
    a_post(setting)


@scenario(
    72,
    "react-already-same",
    site="the post carries this reaction of the account already",
    required="completed, no effect, noop; nothing sent",
)
def already_same(setting: Setting) -> None:
    """A post one celebrated already."""
    setting.world.react(setting.account, a_post(setting), "PRAISE", "admin")


@scenario(
    72,
    "react-other-set",
    site="the post carries a Like of the account; pressing the button would take it away",
    required="completed, confirmed, replaced LIKE; changed, never removed",
)
def other_set(setting: Setting) -> None:
    """A post one likes already."""
    setting.world.react(setting.account, a_post(setting), "LIKE", "admin")


@scenario(
    72,
    "react-tray-missing",
    site="the tray never opens",
    required="failed, no effect, tray_not_found; Like not set",
)
def tray_missing(setting: Setting) -> None:
    """A post to like."""
    a_post(setting)
    setting.quirk("tray_missing")


@scenario(
    72,
    "react-curious",
    site="the site no longer offers this reaction",
    required="failed, no effect, unsupported_reaction; no page of the post opened",
)
def curious(setting: Setting) -> None:
    """A post to be curious about."""
    a_post(setting)


@scenario(
    72,
    "react-201-but-ui-stale",
    site="the reaction is taken (201); the button does not show it, nor does the page when loaded again",
    required=ONE_REACTION,
)
def ui_stale(setting: Setting) -> None:
    """A post to react to; its page lags behind for a minute."""
    a_post(setting)
    setting.quirk("reaction_ui_stale")
    setting.fault("read_lag", "page:post", seconds=PAGE_LAG_S)


@scenario(
    72,
    "react-decoy-counters",
    site="counters read “12 likes” and “3 comments”; every comment has a Like of its own",
    required=ONE_REACTION,
)
def decoy_counters(setting: Setting) -> None:
    """A post with three comments, one of which speaks of likes."""
    post = a_post(setting)
    setting.world.comment(setting.person("third"), post, "12 likes!", "admin")


@scenario(
    72,
    "react-commit-then-drop",
    site="the reaction is set, the answer is lost",
    required="held, unknown; after reading back completed, confirmed; one reaction",
)
def react_answer_lost(setting: Setting) -> None:
    """A post to react to."""
    a_post(setting)
    setting.fault("drop_after_commit", "react", times=1)


@scenario(
    72,
    "comment-quill-tiptap",
    site="the editor is mounted on demand (Quill or TipTap), its button shares the opener's name",
    required=ONE_COMMENT,
)
def quill_tiptap(setting: Setting) -> None:
    """A post to comment on."""
    a_post(setting)


@scenario(
    72,
    "comment-disabled",
    site="the author lets nobody comment",
    required="failed, no effect, comments_disabled; nothing sent",
)
def comment_disabled(setting: Setting) -> None:
    """A post nobody may comment on."""
    a_post(setting, commenters="NONE")


@scenario(
    72,
    "comment-connections-only",
    site="only connections may comment; one author is none, another is",
    required="failed, no effect, comments_connections_only; below the other post one comment",
)
def connections_only(setting: Setting) -> None:
    """A stranger's post and a connection's, both only for connections."""
    a_post(setting, commenters="CONNECTIONS_ONLY")
    a_post(setting, "open", setting.person("connection", "connected", None), commenters="CONNECTIONS_ONLY")


@scenario(
    72,
    "comment-submit-late",
    site="the button that posts wakes up two seconds after the text",
    required=ONE_COMMENT,
)
def submit_late(setting: Setting) -> None:
    """A post to comment on."""
    a_post(setting)
    setting.quirk("comment_submit_late", after_s=2)


@scenario(
    72,
    "comment-submit-never",
    site="the button that posts never wakes up",
    required="failed, no effect, send_disabled; nothing sent, no draft left",
)
def submit_never(setting: Setting) -> None:
    """A post to comment on."""
    a_post(setting)
    setting.quirk("comment_submit_never")


@scenario(
    72,
    "comment-optimistic-then-removed",
    site="the comment shows at once; the answer is 200 with errors, and a reload shows no comment",
    required="failed, absent, not_persisted; nothing there, nothing sent again",
)
def optimistic_then_removed(setting: Setting) -> None:
    """A post whose comments the site does not keep."""
    a_post(setting)
    headers = {"content-type": "application/json"}
    setting.fault("status", "comment", status=200, body=ERRORS, headers=headers)


@scenario(
    72,
    "comment-dup-text-exists",
    site="the same words by the account are below the post already",
    required="completed, confirmed by another id than the earlier comment's",
)
def dup_text(setting: Setting) -> None:
    """A post one commented on before."""
    setting.world.comment(setting.account, a_post(setting), TEXT, "admin")


@scenario(
    72,
    "comment-commit-then-drop",
    site="the comment is made, the answer is lost; an older one has the same words",
    required="held, unknown; after reading back completed, confirmed; one comment more",
)
def comment_answer_lost(setting: Setting) -> None:
    """A post one commented on before."""
    setting.world.comment(setting.account, a_post(setting), TEXT, "admin")
    setting.fault("drop_after_commit", "comment", times=1)


@scenario(
    72,
    "post-deleted",
    site="the post is gone; its address says so",
    required="failed, no effect, post_unavailable; nothing sent",
)
def deleted(setting: Setting) -> None:
    """A post that is gone."""
    a_post(setting, deleted=True)


@scenario(
    72,
    "post-3-copies",
    site="the post is drawn three times, one of them hidden",
    required="one reaction and one comment, both completed, confirmed",
)
def three_copies(setting: Setting) -> None:
    """A post to react to and to comment on."""
    a_post(setting, copies=3)


@scenario(
    72,
    "follow-basic",
    site="Follow beside Message, or only in the More menu; strangers' Follow too; one followed already",
    required="completed, confirmed, twice; the third completed, no effect, noop; nobody else followed",
)
def follow_basic(setting: Setting) -> None:
    """Somebody to follow by their card, by their menu, and somebody one follows."""
    creator: dict[str, Any] = {"connect_placement": "more_menu", "follow_first": True, "creator": True}
    setting.person("creator", sidebar_decoys=3, **creator)
    setting.person("behind more", sidebar_decoys=3, connect_placement="primary_button")
    followed = setting.person("followed", **creator)
    setting.world.follow(setting.account, followed, "admin")


@scenario(
    72,
    "follow-commit-then-drop",
    site="the follow is taken, the answer is lost",
    required="held, unknown; after reading back completed, confirmed; followed once",
)
def follow_answer_lost(setting: Setting) -> None:
    """Somebody to follow."""
    setting.person("creator", connect_placement="more_menu", follow_first=True, creator=True)
    setting.fault("drop_after_commit", "follow", times=1)
