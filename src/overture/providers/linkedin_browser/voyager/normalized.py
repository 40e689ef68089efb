"""LinkedIn's normalised JSON: entities in one flat list referring to each other by URN in starred keys."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeAlias, cast

from overture.core.errors import NotPossible, PageChanged
from overture.touchpoints.profile import Company

Entity: TypeAlias = dict[str, object]

_LAST_MOMENT_MS = 4_102_444_800_000  # the year 2100: larger numbers are no time stamps


class _TranslatedKeys(dict[str, str]):
    """The name of a field's translations, spelled once per field."""

    def __missing__(self, key: str) -> str:
        self[key] = "multiLocale" + key[0].upper() + key[1:]
        return self[key]


_TRANSLATED = _TranslatedKeys()


class UnknownShape(PageChanged):
    """The answer is not of a form this parser knows; `path` says where it differs."""

    def __init__(self, what: str, path: str) -> None:
        super().__init__(what, code="unknown_shape", path=path)
        self.message = f"LinkedIn's answer is not as known: {what} (at {path})"
        self.args = (self.message,)
        self.path = path


class ProfileUnavailable(NotPossible):
    """LinkedIn answered properly that there is no such profile, or none this account may see."""

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__("not_found", message, **facts)


def found(value: object) -> str:
    """What a value is, in words a person reading an error understands."""
    match value:
        case None | bool():
            words = {None: "null", True: "true", False: "false"}[value]
        case str():
            words = _found_text(value)
        case list():
            words = f"a list of {len(value)}"
        case dict():
            keys = ", ".join(str(key)[:40] for key in list(value)[:6])
            words = f"an object with {keys}" if keys else "an empty object"
        case _:
            words = "a number" if isinstance(value, (int, float)) else f"a {type(value).__name__}"
    return words


def _found_text(value: str) -> str:
    start = value.lstrip()[:15].lower()
    if start.startswith(("<!doctype", "<html", "<head", "<body")):
        return "an HTML page"
    return f"the text {value[:40]!r}" if value else "an empty text"


def refuse(entity: Entity, key: str, expected: str) -> UnknownShape:
    """The refusal of one field, naming the entity it is on, what was expected and what was found."""
    urn = entity.get("entityUrn")
    path = f"{urn}.{key}" if isinstance(urn, str) else key
    return UnknownShape(f"{key} is {found(entity.get(key))}, not {expected}", path)


def whole(entity: Entity, key: str) -> int | None:
    """A count or a part of a date; null and absent are both None."""
    value = entity.get(key)
    if value is None or type(value) is int:
        return value
    raise refuse(entity, key, "a whole number")


def flag(entity: Entity, key: str) -> bool | None:
    """A mark that is set, not set, or not mentioned."""
    value = entity.get(key)
    if value is None or type(value) is bool:
        return value
    raise refuse(entity, key, "true or false")


def part(entity: Entity, key: str) -> Entity | None:
    """An object inlined in another."""
    value = entity.get(key)
    if value is None or type(value) is dict:
        return value
    raise refuse(entity, key, "an object")


def moment(entity: Entity, key: str) -> datetime | None:
    """A time given in milliseconds since 1970."""
    value = whole(entity, key)
    if value is None:
        return None
    if not 0 <= value < _LAST_MOMENT_MS:
        raise refuse(entity, key, "a time in milliseconds")
    return datetime.fromtimestamp(value / 1000, UTC)


def plain(entity: Entity, key: str) -> str | None:
    """An identifier or a code: text that has no translations."""
    value = entity.get(key)
    if value is None or type(value) is str:
        return value or None
    raise refuse(entity, key, "text")


class Included:
    """The entities of one answer by URN, and what turned out to be missing or cut off while reading them."""

    __slots__ = ("absent", "by_urn", "companies", "locale", "missing", "truncated", "unrecognised")

    def __init__(self, entities: object) -> None:
        if not isinstance(entities, list):
            raise UnknownShape(f"the included entities are {found(entities)}, not a list", "included")
        self.by_urn = _by_urn(entities)
        self.locale: str | None = None
        self.companies: dict[str, Company] = {}
        # Dicts used as ordered sets: the order is that of reading, never that of `included`.
        self.missing: dict[str, None] = {}
        self.absent: dict[str, None] = {}
        self.truncated: dict[str, None] = {}
        self.unrecognised: dict[str, None] = {}

    def text(self, entity: Entity, key: str) -> str | None:
        """What a person wrote, from the plain field or else from its translations."""
        value = entity.get(key)
        if type(value) is str and (stripped := value.strip()):
            return stripped
        if type(value) is dict:
            return plain(value, "text")
        if value is not None and type(value) is not str:
            raise refuse(entity, key, "text")
        translations = entity.get(_TRANSLATED[key])
        return self._translated(entity, key, translations) if translations else None

    def _translated(self, entity: Entity, key: str, translations: object) -> str | None:
        match translations:
            case dict():
                texts = {locale: text for locale, text in translations.items() if locale[:1] != "$"}
            case list():
                texts = {_locale_key(item): item.get("value") for item in translations if type(item) is dict}
            case _:
                raise refuse(entity, _TRANSLATED[key], "translations")
        for locale in (self.locale, "en_US", *texts):
            value = texts.get(locale) if locale else None
            if isinstance(value, str) and value.strip():
                return value.strip()
        return None

    def follow(self, entity: Entity, key: str, section: str) -> Entity | None:
        """The one entity a field refers to: starred, inlined, or by its plain URN twin."""
        promised = value = entity.get("*" + key)
        if value is None:
            value = entity.get(key)
        if value is None:
            value = entity.get(key + "Urn")
        if value is None or type(value) is dict:
            return value
        if type(value) is not str:
            raise refuse(entity, key if promised is None else "*" + key, "a reference")
        target = self.by_urn.get(value)
        # Only a star promises that the entity comes along; a plain URN may stand alone.
        if target is None and promised is not None:
            self.missing[section] = None
        return target

    def collection(self, entity: Entity, key: str, section: str) -> list[Entity]:
        """The entities of a list section in their order; notes when it is absent, missing or cut off."""
        reference = entity.get("*" + key)
        if reference is None:
            reference = entity.get(key)
        match reference:
            case None:
                self.absent[section] = None
                return []
            case list():
                return self._resolve(reference, section)
            case dict():
                return self._elements(reference, section)
            case str():
                body = self.by_urn.get(reference)
                if body is not None:
                    return self._elements(body, section)
                self.missing[section] = None
                return []
        raise refuse(entity, "*" + key if "*" + key in entity else key, "a reference to a list")

    def _elements(self, body: Entity, section: str) -> list[Entity]:
        references = body.get("*elements")
        if references is None:
            references = body.get("elements")
        paging = body.get("paging")
        total = paging.get("total") if type(paging) is dict else None
        if references is None:
            if total != 0:
                self.missing[section] = None
            return []
        if type(references) is not list:
            raise refuse(body, "*elements" if "*elements" in body else "elements", "a list")
        if type(total) is int and total > len(references):
            self.truncated[section] = None
        return self._resolve(references, section)

    def _resolve(self, references: list[object], section: str) -> list[Entity]:
        try:
            return [self.by_urn[reference] for reference in cast("list[str]", references)]
        except (KeyError, TypeError):
            return self._resolve_carefully(references, section)

    def _resolve_carefully(self, references: list[object], section: str) -> list[Entity]:
        entities: list[Entity] = []
        for reference in references:
            if type(reference) is str:
                entity = self.by_urn.get(reference)
                if entity is None:
                    self.missing[section] = None
                else:
                    entities.append(entity)
            elif type(reference) is dict:
                entities.append(reference)
            else:
                raise UnknownShape(f"an element is {found(reference)}, not a reference", section)
        return entities


def urn_of(entity: Entity, key: str) -> str | None:
    """The URN a field refers to, whether or not the entity itself was delivered."""
    for name in ("*" + key, key + "Urn", key):
        value = entity.get(name)
        if type(value) is str:
            return value
        if type(value) is dict:
            return plain(value, "entityUrn")
    return None


def _locale_key(item: Entity) -> str:
    key = item.get("key", item.get("locale"))
    if isinstance(key, dict):
        return locale_name(key) or ""
    return key if isinstance(key, str) else ""


def locale_name(locale: Entity) -> str | None:
    """A locale as `en_US`."""
    language, country = plain(locale, "language"), plain(locale, "country")
    if language is None:
        return None
    return f"{language}_{country}" if country else language


def _by_urn(entities: list[object]) -> dict[str, Entity]:
    try:
        # The usual answer: only objects, all with a URN, none twice. Everything else takes the careful way.
        index = {entity["entityUrn"]: entity for entity in cast("list[dict[str, Any]]", entities)}
    except (KeyError, TypeError):
        return _by_urn_carefully(entities)
    return index if len(index) == len(entities) and None not in index else _by_urn_carefully(entities)


def _by_urn_carefully(entities: list[object]) -> dict[str, Entity]:
    index: dict[str, Entity] = {}
    for position, entity in enumerate(entities):
        if type(entity) is not dict:
            raise UnknownShape(f"an entity is {found(entity)}, not an object", f"included[{position}]")
        urn = entity.get("entityUrn")
        if type(urn) is not str:
            continue
        twin = index.get(urn)
        # The fuller of two entities wins, so that the order of `included` decides nothing.
        if twin is None or (len(entity), repr(entity)) > (len(twin), repr(twin)):
            index[urn] = entity
    return index
