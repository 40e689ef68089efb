"""The tolerance all answers are read with: unknown fields kept, odd values dropped, only keys required."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator

from overture.providers.unipile.client.answers import misshapen
from overture.providers.unipile.client.calls import Call
from overture.providers.unipile.client.pages import Page
from overture.providers.unipile.client.redaction import HIDDEN, is_secret_name, redact

MOST_REPAIRS: Final = 3


class Lenient(BaseModel):
    """Part of an answer of Unipile: what it says beyond the known fields stays readable as extra."""

    model_config = ConfigDict(
        extra="allow",
        frozen=True,
        coerce_numbers_to_str=True,
        hide_input_in_errors=True,
        protected_namespaces=(),
    )

    @model_validator(mode="wrap")
    @classmethod
    def _drop_odd_fields(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """One field of an unexpected shape does not spoil the rest; a missing key does."""
        if not isinstance(value, Mapping):
            return handler(value)
        kept = dict(value)
        for _ in range(MOST_REPAIRS):
            try:
                return handler(kept)
            except ValidationError as error:
                odd = {str(one["loc"][0]) for one in error.errors(include_input=False) if one["loc"]}
                if not odd & kept.keys() or any(cls._is_key(name) for name in odd):
                    raise
                kept = {name: inner for name, inner in kept.items() if name not in odd}
        return handler(kept)

    @classmethod
    def _is_key(cls, name: str) -> bool:
        """Whether the model means nothing without this field."""
        return any(
            field.is_required() for own, field in cls.model_fields.items() if name in (own, field.alias)
        )

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        for name, value in super().__repr_args__():
            hidden = name is not None and value is not None and is_secret_name(name)
            yield name, HIDDEN if hidden else _shown(value)


class Done(Lenient):
    """What Unipile says after a write; `dry_run` marks a pretence, which is evidence of nothing."""

    object: str | None = None
    dry_run: bool = False

    @property
    def says_nothing(self) -> bool:
        """Whether not one known word is in it: no evidence of anything."""
        return not any(
            getattr(self, name) is not None for name in type(self).model_fields if name != "dry_run"
        )


def _shown(value: object) -> object:
    """A value as a representation may show it: extras are plain JSON and may hold secrets."""
    return redact(value) if isinstance(value, (Mapping, list)) and not _has_models(value) else value


def _has_models(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(item, BaseModel) for item in value)


M = TypeVar("M", bound=Lenient)


def read(model: type[M], body: object, call: Call) -> M:
    """An answer as this model; without its key it is none."""
    try:
        return model.model_validate(body)
    except ValidationError:
        pass
    raise misshapen(call, f"the answer is no {model.__name__}")


def read_page(model: type[M], body: Mapping[str, object], call: Call) -> Page[M]:
    """One page of a list; items that cannot be read are counted, not passed over in silence."""
    raw = body.get("items")
    if not isinstance(raw, list):
        raise misshapen(call, "the answer is no list")
    items: list[M] = []
    for one in raw:
        try:
            items.append(model.model_validate(one))
        except ValidationError:
            continue
    paging = body.get("paging")
    paging = paging if isinstance(paging, Mapping) else {}
    total = body.get("total_items", paging.get("total_count"))
    return Page(
        tuple(items),
        _cursor(body.get("cursor")) or _cursor(paging.get("cursor")),
        total if isinstance(total, int) else None,
        len(raw) - len(items),
    )


def _cursor(value: object) -> str | None:
    """A cursor that leads on; null, missing and empty all mean the end."""
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) and value else None
