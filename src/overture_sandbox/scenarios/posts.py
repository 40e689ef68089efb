"""Posts: reactions by the tray, comments by lazily mounted editors, follows; and what pages only pretend."""

from typing import Any, Final

from overture_sandbox.scenarios.scenario import Setting, Step, arranged, fault, person, quirk, scenario
from overture_sandbox.world.model import Member, Post, ReactionKind

ONE_REACTION: Final = "completed, confirmed; one reaction of the asked kind, none taken away"
ONE_COMMENT: Final = "completed, confirmed by the id of a new comment; one comment, byte for byte"
PAGE_LAG_S: Final = 60.0  # longer than any look at the page
TEXT: Final = "Clear write-up 👩‍🚀,\r\nthank\u00a0you."
ERRORS: Final = {"data": {"errors": [{"message": "Not kept", "extensions": {"status": 422}}]}}
CREATOR: Final[dict[str, Any]] = {"connect_placement": "more_menu", "follow_first": True, "creator": True}


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


def post(**fields: Any) -> Step:
    """A stranger's post."""
    return lambda setting: a_post(setting, **fields)


def reacted_to(reaction: ReactionKind) -> Step:
    """A post that carries a reaction of the account."""
    return lambda setting: setting.world.react(setting.account, a_post(setting), reaction, "admin")


def commented_on(setting: Setting) -> None:
    """A post with the words of the account below it."""
    setting.world.comment(setting.account, a_post(setting), TEXT, "admin")


POST: Final = post()

arranged(
    72,
    "react-none-to-celebrate",
    POST,
    site="no reaction yet; the tray opens on hovering",
    required=ONE_REACTION,
)
arranged(
    72,
    "react-already-same",
    reacted_to("PRAISE"),
    site="the post carries this reaction of the account already",
    required="completed, no effect, noop; nothing sent",
)
arranged(
    72,
    "react-other-set",
    reacted_to("LIKE"),
    site="the post carries a Like of the account; pressing the button would take it away",
    required="completed, confirmed, replaced LIKE; changed, never removed",
)
arranged(
    72,
    "react-tray-missing",
    POST,
    quirk("tray_missing"),
    site="the tray never opens",
    required="failed, no effect, tray_not_found; Like not set",
)
arranged(
    72,
    "react-curious",
    POST,
    site="the site no longer offers this reaction",
    required="failed, no effect, unsupported_reaction; no page of the post opened",
)
arranged(
    72,
    "react-201-but-ui-stale",
    POST,
    quirk("reaction_ui_stale"),
    fault("read_lag", "page:post", seconds=PAGE_LAG_S),
    site="the reaction is taken (201); the button does not show it, nor does the page when loaded again",
    required=ONE_REACTION,
)


@scenario(
    72,
    "react-decoy-counters",
    site="counters read “12 likes” and “3 comments”; every comment has a Like of its own",
    required=ONE_REACTION,
)
def decoy_counters(setting: Setting) -> None:
    """A post with three comments, one of which speaks of likes."""
    shown = a_post(setting)
    setting.world.comment(setting.person("third"), shown, "12 likes!", "admin")


arranged(
    72,
    "react-commit-then-drop",
    POST,
    fault("drop_after_commit", "react", times=1),
    site="the reaction is set, the answer is lost",
    required="held, unknown; after reading back completed, confirmed; one reaction",
)
arranged(
    72,
    "comment-quill-tiptap",
    POST,
    site="the editor is mounted on demand (Quill or TipTap), its button shares the opener's name",
    required=ONE_COMMENT,
)
arranged(
    72,
    "comment-disabled",
    post(commenters="NONE"),
    site="the author lets nobody comment",
    required="failed, no effect, comments_disabled; nothing sent",
)


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


arranged(
    72,
    "comment-submit-late",
    POST,
    quirk("comment_submit_late", after_s=2),
    site="the button that posts wakes up two seconds after the text",
    required=ONE_COMMENT,
)
arranged(
    72,
    "comment-submit-never",
    POST,
    quirk("comment_submit_never"),
    site="the button that posts never wakes up",
    required="failed, no effect, send_disabled; nothing sent, no draft left",
)
arranged(
    72,
    "comment-optimistic-then-removed",
    POST,
    fault("status", "comment", status=200, body=ERRORS, headers={"content-type": "application/json"}),
    site="the comment shows at once; the answer is 200 with errors, and a reload shows no comment",
    required="failed, absent, not_persisted; nothing there, nothing sent again",
)
arranged(
    72,
    "comment-dup-text-exists",
    commented_on,
    site="the same words by the account are below the post already",
    required="completed, confirmed by another id than the earlier comment's",
)
arranged(
    72,
    "comment-commit-then-drop",
    commented_on,
    fault("drop_after_commit", "comment", times=1),
    site="the comment is made, the answer is lost; an older one has the same words",
    required="held, unknown; after reading back completed, confirmed; one comment more",
)
arranged(
    72,
    "post-deleted",
    post(deleted=True),
    site="the post is gone; its address says so",
    required="failed, no effect, post_unavailable; nothing sent",
)
arranged(
    72,
    "post-3-copies",
    post(copies=3),
    site="the post is drawn three times, one of them hidden",
    required="one reaction and one comment, both completed, confirmed",
)


@scenario(
    72,
    "follow-basic",
    site="Follow beside Message, or only in the More menu; strangers' Follow too; one followed already",
    required="completed, confirmed, twice; the third completed, no effect, noop; nobody else followed",
)
def follow_basic(setting: Setting) -> None:
    """Somebody to follow by their card, by their menu, and somebody one follows."""
    setting.person("creator", sidebar_decoys=3, **CREATOR)
    setting.person("behind more", sidebar_decoys=3, connect_placement="primary_button")
    setting.world.follow(setting.account, setting.person("followed", **CREATOR), "admin")


arranged(
    72,
    "follow-commit-then-drop",
    person("creator", **CREATOR),
    fault("drop_after_commit", "follow", times=1),
    site="the follow is taken, the answer is lost",
    required="held, unknown; after reading back completed, confirmed; followed once",
)
