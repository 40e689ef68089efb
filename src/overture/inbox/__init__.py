"""The inbox: what services deliver, conversations of all channels in one shape, and what answers mean.

`receive` stores a delivery at the door; `turn` applies those that wait, `follow` takes in what runs read and
sent, `recognise` finds whose conversations are. Every message is told of once in the log (`inbox.message`).
Who reads the deliveries of a service is given by whoever puts the product together (`InboxKit.readers`).
"""

from overture.inbox.applying import turn
from overture.inbox.change import Change, change
from overture.inbox.deliveries import (
    SOURCE_OF,
    Arrival,
    DeliveryFilter,
    EndpointHealth,
    Health,
    health,
    receive,
    replay,
)
from overture.inbox.deliveries import by_id as delivery_by_id
from overture.inbox.deliveries import page as delivery_page
from overture.inbox.following import follow, recognise, tidy
from overture.inbox.forget import forget, tell
from overture.inbox.incoming import Incoming, NotUnderstood, Reader
from overture.inbox.kit import InboxKit
from overture.inbox.meaning import KIND_OF, MEANING_OF, Kind, Meaning, meaning_of
from overture.inbox.own import FROM_INBOX
from overture.inbox.spelling import message_key, storable, thread_key
from overture.inbox.spoiling import SPOILING
from overture.inbox.store import ConversationFilter, Place, by_id, conversations, messages
from overture.inbox.tables import DELIVERY_STATES, Conversation, InboxMessage, WebhookDelivery
from overture.inbox.telling import TOLD

__all__ = [
    "DELIVERY_STATES",
    "FROM_INBOX",
    "KIND_OF",
    "MEANING_OF",
    "SOURCE_OF",
    "SPOILING",
    "TOLD",
    "Arrival",
    "Change",
    "Conversation",
    "ConversationFilter",
    "DeliveryFilter",
    "EndpointHealth",
    "Health",
    "InboxKit",
    "InboxMessage",
    "Incoming",
    "Kind",
    "Meaning",
    "NotUnderstood",
    "Place",
    "Reader",
    "WebhookDelivery",
    "by_id",
    "change",
    "conversations",
    "delivery_by_id",
    "delivery_page",
    "follow",
    "forget",
    "health",
    "meaning_of",
    "message_key",
    "messages",
    "receive",
    "recognise",
    "replay",
    "storable",
    "tell",
    "thread_key",
    "tidy",
    "turn",
]
