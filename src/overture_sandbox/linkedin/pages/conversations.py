"""The messaging pages: the list of conversations, one of them, or a new one; always in Ember markup."""

import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from overture_sandbox.linkedin.pages.persons import Person, conversation_json, person
from overture_sandbox.linkedin.pages.sheet import Sheet, Site
from overture_sandbox.world import Conversation, Login, Member


@dataclass(frozen=True)
class Row:
    """One conversation in the list; its id leads to the thread only through the page's scripts."""

    id: str
    who: Person
    unread: bool
    snippet: str
    when: str


@dataclass(frozen=True)
class Chosen:
    """What the right-hand side shows: a person, and the thread with them if there is one."""

    who: Person | None = None
    thread: Conversation | None = None
    is_new: bool = False


class MessagingPages:
    """Conversations on a page of their own."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def inbox(self, request: Request, login: Login) -> Response:
        """`/messaging/`: the list, nothing chosen."""
        sheet = self._sheet(request, login)
        return self._drawn(sheet, Chosen())

    async def thread(self, request: Request, login: Login) -> Response:
        """`/messaging/thread/<2-…>/`; looking at a thread marks it as read."""
        sheet, world = self._sheet(request, login), self._site.world
        thread = world.conversation(str(request.path_params["thread"]))
        if thread is None or sheet.viewer.profile_id not in thread.member_ids:
            return RedirectResponse("/messaging/", 302)
        other = world.members[thread.other(sheet.viewer.profile_id)]
        who = person(world, sheet.viewer, other, "page:messaging")
        world.mark_read(thread, sheet.viewer)
        return self._drawn(sheet, Chosen(who, thread))

    async def compose(self, request: Request, login: Login) -> Response:
        """`/messaging/thread/new/` and `/messaging/compose/`, with `?recipient=` an id or URN."""
        sheet, world = self._sheet(request, login), self._site.world
        member = self._recipient(request)
        if member is None or member is sheet.viewer:
            return self._drawn(sheet, Chosen(is_new=True))
        horizon = world.horizon("messages", sheet.viewer, member)
        thread = world.conversation_between(sheet.viewer, member, horizon)
        if thread:
            return RedirectResponse(f"/messaging/thread/{thread.thread_id}/", 302)
        other = world.member(str(sheet.quirks.get("wrong_recipient", {}).get("slug") or ""))
        member = other or member
        return self._drawn(sheet, Chosen(person(world, sheet.viewer, member, "page:messaging"), is_new=True))

    def _sheet(self, request: Request, login: Login) -> Sheet:
        return Sheet(self._site, request, login, "A")

    def _recipient(self, request: Request) -> Member | None:
        """The person the address names; slugs and numbers do not work here."""
        query = request.query_params
        named = query.get("recipient") or query.get("profileUrn") or query.get("recipients", "")
        found = re.search(r"ACoAA[A-Za-z0-9_-]{34}", named)
        member = self._site.world.members.get(found[0]) if found else None
        return None if member and member.deleted else member

    def _drawn(self, sheet: Sheet, chosen: Chosen) -> Response:
        rows = self._rows(sheet)
        threads = {row_id: f"/messaging/thread/{thread.thread_id}/" for row_id, thread in rows.items()}
        conversation = (
            conversation_json(self._site.world, sheet.viewer, chosen.thread) if chosen.thread else None
        )
        data: dict[str, object] = {
            "kind": "messaging",
            "threads": threads,
            "recipient": chosen.who.as_json() if chosen.who else None,
            "conversation": conversation,
            "faults": sheet.faults(chosen.who.member if chosen.who else None),
        }
        drawn = [self._row(sheet, row_id, thread) for row_id, thread in rows.items()]
        return sheet.answer(
            "a/messaging.html", rows=drawn, chosen=chosen.who, is_new=chosen.is_new, data=data
        )

    def _rows(self, sheet: Sheet) -> dict[str, Conversation]:
        world = self._site.world
        horizon = world.horizon("conversations", sheet.viewer)
        return {sheet.ids.ember(): one for one in world.conversations_of(sheet.viewer, horizon)}

    def _row(self, sheet: Sheet, row_id: str, thread: Conversation) -> Row:
        world, me = self._site.world, sheet.viewer
        other = person(world, me, world.members[thread.other(me.profile_id)], "page:messaging")
        last = world.messages_in(thread)[-1]
        sender = sheet.say("you") if last.sender_id == me.profile_id else other.member.first_name
        return Row(
            id=row_id,
            who=other,
            unread=world.unread(thread, me) > 0,
            snippet=f"{sender}: {last.text.splitlines()[0] if last.text else ''}",
            when=last.delivered.at.strftime("%b %-d"),
        )
