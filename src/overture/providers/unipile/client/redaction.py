"""Secrets kept out of whatever is shown: errors, journals, representations."""

import re
from collections.abc import Mapping
from typing import Final

HIDDEN: Final = "***"
_SECRET_NAME: Final = re.compile(
    r"passw|passphrase|secret|token|cookie|credential|authorization|unipile-auth|api[-_]?key|jsessionid"
    r"|^li_?at?$|^qr_?code$|^code$|^connection_?params$",
    re.IGNORECASE,
)
_HARMLESS_HEADERS: Final = frozenset({"content-type", "accept", "user-agent"})


def is_secret_name(name: str) -> bool:
    """Whether what stands under this name is nobody's business."""
    return bool(_SECRET_NAME.search(name))


def redact(value: object, *secrets: str) -> object:
    """The same value, with secrets replaced wherever they are: by name, and by the given texts."""
    if isinstance(value, str):
        return scrub(value, *secrets)
    if isinstance(value, Mapping):
        if _is_header(value):
            return {**value, "value": HIDDEN}
        return {name: _redacted(name, inner, secrets) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [redact(item, *secrets) for item in value]
    return value


def scrub(text: str, *secrets: str) -> str:
    """A text without these secrets in it."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, HIDDEN)
    return text


def _redacted(name: object, inner: object, secrets: tuple[str, ...]) -> object:
    if inner is None or not is_secret_name(str(name)):
        return redact(inner, *secrets)
    return HIDDEN


def _is_header(value: Mapping[object, object]) -> bool:
    """Whether this is one `{key, value}` header of a webhook that may carry a secret."""
    return "key" in value and "value" in value and str(value["key"]).strip().lower() not in _HARMLESS_HEADERS
