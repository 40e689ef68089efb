"""The union of all touchpoint types, told apart by `type`: the API's body and the runs table's reader."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from overture.touchpoints.base import REGISTRY, Touchpoint
from overture.touchpoints.check_connection import CheckConnection
from overture.touchpoints.comment import Comment
from overture.touchpoints.connect import Connect
from overture.touchpoints.enrich import Enrich
from overture.touchpoints.follow import Follow
from overture.touchpoints.inmail import InMail
from overture.touchpoints.log_in import LogIn
from overture.touchpoints.message import Message
from overture.touchpoints.react import React
from overture.touchpoints.search import Search
from overture.touchpoints.sync_inbox import SyncInbox
from overture.touchpoints.sync_relations import SyncRelations
from overture.touchpoints.visit import Visit
from overture.touchpoints.withdraw_invite import WithdrawInvite

AnyTouchpoint = Annotated[
    Enrich
    | Visit
    | Connect
    | WithdrawInvite
    | Message
    | InMail
    | React
    | Comment
    | Follow
    | CheckConnection
    | SyncRelations
    | SyncInbox
    | Search
    | LogIn,
    Field(discriminator="type"),
]

_ADAPTER: TypeAdapter[Touchpoint] = TypeAdapter(AnyTouchpoint)


def read_touchpoint(value: object) -> Touchpoint:
    """The touchpoint in a stored or posted JSON object, or pydantic's ValidationError naming the field."""
    kind = value.get("type") if isinstance(value, dict) else None
    if isinstance(kind, str) and kind in REGISTRY:
        return REGISTRY[kind].model_validate(value)
    return _ADAPTER.validate_python(value)
