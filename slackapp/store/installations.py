"""What lets us speak in a workspace. Tokens are encrypted here and nowhere in the clear at rest."""

from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.fernet import InvalidToken, MultiFernet
from sqlalchemy import Select, and_, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.store.tables import installations, workspaces


@dataclass(frozen=True, slots=True)
class Installation:
    bot_token: str = field(repr=False)
    bot_id: str
    bot_user_id: str
    scopes: Sequence[str]
    held_by: str | None = None  # the workspace, or its organisation


@dataclass(frozen=True, slots=True)
class Installed:
    """What a workspace is to us."""

    installation: Installation
    emoji: Mapping[str, str]  # what a reaction means there
    former: Mapping[str, str]  # what others meant once: what they gave can be taken back
    timezone: ZoneInfo


class LostKeyError(Exception):
    """The message says whose token it is, and since when: which key that was, only who keeps them can say."""

    def __init__(self, workspace_id: str, token: str) -> None:
        # A Fernet token begins with its version and the second in which it was made.
        made = int.from_bytes(urlsafe_b64decode(token)[1:9], "big")
        super().__init__(
            f"The token of {workspace_id} was encrypted on {datetime.fromtimestamp(made, UTC):%Y-%m-%d} with a key that "
            "is not in MUTUAL_SECRET_KEYS. Add that key after the others."
        )


def _serving(workspace_id: str) -> Select[Any]:
    """The workspace's own first, then its organisation's; with what else `Installed` says, for the same round trip."""
    own = installations.c.workspace_id == workspaces.c.workspace_id
    organisations = and_(
        installations.c.workspace_id == workspaces.c.enterprise_id, workspaces.c.uninstalled_at.is_(None)
    )
    return (
        select(
            installations,
            workspaces.c.emoji,
            workspaces.c.former_emoji,
            workspaces.c.timezone,
            workspaces.c.installed_at.label("joined_at"),
        )
        .select_from(workspaces)
        .join(installations, or_(own, organisations))
        .where(workspaces.c.workspace_id == workspace_id)
        .order_by(own.desc())
        .limit(1)
    )


async def scopes(db: AsyncConnection, workspace_id: str) -> Sequence[str]:
    """What was granted; empty when that is not known."""
    row = (await db.execute(_serving(workspace_id))).one_or_none()
    return row.scopes if row else ()


async def since(db: AsyncConnection, workspace_id: str) -> datetime | None:
    """When what serves this workspace now began to: its own installation, or the organisation's that it was added to."""
    row = (await db.execute(_serving(workspace_id))).one_or_none()
    if row is None:
        return None
    own = row.workspace_id == workspace_id
    began: datetime = row.installed_at if own else max(row.installed_at, row.joined_at)
    return began


async def find(db: AsyncConnection, workspace_id: str, cipher: MultiFernet) -> Installation | None:
    """The workspace's own, or else its organisation's. None: not installed, or not any more.

    Raises LostKeyError.
    """
    found = await installed(db, workspace_id, cipher)
    return found.installation if found else None


async def installed(db: AsyncConnection, workspace_id: str, cipher: MultiFernet) -> Installed | None:
    """The same, with all else that a request needs to know first, in one read."""
    row = (await db.execute(_serving(workspace_id))).one_or_none()
    if row is None:
        return None
    try:
        token = cipher.decrypt(row.bot_token).decode()
    except InvalidToken:
        raise LostKeyError(row.workspace_id, row.bot_token) from None
    installation = Installation(
        bot_token=token,
        bot_id=row.bot_id,
        bot_user_id=row.bot_user_id,
        scopes=row.scopes,
        held_by=row.workspace_id,
    )
    return Installed(installation, row.emoji, row.former_emoji, ZoneInfo(row.timezone))


async def rotate(db: AsyncConnection, workspace_id: str, cipher: MultiFernet) -> int:
    """Encrypt anew with the first key; how many tokens that were. An installation meanwhile waits its turn.

    Raises LostKeyError.
    """
    mine = installations.c.workspace_id == workspace_id
    token = await db.scalar(select(installations.c.bot_token).where(mine).with_for_update())
    if token is None:
        return 0
    try:
        anew = cipher.rotate(token.encode()).decode()
    except InvalidToken:
        raise LostKeyError(workspace_id, token) from None
    await db.execute(update(installations).where(mine).values(bot_token=anew))
    return 1


async def put(
    db: AsyncConnection, workspace_id: str, installation: Installation, cipher: MultiFernet, now: datetime
) -> None:
    """The latest installation wins. The workspace must be there already."""
    values = {
        "bot_token": cipher.encrypt(installation.bot_token.encode()).decode(),
        "bot_id": installation.bot_id,
        "bot_user_id": installation.bot_user_id,
        "scopes": list(installation.scopes),
        "installed_at": now,
    }
    await db.execute(
        insert(installations)
        .values(workspace_id=workspace_id, **values)
        .on_conflict_do_update(index_elements=["workspace_id"], set_=values)
    )


async def remove(db: AsyncConnection, workspace_id: str, at: datetime) -> bool:
    """Forget the token, which ended at `at`, at once. True the first time; the second changes nothing.

    A token that is newer than that stays: Slack may tell late of the one before. So does the workspace while its
    organisation's installation serves it.
    """
    await db.execute(
        delete(installations).where(
            installations.c.workspace_id == workspace_id, installations.c.installed_at <= at
        )
    )
    if (await db.execute(_serving(workspace_id))).first() is not None:
        return False
    changed = await db.execute(
        update(workspaces)
        .where(workspaces.c.workspace_id == workspace_id, workspaces.c.uninstalled_at.is_(None))
        .values(uninstalled_at=at)
    )
    return bool(changed.rowcount)
