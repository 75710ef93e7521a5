"""States of installations under way: each is worth one answer, to whoever comes first."""

import hashlib
from datetime import datetime

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.store.tables import install_states

#: Nobody knows yet which workspace it will be, so states live in one of their own.
NOWHERE = "install"


async def begin(db: AsyncConnection, state: str, *, expires_at: datetime, now: datetime) -> None:
    """Remember a state, and forget those whose time is over. Only a digest is kept."""
    await db.execute(
        delete(install_states).where(
            install_states.c.workspace_id == NOWHERE, install_states.c.expires_at <= now
        )
    )
    await db.execute(
        insert(install_states).values(workspace_id=NOWHERE, state=_digest(state), expires_at=expires_at)
    )


async def use(db: AsyncConnection, state: str, now: datetime) -> bool:
    """Whether it was good. Of several at once, one is told so."""
    used = await db.execute(
        delete(install_states)
        .where(
            install_states.c.workspace_id == NOWHERE,
            install_states.c.state == _digest(state),
        )
        .returning(install_states.c.expires_at)
    )
    expires_at = used.scalar_one_or_none()
    return expires_at is not None and expires_at > now


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode("utf-8", "replace")).hexdigest()
