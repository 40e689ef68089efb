"""Query parameters an address does not take are refused, never passed over.

Whoever writes `?dry_run=true` where there is no rehearsal means that nothing is to be done; done it would be.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, get_args

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel

from overture.core.errors import Invalid
from overture.entrypoints.api.doorway import OPEN
from overture.entrypoints.api.problems import pointer_of

UNDER: Final = "/api/v1/"
"""Other addresses are asked by services and monitors, which add what they like."""
SHOWN: Final = 60  # characters of a name


async def refuse_unknown(request: Request) -> None:
    """Refuse what the address does not take, before anything is done."""
    path = request.scope["path"]
    if not request.scope["query_string"] or not path.startswith(UNDER) or path in OPEN:
        return
    route = request.scope["route"]
    assert isinstance(route, APIRoute)
    known = list(parameters_of(route.dependant))
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        raise not_taken(f"{request.method} {route.path}", unknown, known, fields_of(route.dependant))


only_known = Depends(refuse_unknown)


def parameters_of(dependant: Dependant) -> Iterator[str]:
    """The names of all query parameters, those of dependencies included."""
    for parameter in dependant.query_params:
        kind = parameter.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from (field.alias or name for name, field in kind.model_fields.items())
        else:
            yield parameter.alias
    for inner in dependant.dependencies:
        yield from parameters_of(inner)


def fields_of(dependant: Dependant) -> frozenset[str]:
    """The names of the fields a body may have."""
    taken = [parameter.field_info.annotation for parameter in dependant.body_params]
    kinds = [kind for annotation in taken for kind in (annotation, *get_args(annotation))]
    models = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
    return frozenset(name for model in models for name in model.model_fields)


def not_taken(operation: str, unknown: Sequence[str], known: Sequence[str], fields: Iterable[str]) -> Invalid:
    """The refusal, with what to do about each."""
    told = {name: what_to_do(name, known, fields) for name in unknown}
    first = unknown[0]
    return Invalid(
        "validation_error",
        f"{operation} takes no query parameter {first[:SHOWN]!r}; nothing was done.",
        fix=told[first],
        errors=[
            {
                "pointer": pointer_of([name]),
                "location": "query",
                "code": "extra_forbidden",
                "detail": f"is no query parameter here. {advice}",
            }
            for name, advice in told.items()
        ],
    )


def what_to_do(name: str, known: Sequence[str], fields: Iterable[str]) -> str:
    """Where the parameter belongs, or what there is instead."""
    if name in fields:
        return f"`{name}` belongs into the body."
    if name == "dry_run":
        return "Leave it out if you mean it: this cannot be rehearsed."
    if not known:
        return "Leave it out: there are none here."
    return f"Leave it out: here are {', '.join(f'`{one}`' for one in known)}."
