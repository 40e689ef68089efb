"""Reads what clients send: JSON, forms and multipart forms, however they write lists and nested fields."""

import json
import re
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.policy import HTTP
from typing import Any, Final
from urllib.parse import parse_qsl

from overture_sandbox.unipile.errors import ApiError

Json = dict[str, Any]
KEY: Final = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)\Z")


@dataclass(frozen=True)
class Upload:
    """A file of a multipart form."""

    field: str
    name: str
    mimetype: str
    content: bytes


@dataclass(frozen=True)
class Form:
    """The fields of a request, and its files."""

    fields: Json
    files: tuple[Upload, ...] = ()


def read_form(content_type: str, raw: bytes) -> Form:
    """What a body says; an empty one says nothing, and neither does plain text."""
    if not raw:
        return Form({})
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return _multipart(content_type, raw)
    if kind == "application/x-www-form-urlencoded":
        return Form(nested(parse_qsl(raw.decode(errors="replace"), keep_blank_values=True)))
    if kind == "text/plain":
        return Form({})  # as servers of its kind do: what is not called JSON is not read
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise ApiError("malformed_request", "The body is not valid JSON.") from error
    if not isinstance(body, dict):
        raise ApiError("malformed_request", "The body must be an object.")
    return Form(body)


def nested(pairs: list[tuple[str, str]]) -> Json:
    """Repeated names, `name[]` and `name[0]` become lists, `name[key]` becomes an object."""
    fields: Json = {}
    for name, value in pairs:
        found = KEY.match(name)
        inner = re.findall(r"\[([^\[\]]*)\]", found[2]) if found else []
        _put(fields, [found[1] if found else name, *inner], value)
    return fields


def _put(fields: Json, path: list[str], value: str) -> None:
    key, *rest = path
    if not rest:
        had = fields.get(key)
        if had is None:
            fields[key] = value
        else:
            fields[key] = [*had, value] if isinstance(had, list) else [had, value]
    elif rest[0] == "" or rest[0].isdigit():
        had = fields.get(key, [])
        fields[key] = [*(had if isinstance(had, list) else [had]), value]
    else:
        inner = fields.setdefault(key, {})
        if not isinstance(inner, dict):
            raise ApiError("malformed_request", f"{key} is given as a value and as an object.")
        _put(inner, rest, value)


def _multipart(content_type: str, raw: bytes) -> Form:
    head = BytesHeaderParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n")
    boundary = head.get_boundary()
    if not boundary:
        raise ApiError("malformed_request", "The form has no boundary.")
    pairs: list[tuple[str, str]] = []
    files: list[Upload] = []
    for part in raw.split(b"--" + boundary.encode())[1:-1]:
        text, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = BytesHeaderParser(policy=HTTP).parsebytes(text)
        name = str(headers.get_param("name", "", "content-disposition"))
        content = content.removesuffix(b"\r\n")
        filename = headers.get_filename()
        if filename is None:
            pairs.append((name, content.decode(errors="replace")))
        else:
            files.append(Upload(name.partition("[")[0], filename, headers.get_content_type(), content))
    return Form(nested(pairs), tuple(files))
