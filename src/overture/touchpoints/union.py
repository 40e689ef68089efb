"""The union of all touchpoint types, told apart by `type`: the API's body and the runs table's reader."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from overture.touchpoints.base import REGISTRY, Touchpoint
from overture.touchpoints.check_connection import CheckConnection
from overture.touchpoints.connect import Connect
from overture.touchpoints.enrich import Enrich
from overture.touchpoints.message import Message
from overture.touchpoints.visit import Visit

AnyTouchpoint = Annotated[Enrich | Visit | Connect | Message | CheckConnection, Field(discriminator="type")]

_ADAPTER: TypeAdapter[Touchpoint] = TypeAdapter(AnyTouchpoint)


def read_touchpoint(value: object) -> Touchpoint:
    """The touchpoint in a stored or posted JSON object, or pydantic's ValidationError naming the field."""
    kind = value.get("type") if isinstance(value, dict) else None
    if isinstance(kind, str) and kind in REGISTRY:
        return REGISTRY[kind].model_validate(value)
    return _ADAPTER.validate_python(value)
