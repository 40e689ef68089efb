"""What is stored the same is read once."""

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from overture.core.remembered import remembered


class Bound(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    most: int | bool | None = None


class Other(Bound):
    pass


def test_the_same_is_read_once_and_anything_else_anew() -> None:
    assert remembered(Bound, {"most": 3}) is remembered(Bound, {"most": 3})
    assert remembered(Bound, {"most": 4}).most == 4
    assert remembered(Bound, {"most": True}).most is True
    assert type(remembered(Other, {"most": 3})) is Other


def test_what_is_refused_is_refused_each_time() -> None:
    for _ in range(2):
        with pytest.raises(ValidationError):
            remembered(Bound, {"least": 3})


def test_what_changed_in_place_is_read_anew() -> None:
    stored: dict[str, object] = {"most": 5}
    assert remembered(Bound, stored).most == 5
    stored["most"] = 6
    assert remembered(Bound, stored).most == 6
