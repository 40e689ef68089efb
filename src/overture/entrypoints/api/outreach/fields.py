"""Types of fields that requests and answers of the campaign layer share, and its ids."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Path
from pydantic import StringConstraints

from overture.core.errors import NotFound
from overture.core.ids import public_id, read_public_id
from overture.entrypoints.api.catalogue import PROBLEMS

ID_END: Final = r"_[0-7][0-9a-hjkmnp-tv-z]{25}$"
EXAMPLE_END: Final = "_01kb3v6q2v8x0c5h2m9r4t7wze"
NOUNS: Final = {
    "lead": "lead",
    "mrg": "merge",
    "com": "company",
    "sup": "suppression",
    "imp": "import",
    "cmp": "campaign",
    "enr": "enrollment",
    "apr": "approval",
    "run": "run",
    "cnv": "conversation",
    "msg": "message",
    "whd": "delivery",
    "rec": "reconciliation",
}
"""What each prefix of an id stands for; `<noun>_not_found` is the code of one that is unknown."""


def pattern_of(prefix: str) -> str:
    """What ids of this prefix look like."""
    return f"^{prefix}{ID_END}"


LeadIdPath = Annotated[
    str, Path(pattern=pattern_of("lead"), description="The lead's id.", examples=[f"lead{EXAMPLE_END}"])
]
MergeIdPath = Annotated[
    str, Path(pattern=pattern_of("mrg"), description="The merge's id.", examples=[f"mrg{EXAMPLE_END}"])
]
CompanyIdPath = Annotated[
    str, Path(pattern=pattern_of("com"), description="The company's id.", examples=[f"com{EXAMPLE_END}"])
]
SuppressionIdPath = Annotated[
    str, Path(pattern=pattern_of("sup"), description="The suppression's id.", examples=[f"sup{EXAMPLE_END}"])
]
ImportIdPath = Annotated[
    str, Path(pattern=pattern_of("imp"), description="The import's id.", examples=[f"imp{EXAMPLE_END}"])
]
CampaignIdPath = Annotated[
    str, Path(pattern=pattern_of("cmp"), description="The campaign's id.", examples=[f"cmp{EXAMPLE_END}"])
]
EnrollmentIdPath = Annotated[
    str, Path(pattern=pattern_of("enr"), description="The enrollment's id.", examples=[f"enr{EXAMPLE_END}"])
]
ApprovalIdPath = Annotated[
    str, Path(pattern=pattern_of("apr"), description="The approval's id.", examples=[f"apr{EXAMPLE_END}"])
]
ConversationIdPath = Annotated[
    str, Path(pattern=pattern_of("cnv"), description="The conversation's id.", examples=[f"cnv{EXAMPLE_END}"])
]
MessageIdPath = Annotated[
    str, Path(pattern=pattern_of("msg"), description="The message's id.", examples=[f"msg{EXAMPLE_END}"])
]
DeliveryIdPath = Annotated[
    str, Path(pattern=pattern_of("whd"), description="The delivery's id.", examples=[f"whd{EXAMPLE_END}"])
]
ReconciliationIdPath = Annotated[
    str,
    Path(pattern=pattern_of("rec"), description="The reconciliation's id.", examples=[f"rec{EXAMPLE_END}"]),
]

LeadId = Annotated[str, StringConstraints(pattern=pattern_of("lead"))]
CampaignId = Annotated[str, StringConstraints(pattern=pattern_of("cmp"))]
CompanyId = Annotated[str, StringConstraints(pattern=pattern_of("com"))]
ImportId = Annotated[str, StringConstraints(pattern=pattern_of("imp"))]
RunId = Annotated[str, StringConstraints(pattern=pattern_of("run"))]
DeliveryId = Annotated[str, StringConstraints(pattern=pattern_of("whd"))]
EnrollmentId = Annotated[str, StringConstraints(pattern=pattern_of("enr"))]

Line = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=2000)]
"""A text of one field."""
Why = Annotated[str, StringConstraints(pattern=r"^[^\x00]*[^\s\x00][^\x00]*$", max_length=500)]
"""A reason: at least one visible character."""


def uuid_in(prefix: str, text: str) -> UUID:
    """The id inside `<prefix>_…`, or the refusal every unknown one gets."""
    found = read_public_id(prefix, text)
    if found is None:
        noun = NOUNS[prefix]
        code = f"{noun}_not_found"
        raise NotFound(code, f"There is no {noun} {text[:40]!r}.", fix=PROBLEMS[code].fix)
    return found


def shown_id(prefix: str, value: UUID | None) -> str | None:
    """The outside form of an id, if there is one."""
    return None if value is None else public_id(prefix, value)
