"""How much of an address pages show before they know who looks."""


def masked(username: str) -> str:
    """An address as pages show it before they know who looks: `m•••@sandbox.test`."""
    name, _, host = username.partition("@")
    return f"{name[:1]}•••@{host}" if host else f"{name[:1]}•••"
