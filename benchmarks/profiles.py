"""How many full profiles a second one core reads: JSON bytes in, typed objects out.

    python -m benchmarks.profiles [--profiles 50] [--rounds 40]

The payloads are invented, have every section, and are as big as LinkedIn's. Reading is compared in the same
run with `json.loads` alone on the same bytes, because machines differ more than parsers do; of all rounds the
fastest counts, because whatever else the machine does only ever adds time. The last line is JSON.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import time
from collections.abc import Callable

from overture.providers.linkedin_browser.voyager import parse_profile, parse_profile_json

Json = dict[str, object]

TARGET = 4_000  # profiles a second on one core
COLLECTION = "com.linkedin.restli.common.CollectionResponse"
DASH = "com.linkedin.voyager.dash."
WORDS = ("harbour", "tide", "rope", "anchor", "berth", "cargo", "pilot", "beacon", "ledger", "crane", "quay")


class Payload:
    """One invented answer under construction: entities are added, references to them come back."""

    def __init__(self, rng: random.Random, number: int) -> None:
        self.rng = rng
        self.id = f"ACoAAD{number:033d}"
        self.included: list[Json] = []

    def add(self, urn: str, kind: str, **fields: object) -> str:
        """An entity of its own."""
        entity: Json = {
            "entityUrn": urn,
            "$type": DASH + kind,
            "$recipeTypes": [DASH + "deco." + kind + "Full"],
        }
        self.included.append(entity | fields)
        return urn

    def own(self, kind: str, number: int, entity_type: str, **fields: object) -> str:
        """An entity a person wrote."""
        abuse = {"$anti_abuse_uuid": f"{number:032x}"}
        urn = f"urn:li:fsd_{kind}:({self.id},{number})"
        return self.add(urn, "identity.profile." + entity_type, **{"$anti_abuse_metadata": abuse, **fields})

    def collection(self, name: str, urns: list[str]) -> str:
        """A list of entities."""
        paging = {"start": 0, "count": 20, "total": len(urns), "links": [], "$type": COLLECTION + "Metadata"}
        key = "*elements" if urns else "elements"
        urn = f"urn:li:collectionResponse:{self.id}{name}="
        self.included.append({"entityUrn": urn, "paging": paging, key: urns, "$type": COLLECTION})
        return urn

    def words(self, count: int) -> str:
        """Invented text."""
        return " ".join(self.rng.choices(WORDS, k=count))

    def both(self, key: str, count: int) -> Json:
        """A text and its translations, as LinkedIn writes every text twice."""
        text = self.words(count)
        return {key: text, "multiLocale" + key[0].upper() + key[1:]: {"en_US": text}}


def a_payload(rng: random.Random, number: int) -> bytes:
    """A person with six jobs at five employers, three schools, twenty skills and the rest."""
    payload = Payload(rng, number)
    references = {
        "*profilePositionGroups": payload.collection("G", [_group(payload, each) for each in range(5)]),
        "*profileEducations": payload.collection("E", [_education(payload, each) for each in range(3)]),
        "*profileSkills": payload.collection(
            "S", [_named(payload, "skill", each, "Skill") for each in range(20)]
        ),
        "*profileLanguages": payload.collection(
            "L",
            [_named(payload, "profileLanguage", each, "Language", proficiency="NATIVE") for each in range(3)],
        ),
        "*profileCertifications": payload.collection(
            "C", [_certification(payload, each) for each in range(4)]
        ),
        "*profileCourses": payload.collection("X", []),
        "*memberRelationship": _relationship(payload),
    }
    urn = _profile(payload, number, references)
    data = {"paging": {"count": 10, "start": 0, "links": []}, "*elements": [urn], "$type": COLLECTION}
    return json.dumps({"data": data, "included": payload.included}).encode()


def _group(payload: Payload, number: int) -> str:
    company = payload.add(
        f"urn:li:fsd_company:{7000 + number}",
        "organization.Company",
        name=payload.words(2),
        universalName=f"company-{number}",
        url=f"https://www.linkedin.com/company/{number}/",
        industryUrns=["urn:li:fsd_industry:95"],
        industry={"*urn:li:fsd_industry:95": "urn:li:fsd_industry:95"},
        employeeCountRange={"start": 51, "end": 200},
        logo=_picture(),
    )
    jobs = [_position(payload, 10 * number + each, company) for each in range(2 if number == 0 else 1)]
    return payload.own(
        "profilePositionGroup",
        number,
        "PositionGroup",
        **{"companyUrn": company, "*company": company, "dateRange": _dates(number)},
        **payload.both("companyName", 2),
        **{"*profilePositionInPositionGroup": payload.collection(f"P{number}", jobs)},
    )


def _position(payload: Payload, number: int, company: str) -> str:
    texts = payload.both("title", 3) | payload.both("companyName", 2) | payload.both("description", 60)
    place = {
        "locationName": "Gothenburg",
        "geoLocationName": "Gothenburg",
        "shouldShowSourceOfHireBadge": False,
    }
    links = {"*company": company, "companyUrn": company, "dateRange": _dates(number)}
    return payload.own("profilePosition", number, "Position", **texts, **place, **links)


def _dates(number: int) -> Json:
    kind = {"$type": "com.linkedin.common.Date", "$recipeTypes": [DASH + "deco.common.Date"]}
    span: Json = {
        "start": {"year": 2022 - number, "month": 4, **kind},
        "$type": "com.linkedin.common.DateRange",
    }
    return span | ({"end": {"year": 2023 - number, "month": 3, **kind}} if number else {})


def _education(payload: Payload, number: int) -> str:
    name = payload.both("schoolName", 2)
    school = payload.add(
        f"urn:li:fsd_school:{number}", "organization.School", name=name["schoolName"], active=True
    )
    texts = name | payload.both("degreeName", 2) | payload.both("fieldOfStudy", 2)
    nulls = dict.fromkeys(("grade", "activities", "description", "degreeUrn", "standardizedFieldOfStudyUrn"))
    links = {"*school": school, "schoolUrn": school, "dateRange": _dates(number + 8)}
    return payload.own("profileEducation", number, "Education", **texts, **nulls, **links)


def _named(payload: Payload, kind: str, number: int, entity_type: str, **fields: object) -> str:
    return payload.own(kind, number, entity_type, **payload.both("name", 2), **fields)


def _certification(payload: Payload, number: int) -> str:
    texts = payload.both("authority", 2) | payload.both("licenseNumber", 1)
    dates = {"dateRange": _dates(number), "url": "https://example.org/licence"}
    return _named(payload, "profileCertification", number, "Certification", **texts, **dates)


def _relationship(payload: Payload) -> str:
    nothing = {"noInvitation": {"targetInvitee": f"urn:li:fsd_profile:{payload.id}"}}
    apart = {"memberDistance": "DISTANCE_2", "invitationUnion": nothing}
    return payload.add(
        f"urn:li:fsd_memberRelationship:{payload.id}",
        "relationships.MemberRelationship",
        memberRelationshipUnion={"noConnection": apart},
        memberRelationshipData=nothing,
    )


def _picture() -> Json:
    artifacts = [
        {
            "width": width,
            "height": width,
            "expiresAt": 1893456000000,
            "fileIdentifyingUrlPathSegment": f"{width}/0/p",
        }
        for width in (100, 200, 400, 800)
    ]
    return {"vectorImage": {"rootUrl": "https://media.example/", "artifacts": artifacts}}


def _profile(payload: Payload, number: int, references: dict[str, str]) -> str:
    city, country = "urn:li:fsd_geo:70001", "urn:li:fsd_geo:70000"
    payload.add(country, "common.Geo", defaultLocalizedName="Sweden")
    names = {
        "defaultLocalizedName": "Gothenburg, Sweden",
        "defaultLocalizedNameWithoutCountryName": "Gothenburg",
    }
    payload.add(city, "common.Geo", **names, **{"*country": country, "countryUrn": country})
    payload.add("urn:li:fsd_industry:95", "common.Industry", name="Maritime")
    payload.add(f"urn:li:fsd_profile:ACoAAV{number:033d}", "identity.profile.Profile", firstName="Vera")
    texts = payload.both("firstName", 1) | payload.both("lastName", 1) | payload.both("headline", 8)
    nulls = dict.fromkeys(
        ("birthDateOn", "state", "address", "maidenName", "tempStatus", "industryV2Urn", "locationName")
    )
    flags = dict.fromkeys(("premium", "influencer", "creator", "memorialized", "emailRequired"), False)
    place = {"geoLocation": {"*geo": city, "geoUrn": city}, "location": {"countryCode": "se"}}
    locale = {"country": "US", "language": "en"}
    fields = {
        "objectUrn": f"urn:li:member:{number}",
        "publicIdentifier": f"person-{number}",
        "*industry": "urn:li:fsd_industry:95",
        "primaryLocale": locale,
        "supportedLocales": [locale],
        "profilePicture": {"displayImageReference": _picture()},
        "backgroundPicture": {"displayImageReference": _picture()},
    }
    everything: Json = {
        **texts,
        **payload.both("summary", 120),
        **nulls,
        **flags,
        **place,
        **fields,
        **references,
    }
    return payload.add(f"urn:li:fsd_profile:{payload.id}", "identity.profile.Profile", **everything)


def fastest(work: Callable[[], object], rounds: int) -> float:
    """Seconds of processor time of the fastest round."""
    best = float("inf")
    for _ in range(rounds):
        gc.collect()
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="profiles", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--profiles", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=40)
    given = parser.parse_args(argv)
    rng = random.Random(7)
    raws = [a_payload(rng, number) for number in range(given.profiles)]
    trees = [json.loads(raw) for raw in raws]
    first = parse_profile_json(raws[0])
    assert (len(first.positions), len(first.skills), first.missing_sections) == (6, 20, ())
    seconds = {
        "json_loads": fastest(lambda: [json.loads(raw) for raw in raws], given.rounds),
        "bytes_to_profile": fastest(lambda: [parse_profile_json(raw) for raw in raws], given.rounds),
        "tree_to_profile": fastest(lambda: [parse_profile(tree) for tree in trees], given.rounds),
    }
    rates = {f"{name}_per_second": round(given.profiles / took) for name, took in seconds.items()}
    for name, rate in rates.items():
        print(f"{name:32}{rate:>10,}")
    ratio = round(seconds["json_loads"] / seconds["bytes_to_profile"], 3)
    print(f"bytes to profile runs at {ratio} times the speed of json.loads alone; the target is {TARGET:,}/s")
    size = sum(map(len, raws)) // len(raws)
    met = rates["bytes_to_profile_per_second"] >= TARGET
    print(
        json.dumps(
            {"benchmark": "profiles", "bytes": size, **rates, "ratio_to_json_loads": ratio, "met": met}
        )
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
