"""Threads and messages as the messaging interface writes them, always seen from one mailbox."""

from overture_sandbox.linkedin.shapes import Json
from overture_sandbox.world import Conversation, Member, Message, World
from overture_sandbox.world.clock import millis
from overture_sandbox.world.faults import Horizon
from overture_sandbox.world.ids import conversation_urn, message_urn

TYPES = "com.linkedin.messenger"
TEXT_TYPE = "com.linkedin.pemberly.text.AttributedText"
COLLECTION = "com.linkedin.restli.common.CollectionResponse"


def conversation(world: World, me: Member, thread: Conversation, horizon: Horizon | None) -> Json:
    """A thread in the list: who takes part, what is unread, and only its last message."""
    messages = world.messages_in(thread, horizon)
    other = world.members[thread.other(me.profile_id)]
    unread = world.unread(thread, me, horizon)
    read_at = thread.read_at.get(me.profile_id)
    return {
        "_type": f"{TYPES}.Conversation",
        "entityUrn": conversation_urn(me.profile_id, thread.thread_id),
        "backendUrn": f"urn:li:messagingThread:{thread.thread_id}",
        "conversationUrl": f"https://www.linkedin.com/messaging/thread/{thread.thread_id}/",
        "title": None,
        "headlineText": None,
        "conversationTypeText": "InMail" if thread.is_inmail else None,
        "groupChat": False,
        "read": unread == 0,
        "unreadCount": unread,
        "lastActivityAt": millis(world.moved_at(thread, horizon)),
        "lastReadAt": millis(read_at) if read_at else None,
        "createdAt": millis(thread.created.at),
        "notificationStatus": "ACTIVE",
        "disabledFeatures": [],
        "state": thread.request_state,
        "categories": ["INBOX", "PRIMARY_INBOX", *(["INMAIL"] if thread.is_inmail else [])],
        "contentMetadata": None,
        "conversationParticipants": [
            _participant(me, "SELF"),
            _participant(other, world.relationship(me, other).distance),
        ],
        "messages": {"elements": [message(me, thread, messages[-1])]},
    }


def message(me: Member, thread: Conversation, one: Message) -> Json:
    """One message; the token of its sender's client is shown to the sender only."""
    sender = {"entityUrn": participant_urn(one.sender_id)}
    return {
        "_type": f"{TYPES}.Message",
        "entityUrn": message_urn(me.profile_id, one.id),
        "backendUrn": f"urn:li:messagingMessage:{one.id}",
        "backendConversationUrn": f"urn:li:messagingThread:{thread.thread_id}",
        "conversationUrn": conversation_urn(me.profile_id, thread.thread_id),
        "deliveredAt": millis(one.delivered.at),
        "originToken": one.origin_token if one.sender_id == me.profile_id else None,
        "subject": one.subject,
        "body": {"_type": TEXT_TYPE, "text": one.text, "attributes": []},
        "messageBodyRenderFormat": "DEFAULT",
        "renderContent": [],
        "reactionSummaries": [],
        "sender": sender,
        "actor": dict(sender),
    }


def delivered(me: Member, thread: Conversation, one: Message) -> Json:
    """The answer to a message that was just sent."""
    return {
        "value": {
            "entityUrn": message_urn(me.profile_id, one.id),
            "backendUrn": f"urn:li:messagingMessage:{one.id}",
            "conversationUrn": conversation_urn(me.profile_id, thread.thread_id),
            "backendConversationUrn": f"urn:li:messagingThread:{thread.thread_id}",
            "senderUrn": participant_urn(me.profile_id),
            "originToken": one.origin_token,
            "subject": one.subject,
            "body": {"text": one.text, "attributes": []},
            "deliveredAt": millis(one.delivered.at),
        }
    }


def participant_urn(profile_id: str) -> str:
    """The URN of somebody in a thread."""
    return f"urn:li:msg_messagingParticipant:urn:li:fsd_profile:{profile_id}"


def _participant(member: Member, distance: str) -> Json:
    person = {
        "_type": f"{TYPES}.MemberParticipantInfo",
        "firstName": {"text": member.first_name, "attributes": []},
        "lastName": {"text": member.last_name, "attributes": []},
        "headline": {"text": member.headline, "attributes": []},
        "pronoun": None,
        "distance": distance,
        "profileUrl": f"https://www.linkedin.com/in/{member.profile_id}",
        "profilePicture": None,
    }
    return {
        "_type": f"{TYPES}.MessagingParticipant",
        "entityUrn": participant_urn(member.profile_id),
        "hostIdentityUrn": member.urn,
        "backendUrn": f"urn:li:member:{member.number}",
        "participantType": {"member": person, "organization": None, "custom": None},
    }
