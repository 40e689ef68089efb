"""Reading threads and messages, and sending one."""

import re
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from overture_sandbox.linkedin import messenger, restli
from overture_sandbox.linkedin.auth import Caller
from overture_sandbox.linkedin.bodies import at, json_body, text_at
from overture_sandbox.linkedin.gate import Call, api, through
from overture_sandbox.linkedin.sections import DASH
from overture_sandbox.linkedin.shapes import Json, as_json, messenger_answer, rest_answer, rest_error
from overture_sandbox.linkedin.voyager_graphql import QUERY_ID, compose_choice
from overture_sandbox.linkedin.voyager_invite import refusable
from overture_sandbox.world import Conversation, Member, Message, World
from overture_sandbox.world.clock import millis
from overture_sandbox.world.ids import compose_option_urn
from overture_sandbox.world.inmails import InMailWords

THREAD_IN_URN = re.compile(r"(2-[A-Za-z0-9+/=_-]+)\)?\Z")
TRACKING_ID_LENGTH = 16
DEFAULT_PAGE = 20
INMAIL = "INMAIL"  # the legacy request said so in `subtype`; how the present one says it is not known


def routes() -> list[BaseRoute]:
    """The endpoints of the inbox."""
    return [
        Route("/voyagerMessagingGraphQL/graphql", api(_read)),
        Route("/voyagerMessagingDashMessengerMessages", api(_create_message), methods=["POST"]),
        Route("/voyagerMessagingDashMessengerConversations", api(_touch), methods=["POST"]),
        Route("/voyagerMessagingDashComposeOptions/{urn}", api(_compose_option)),
    ]


async def _read(request: Request, caller: Caller) -> Response:
    """E14 and E15: one query endpoint for lists of threads, threads by person, messages and counts."""
    query = QUERY_ID.fullmatch(request.query_params.get("queryId", ""))
    wanted = restli.variables(request)
    match query[1] if query else "":
        case "messengerConversations":
            return await _conversations(request, caller, wanted)
        case "messengerMessages":
            return await _messages(request, caller, wanted)
        case "messengerMailboxCounts":
            return await _counts(request, caller)
        case _:
            return rest_error(request, 400)


async def _conversations(request: Request, caller: Caller, wanted: dict[str, restli.Value]) -> Response:
    """E14: all threads since a token, a page of one category, or the thread with given people."""
    if restli.text(wanted, "mailboxUrn") != caller.member.urn:
        return rest_error(request, 403)
    target = _first_recipient(caller, wanted)

    def act() -> Response:
        world, me = caller.world, caller.member
        horizon = world.horizon("conversations", me, target)
        threads = world.conversations_of(me, horizon)
        if "recipients" in wanted:
            ids = {target.profile_id} if target else set()
            threads = [one for one in threads if one.other(me.profile_id) in ids]
            name, metadata = "messengerConversationsByRecipients", Json()
        elif "query" in wanted:
            threads, metadata = _page_of(caller.world, threads, wanted)
            name = "messengerConversationsByCategoryQuery"
        else:
            name, metadata = "messengerConversationsBySyncToken", _sync_metadata(caller)
            metadata["shouldClearCache"] = False
        elements = [messenger.conversation(world, me, one, horizon) for one in threads]
        return messenger_answer(request, _collection(name, elements, metadata))

    return await through(Call(request, caller, "conversations", target), act)


def _first_recipient(caller: Caller, wanted: dict[str, restli.Value]) -> Member | None:
    recipients = wanted.get("recipients")
    first = recipients[0] if isinstance(recipients, list) and recipients else None
    return caller.world.member(first) if isinstance(first, str) else None


def _page_of(
    world: World, threads: list[Conversation], wanted: dict[str, restli.Value]
) -> tuple[list[Conversation], Json]:
    """The next `count` threads older than a time or after a cursor, and the cursor that follows them."""
    before = restli.text(wanted, "nextCursor") or restli.text(wanted, "lastUpdatedBefore") or ""
    count = restli.text(wanted, "count") or ""
    size = int(count) if count.isdigit() else DEFAULT_PAGE
    if before.isdigit():
        limit = datetime.fromtimestamp(int(before) / 1000, UTC)
        threads = [one for one in threads if world.moved_at(one) < limit]
    page = threads[:size]
    more = len(threads) > size
    cursor = str(millis(world.moved_at(page[-1]))) if more else None
    return page, {"nextCursor": cursor}


async def _messages(request: Request, caller: Caller, wanted: dict[str, restli.Value]) -> Response:
    """E15: the messages of one thread, newest last, by token, by time or by page."""
    thread = _thread(caller, restli.text(wanted, "conversationUrn"))
    if thread is None:
        return rest_error(request, 404)
    other = caller.world.members[thread.other(caller.member.profile_id)]

    def act() -> Response:
        world, me = caller.world, caller.member
        found = world.messages_in(thread, world.horizon("messages", me, other))
        if "deliveredAt" in wanted:
            name, metadata = "messengerMessagesByAnchorTimestamp", Json()
        elif "count" in wanted:
            name, metadata = "messengerMessagesByConversation", {"prevCursor": None, "nextCursor": None}
        else:
            name, metadata = "messengerMessagesBySyncToken", _sync_metadata(caller)
        elements = [messenger.message(me, thread, one) for one in _selected(found, wanted)]
        return messenger_answer(request, _collection(name, elements, metadata))

    return await through(Call(request, caller, "messages", other), act)


def _selected(found: list[Message], wanted: dict[str, restli.Value]) -> list[Message]:
    anchor = restli.text(wanted, "deliveredAt") or ""
    count = restli.text(wanted, "countBefore") or restli.text(wanted, "count") or ""
    if anchor.isdigit():
        found = [one for one in found if millis(one.delivered.at) <= int(anchor)]
    return found[-int(count) :] if count.isdigit() and int(count) else found


async def _counts(request: Request, caller: Caller) -> Response:
    """How many threads have something unread."""

    def act() -> Response:
        world, me = caller.world, caller.member
        horizon = world.horizon("conversations", me)
        threads = world.conversations_of(me, horizon)
        unread = sum(1 for one in threads if world.unread(one, me, horizon))
        elements = [{"category": "PRIMARY_INBOX", "unreadConversationCount": unread}]
        return messenger_answer(request, _collection("messengerMailboxCountsByMailbox", elements, {}))

    return await through(Call(request, caller, "conversations"), act)


def _collection(name: str, elements: list[Json], metadata: Json) -> Json:
    page = {"_type": messenger.COLLECTION, "metadata": metadata, "elements": elements}
    return {"_recipeType": "sbx", name: page}


def _sync_metadata(caller: Caller) -> Json:
    return {"newSyncToken": f"SBXSYNC{caller.world.commits}", "deletedUrns": []}


async def _create_message(request: Request, caller: Caller) -> Response:
    """E16: say something; two requests with one token are two messages, as on the site."""
    body = await json_body(request)
    text = text_at(body, "message", "body", "text")
    if request.query_params.get("action") != "createMessage" or body is None or not text:
        return rest_error(request, 400)
    if not _has_client_marks(body) or text_at(body, "mailboxUrn") != caller.member.urn:
        return rest_error(request, 400)
    thread = _thread(caller, text_at(body, "message", "conversationUrn"))
    target = _addressee(caller, body, thread)
    if target is None:
        return rest_error(request, 404)
    token = text_at(body, "message", "originToken")
    is_inmail = text_at(body, "message", "subtype") == INMAIL
    subject = text_at(body, "message", "subject") or None

    def act() -> Response:
        world, me = caller.world, caller.member
        if is_inmail:
            said_in, said = world.send_inmail(me, target, InMailWords(text, subject, token), "voyager")
        else:
            said_in, said = world.send_message(me, target, text, "voyager", token, in_thread=thread)
        return as_json(messenger.delivered(me, said_in, said))

    return await through(Call(request, caller, "send_message", target), refusable(request, act))


def _has_client_marks(body: Json) -> bool:
    """The two fields without which the site answers 400."""
    tracking = text_at(body, "trackingId") or ""
    return len(tracking) == TRACKING_ID_LENGTH and body.get("dedupeByClientGeneratedToken") is False


def _addressee(caller: Caller, body: Json, thread: Conversation | None) -> Member | None:
    """The other person of the thread, or the one recipient of a new one."""
    if thread is not None:
        return caller.world.members[thread.other(caller.member.profile_id)]
    recipients = at(body, "hostRecipientUrns") or at(body, "message", "hostRecipientUrns")
    if not isinstance(recipients, list) or len(recipients) != 1 or not isinstance(recipients[0], str):
        return None
    return caller.world.member(recipients[0])


def _thread(caller: Caller, urn: str | None) -> Conversation | None:
    """The thread a URN names, if it is in the caller's mailbox."""
    found = THREAD_IN_URN.search(urn or "")
    thread = caller.world.conversation(found[1]) if found else None
    return thread if thread and caller.member.profile_id in thread.member_ids else None


async def _touch(request: Request, caller: Caller) -> Response:
    """Typing signs, and marking threads as read."""
    if request.query_params.get("action") == "typing":
        return Response(status_code=202)
    body = await json_body(request)
    entities = at(body, "entities")
    if not isinstance(entities, dict):
        return rest_error(request, 400)
    for urn, change in entities.items():
        thread = _thread(caller, urn)
        if thread and at(change, "patch", "$set", "read") is True:
            caller.world.mark_read(thread, caller.member)
    return as_json({"results": {urn: {"status": 204} for urn in entities}})


async def _compose_option(request: Request, caller: Caller) -> Response:
    """E17: how the account may write to somebody."""
    found = re.search(r"ACoAA[A-Za-z0-9_-]{34}", request.path_params["urn"])
    target = caller.world.member(found[0]) if found else None
    if target is None:
        return rest_error(request, 404)

    def act() -> Response:
        kind, paid, existing = compose_choice(caller, target)
        context = {
            "recipientUrns": [target.urn],
            "existingConversationUrn": existing,
            "paidInMail": paid,
            "messageRequestContextUrn": None,
            "targetUrl": "https://www.linkedin.com/premium/products/" if kind == "UPSELL" else None,
        }
        data: Json = {
            "entityUrn": compose_option_urn(target.profile_id),
            "composeOptionType": kind,
            "composeNavigationContext": context,
            "$type": f"{DASH}.messaging.compose.ComposeOption",
        }
        return rest_answer(request, data, [])

    return await through(Call(request, caller, "compose_option", target), act)
