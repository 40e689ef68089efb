"""The vault: an account's credentials and session, sealed for its row and opened only for a run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts import challenges
from overture.accounts.tables import AccountSecret, LoginChallenge
from overture.core.crypto import KeyRing
from overture.touchpoints import Secrets


@dataclass(frozen=True)
class Vault:
    """Seals and opens with the key ring outside the database."""

    ring: KeyRing

    async def put_credentials(
        self, db: AsyncSession, account_id: UUID, values: Mapping[str, str], now: datetime
    ) -> None:
        """Store credentials in place of any before; the kept session is dropped, it was another login's."""
        row = await self._row(db, account_id, now)
        plain = json.dumps(dict(values)).encode()
        row.credentials = self.ring.seal(plain, place("credentials", account_id)) if values else None
        row.credential_names = sorted(values)
        row.session = None
        row.session_version += 1
        row.updated_at = now

    async def put_session(
        self, db: AsyncSession, account_id: UUID, state: bytes, now: datetime, *, opened_with: int
    ) -> None:
        """Store the session a run left, unless the account was given other credentials meanwhile."""
        row = await self._row(db, account_id, now)
        if row.session_version != opened_with:
            return
        row.session = self.ring.seal(state, place("session", account_id))
        row.session_version += 1
        row.updated_at = now

    async def replace_session(
        self, db: AsyncSession, account_id: UUID, state: bytes | None, now: datetime
    ) -> None:
        """Store the session a person brought, or none; open seats and running attempts keep out of it."""
        row = await self._row(db, account_id, now)
        row.session = self.ring.seal(state, place("session", account_id)) if state is not None else None
        row.session_version += 1
        row.updated_at = now

    async def open(self, db: AsyncSession, account_id: UUID) -> Secrets:
        """What the account logs in with, in the clear, for one run."""
        row = await db.get(AccountSecret, account_id)
        return self.unseal(row) if row is not None else Secrets()

    def unseal(self, row: AccountSecret) -> Secrets:
        """The secrets of a row in the clear."""
        account_id = row.account_id
        values: dict[str, str] = {}
        if row.credentials is not None:
            values = json.loads(self.ring.open(row.credentials, place("credentials", account_id)))
        session = (
            self.ring.open(row.session, place("session", account_id)) if row.session is not None else None
        )
        return Secrets(values, session, row.session_version)

    async def reseal_all(self, db: AsyncSession) -> int:
        """Seal everything anew with the newest key; returns how many values moved."""
        moved = 0
        for row in await db.scalars(select(AccountSecret).with_for_update()):
            for column in ("credentials", "session"):
                sealed: bytes | None = getattr(row, column)
                if sealed is None or self.ring.is_newest(sealed):
                    continue
                where = place(column, row.account_id)
                setattr(row, column, self.ring.seal(self.ring.open(sealed, where), where))
                moved += 1
        return moved + await self._reseal_answers(db)

    async def forget(self, db: AsyncSession, account_id: UUID, now: datetime) -> None:
        """Remove every secret of an account."""
        await db.execute(
            update(AccountSecret)
            .where(AccountSecret.account_id == account_id)
            .values(credentials=None, credential_names=[], session=None, updated_at=now)
        )
        await challenges.close(db, account_id, "expired", now)

    async def _reseal_answers(self, db: AsyncSession) -> int:
        """The same for answers that wait to be tried."""
        moved = 0
        query = select(LoginChallenge).where(LoginChallenge.answer.is_not(None)).with_for_update()
        for asked in await db.scalars(query):
            if asked.answer is None or self.ring.is_newest(asked.answer):
                continue
            where = challenges.place(asked)
            asked.answer = self.ring.seal(self.ring.open(asked.answer, where), where)
            moved += 1
        return moved

    async def _row(self, db: AsyncSession, account_id: UUID, now: datetime) -> AccountSecret:
        row = await db.get(AccountSecret, account_id, with_for_update=True)
        if row is None:
            row = AccountSecret(
                account_id=account_id,
                credentials=None,
                credential_names=[],
                session=None,
                session_version=0,
                updated_at=now,
            )
            db.add(row)
        return row


def place(column: str, account_id: UUID) -> str:
    """The place a value is sealed for."""
    return f"account_secrets.{column}:{account_id}"
