"""The inbox: what services deliver, conversations of all channels in one shape, and what answers mean.

`receive` stores a delivery at the door; `turn` applies those that wait, `follow` takes in what runs read and
sent, `recognise` finds whose conversations are. Every message is told of once in the log (`inbox.message`).
Who reads the deliveries of a service is given by whoever puts the product together (`InboxKit.readers`).
"""

from overture.inbox import marks
from overture.inbox.applying import turn
from overture.inbox.backfill import Backfilled, backfill
from overture.inbox.catching_up import CaughtUp, catch_up
from overture.inbox.change import Change, change
from overture.inbox.correct import Corrected, Correction, TheirKind, correct, corrections, message_by_id
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
from overture.inbox.letterbox import Letterbox
from overture.inbox.meaning import KIND_OF, MEANING_OF, Grounds, Kind, Meaning, grounds_of, meaning_of
from overture.inbox.own import FROM_INBOX
from overture.inbox.spelling import message_key, storable, thread_key
from overture.inbox.spoiling import SPOILING
from overture.inbox.store import (
    ConversationFilter,
    Place,
    Waiting,
    by_id,
    conversations,
    kinds,
    labels,
    messages,
    waiting,
)
from overture.inbox.stored import MessageStore, NotSetUp, OpenStore, StoreAway
from overture.inbox.tables import (
    DELIVERY_STATES,
    Conversation,
    InboxMessage,
    MessageMark,
    WebhookDelivery,
)
from overture.inbox.telling import TOLD
from overture.inbox.whose import as_keys

__all__ = [
    "DELIVERY_STATES",
    "FROM_INBOX",
    "KIND_OF",
    "MEANING_OF",
    "SOURCE_OF",
    "SPOILING",
    "TOLD",
    "Arrival",
    "Backfilled",
    "CaughtUp",
    "Change",
    "Conversation",
    "ConversationFilter",
    "Corrected",
    "Correction",
    "DeliveryFilter",
    "EndpointHealth",
    "Grounds",
    "Health",
    "InboxKit",
    "InboxMessage",
    "Incoming",
    "Kind",
    "Letterbox",
    "Meaning",
    "MessageMark",
    "MessageStore",
    "NotSetUp",
    "NotUnderstood",
    "OpenStore",
    "Place",
    "Reader",
    "StoreAway",
    "TheirKind",
    "Waiting",
    "WebhookDelivery",
    "as_keys",
    "backfill",
    "by_id",
    "catch_up",
    "change",
    "conversations",
    "correct",
    "corrections",
    "delivery_by_id",
    "delivery_page",
    "follow",
    "forget",
    "grounds_of",
    "health",
    "kinds",
    "labels",
    "marks",
    "meaning_of",
    "message_by_id",
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
    "waiting",
]
