"""Events of the inbox, and of what an account's service reports of it."""

from typing import Final

from overture.core.event_types.kind import EventType

INBOX: Final = {
    "inbox.message": EventType(
        "A message came or went, told of once it is known with whom; never what it says.",
        {
            "conversation_id": "the conversation",
            "message_id": "the message",
            "direction": "`own` or `theirs`",
            "by": "who wrote it: `them`, a `run`, or a person in the `inbox` or by `hand`",
            "kind": "`reply`, `auto_reply`, `opt_out`, `decline`, `note` or `own`",
            "at": "when it was sent",
            "key": "its id at the channel: the same whoever tells of it",
            "channel": "the channel",
        },
    ),
    "inbox.changed": EventType(
        "A person labelled a conversation, put it off or marked it unread.",
        {"conversation_id": "the conversation", "by": "who", "changed": "by name, what it is from now on"},
    ),
    "inbox.corrected": EventType(
        "A person said what a message means; a correction only ever stops more.",
        {
            "conversation_id": "the conversation",
            "message_id": "the message",
            "from": "the kind it was taken for",
            "to": "the kind it is",
            "by": "who",
            "why": "what they said",
        },
    ),
    "account.reported": EventType(
        "The service between us and the channel said how it finds the account.",
        {"word": "its word", "at": "when it was said", "source": "how it is known"},
    ),
}
