"""Where a Unipile workspace is reached: every spelling of its DSN, reduced to one origin."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

API_PATH: Final = "/api/v1"
_SCHEME: Final = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_HOST: Final = re.compile(r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", re.IGNORECASE)
_V2_HOST: Final = "api.unipile.com"  # the host of API v2, often mistaken for a default of v1


class BadDsn(ValueError):
    """This text names no Unipile workspace."""


@dataclass(frozen=True)
class Dsn:
    """The origin of one workspace (`https://api6.unipile.com:13670`), without path."""

    scheme: str
    host: str
    port: int | None

    @property
    def origin(self) -> str:
        """Scheme, host and port as a URL without path."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + (f":{self.port}" if self.port else "")

    @property
    def api(self) -> str:
        """What every path of API v1 follows."""
        return self.origin + API_PATH

    @property
    def is_loopback(self) -> bool:
        """Whether it is this very machine (a sandbox)."""
        return is_loopback(self.host)

    def __str__(self) -> str:
        return self.origin


def parse_dsn(text: str) -> Dsn:
    """The workspace a DSN means, with or without scheme, trailing slash or API path; there is no default."""
    bare, scheme = _unscheme(text.strip())
    try:
        parts = urlsplit(f"//{bare}")
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise BadDsn("the DSN's host and port cannot be read") from None
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise BadDsn("a DSN has no user, query or fragment")
    if re.sub(r"/+", "/", parts.path).rstrip("/") not in ("", "/api", API_PATH):
        raise BadDsn("a DSN is a host and a port; its only path may be /api/v1")
    _check_host(host)
    if scheme is None:
        scheme = "http" if is_loopback(host) else "https"
    if scheme == "http" and host.lower().endswith(".unipile.com"):
        raise BadDsn("the API key may not travel to Unipile unencrypted: use https")
    return Dsn(scheme, host, None if port == {"https": 443, "http": 80}[scheme] else port)


def is_loopback(host: str) -> bool:
    """Whether this host name never leaves the machine."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() in ("localhost", "localhost.") or host.lower().endswith(".localhost")


def _unscheme(text: str) -> tuple[str, str | None]:
    """The text without its schemes (people paste `https://https://…`), and the innermost one."""
    scheme = None
    while found := _SCHEME.match(text):
        scheme = found.group().removesuffix("://").lower()
        text = text[found.end() :]
    if scheme not in (None, "http", "https"):
        raise BadDsn("a DSN is reached by https")
    return text, scheme


def _check_host(host: str) -> None:
    if not host:
        raise BadDsn("a DSN is required, as the Unipile dashboard shows it: apiN.unipile.com:PORT")
    if host == _V2_HOST:
        raise BadDsn("api.unipile.com is the host of API v2; API v1 needs the DSN of your workspace")
    if not _HOST.match(host):
        try:
            ipaddress.ip_address(host)
        except ValueError:
            raise BadDsn("the DSN's host is no host name") from None
