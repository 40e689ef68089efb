"""Whether a delivery comes from Unipile: by the secret it was told, in constant time; without one, never."""

from datetime import datetime
from typing import Final

from starlette.datastructures import Headers

from overture.core.errors import Unauthorized, Unavailable
from overture.core.settings import Settings
from overture.entrypoints.api.catalogue import PROBLEMS
from overture.providers.unipile.client import has_secret, is_signed_legacy, is_signed_v2

LEGACY_HEADER: Final = "X-Unipile-Signature"
V2_HEADER: Final = "unipile-signature"


def secret_of(settings: Settings) -> str:
    """The secret, or the refusal of everything while there is none."""
    found = settings.unipile_webhook_secret
    if found is None or not found.get_secret_value():
        entry = PROBLEMS["webhook_secret_unset"]
        raise Unavailable("webhook_secret_unset", entry.meaning, fix=entry.fix)
    return found.get_secret_value()


def refuse_early(settings: Settings, headers: Headers) -> None:
    """Refuse what the headers alone give away, before its body is read."""
    secret = secret_of(settings)
    if settings.unipile_webhook_auth == "header":
        check(is_good=has_secret(headers.get(settings.unipile_webhook_header), secret))


def refuse_unsigned(settings: Settings, headers: Headers, body: bytes, now: datetime) -> None:
    """Refuse a body that is not signed, where signatures are what counts."""
    secret = secret_of(settings)
    match settings.unipile_webhook_auth:
        case "legacy_hmac":
            check(is_good=is_signed_legacy(headers.get(LEGACY_HEADER), body, secret))
        case "v2":
            check(is_good=is_signed_v2(headers.get(V2_HEADER), body, secret, now))


def check(*, is_good: bool) -> None:
    """Raise the refusal, unless all is well."""
    if not is_good:
        entry = PROBLEMS["webhook_signature_invalid"]
        raise Unauthorized("webhook_signature_invalid", entry.meaning, fix=entry.fix)
