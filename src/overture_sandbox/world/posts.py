"""What people publish, how others react to it and comment on it, and who follows whom."""

import re
from datetime import datetime
from random import Random

from overture_sandbox.world.faults import Horizon
from overture_sandbox.world.ledger import Via
from overture_sandbox.world.model import Comment, Following, Member, Post, Reaction, ReactionKind
from overture_sandbox.world.network import Network, Refused

FIRST_NUMBER = 7_400_000_000_000_000_000
POST_URN = re.compile(r"(?:urn:li:)?(?:fs_)?(activity|ugcPost|share):(\d+)\Z")


class PostBoard(Network):
    """Posts, reactions, comments and follows."""

    def reset(self, seed: int = 1, start: datetime | None = None) -> None:
        """Begin again with nothing published."""
        super().reset(seed, start)
        self.posts: dict[int, Post] = {}  # by activity number
        self.followings: list[Following] = []
        self._post_names: dict[str, int] = {}  # "activity:<n>", "ugcPost:<n>", "share:<n>" -> activity number
        # A stream of its own, so that publishing does not change what else the seed brings.
        self._post_rng = Random(f"{seed}|posts")
        self._last_number = FIRST_NUMBER

    def publish(self, author: Member, text: str, via: Via = "admin") -> Post:
        """A new post, known by an activity, a ugcPost and a share number; arranged ones go not on record."""
        number, ugc, share = (self._next_number() for _ in range(3))
        post = Post(number, author.profile_id, text, self.moment(), ugc, share)
        self.posts[number] = post
        for name in (f"activity:{number}", f"ugcPost:{ugc}", f"share:{share}"):
            self._post_names[name] = number
        if via != "admin":
            self._record("post", author, via=via, text=text, urn=post.urn)
        return post

    def post(self, name: str) -> Post | None:
        """The post of this URN or number, deleted or not."""
        if name.isdigit():
            return self.posts.get(int(name))
        found = POST_URN.fullmatch(name)
        return self.posts.get(self._post_names.get(f"{found[1]}:{found[2]}", 0)) if found else None

    def author_of(self, post: Post) -> Member:
        """Who wrote it."""
        return self.members[post.author_id]

    def react(self, actor: Member, post: Post, kind: ReactionKind, via: Via) -> str:
        """React, or change the reaction there is; the URN of the reaction."""
        urn = f"urn:li:fsd_reaction:({actor.urn},{post.urn},0)"
        if self.reaction_of(post, actor) == kind:
            return urn  # the same again changes nothing
        post.reactions.append(Reaction(actor.profile_id, kind, self.moment()))
        self._record("react", actor, self.author_of(post), via=via, text=kind, urn=urn)
        return urn

    def unreact(self, actor: Member, post: Post, via: Via) -> None:
        """Take one's reaction back."""
        had = self.reaction_of(post, actor)
        if had is None:
            raise Refused(404, "REACTION_NOT_FOUND", "There is no reaction to take back")
        post.reactions.append(Reaction(actor.profile_id, None, self.moment()))
        urn = f"urn:li:fsd_reaction:({actor.urn},{post.urn},0)"
        self._record("unreact", actor, self.author_of(post), via=via, text=had, urn=urn)

    def reactions_to(self, post: Post, horizon: Horizon | None = None) -> dict[str, ReactionKind]:
        """Everybody's present reaction, by profile id, in the order they first reacted."""
        found: dict[str, ReactionKind | None] = {}
        for one in post.reactions:
            if not (horizon and horizon.hides(one.at)):
                found[one.actor_id] = one.kind
        return {actor: kind for actor, kind in found.items() if kind is not None}

    def reaction_of(self, post: Post, member: Member, horizon: Horizon | None = None) -> ReactionKind | None:
        """How somebody reacts to a post now."""
        return self.reactions_to(post, horizon).get(member.profile_id)

    def may_comment(self, member: Member, post: Post) -> bool:
        """Whether the author lets this person comment."""
        author = self.author_of(post)
        if post.commenters == "ALL" or author is member:
            return True
        return post.commenters == "CONNECTIONS_ONLY" and (
            self.relationship(member, author).state == "connected"
        )

    def comment(self, author: Member, post: Post, text: str, via: Via) -> Comment:
        """Say something under a post, if one may."""
        if not self.may_comment(author, post):
            only = post.commenters == "CONNECTIONS_ONLY"
            code = "COMMENTS_CONNECTIONS_ONLY" if only else "COMMENTS_DISABLED"
            raise Refused(403, code, "The author limits who can comment")
        made = Comment(self._next_number(), author.profile_id, text, self.moment())
        post.comments.append(made)
        urn = comment_urn(post, made)
        self._record("comment", author, self.author_of(post), via=via, text=text, urn=urn)
        return made

    def comments_on(self, post: Post, horizon: Horizon | None = None) -> list[Comment]:
        """The comments a reader can see, oldest first."""
        return [one for one in post.comments if not (horizon and horizon.hides(one.created))]

    def remove_comment(self, post: Post, comment: Comment, via: Via) -> None:
        """A comment is taken away, by its author or by the site."""
        post.comments.remove(comment)
        author = self.members[comment.author_id]
        urn = comment_urn(post, comment)
        self._record("uncomment", author, self.author_of(post), via=via, text=comment.text, urn=urn)

    def follow(self, follower: Member, followed: Member, via: Via, *, is_on: bool = True) -> None:
        """Begin to follow somebody, or cease to; what is so already goes not on record."""
        if follower is followed:
            raise Refused(400, "CANT_FOLLOW_SELF", "You can't follow yourself")
        if self.is_following(follower, followed) == is_on:
            return
        self.followings.append(Following(follower.profile_id, followed.profile_id, is_on, self.moment()))
        self._record("follow" if is_on else "unfollow", follower, followed, via=via)

    def is_following(self, follower: Member, followed: Member, horizon: Horizon | None = None) -> bool:
        """Whether somebody follows somebody: as they last said, else as connections do by default."""
        for one in reversed(self.followings):
            is_theirs = (one.follower_id, one.followed_id) == (follower.profile_id, followed.profile_id)
            if is_theirs and not (horizon and horizon.hides(one.at)):
                return one.is_on
        return self.relationship(follower, followed, horizon).state == "connected"

    def _next_number(self) -> int:
        self._last_number += self._post_rng.randrange(10**9, 10**12)
        return self._last_number


def comment_urn(post: Post, comment: Comment) -> str:
    """`urn:li:comment:(activity:<n>,<m>)`, the form that deletes and links."""
    return f"urn:li:comment:(activity:{post.number},{comment.number})"
