"""The stores of messages this installation can read; a new provider with one is one line here."""

from collections.abc import Callable, Mapping
from typing import Final

from overture.accounts import Account
from overture.entrypoints.bootstrap import App
from overture.inbox import MessageStore, NotSetUp
from overture.inbox.unipile_store import UnipileStore
from overture.providers.unipile.provider import Unipile


def of_unipile(app: App, account: Account) -> MessageStore:
    """Unipile's store of an account that is connected there."""
    provider = app.providers.get(Unipile.name)
    if not isinstance(provider, Unipile):
        raise NotSetUp("provider")
    if provider.lacks is not None:
        raise NotSetUp(provider.lacks)
    if account.external_id is None:
        raise NotSetUp("external_id")
    workspace = provider.workspace
    return UnipileStore(workspace.client, account.external_id, app.now, lambda: workspace.times.skew)


WITH_STORE: Final[Mapping[str, Callable[[App, Account], MessageStore]]] = {Unipile.name: of_unipile}


def store_of(app: App, account: Account) -> MessageStore | None:
    """The account's store; None where its provider has none. Raises `NotSetUp`."""
    opened = WITH_STORE.get(account.provider)
    return opened(app, account) if opened is not None else None


def readable(app: App) -> list[str]:
    """The providers whose stores can be read now."""
    found = app.providers.get(Unipile.name)
    return [Unipile.name] if isinstance(found, Unipile) and found.lacks is None else []
