"""Meeting people: a transaction in which everyone named is known, as far as Slack knows them."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncConnection

from slackapp.domain.people import Person, read_person
from slackapp.store import absences, people
from slackapp.store.database import Database
from slackapp.store.people import Known

MOST_LOOKED_UP = 40  # at once, while somebody waits for an answer; the directory brings the others


class NotMet(Exception):  # noqa: N818 - it names the situation, and its message is read by people
    """Slack does not show us the person who acts, so there is nobody to record anything of."""

    def __init__(self) -> None:
        super().__init__("I can't see your profile in this workspace, so nothing was recorded.")


@asynccontextmanager
async def acquainted(
    context: AsyncBoltContext, client: AsyncWebClient, user_ids: Iterable[str]
) -> AsyncIterator[tuple[AsyncConnection, Known]]:
    """A transaction in the workspace, and everyone among `user_ids` who exists.

    Whoever we have not met is looked up in Slack first, with no transaction open meanwhile.
    Raises NotMet when that finds nobody behind the one who acts; of the others, who is missing is just not there.
    """
    database: Database = context["database"]
    workspace_id = context["workspace_id"]
    asked = list(dict.fromkeys(user_ids))
    async with database.asking(workspace_id, people.known_among(workspace_id, asked)) as (db, rows):
        known = people.read_known(rows)
        missing = [user for user in asked if user not in known.people]
        if not missing:
            yield db, known
            return
    looked_up = await asyncio.gather(
        *(_look_up(client, user, workspace_id) for user in missing[:MOST_LOOKED_UP])
    )
    met = [person for person in looked_up if person]
    async with database.workspace(workspace_id) as db:
        await absences.meet(db, workspace_id, met, context["now"]())
        known = await people.known(db, workspace_id, asked)
        if context.user_id in asked and context.user_id not in known.people:
            raise NotMet
        yield db, known


async def _look_up(client: AsyncWebClient, user_id: str, workspace_id: str) -> Person | None:
    try:
        found = await client.users_info(user=user_id)
    except SlackApiError as refused:
        if refused.response["error"] in {"user_not_found", "user_not_visible"}:
            return None
        raise
    return read_person(found["user"], workspace_id=workspace_id)


async def members_of(client: AsyncWebClient, groups: Sequence[str]) -> list[str]:
    """Everyone in these user groups. A group that is gone, or that we may not look into, has nobody in it."""
    members: list[str] = []
    for group in groups:
        try:
            members += (await client.usergroups_users_list(usergroup=group))["users"]
        except SlackApiError as refused:
            if refused.response["error"] not in {"no_such_subteam", "subteam_disabled", "missing_scope"}:
                raise
    return list(dict.fromkeys(members))


async def person_of(db: AsyncConnection, workspace_id: str, user: str | None) -> Person:
    """Somebody we know, to say their name; nobody in particular where they are not known."""
    known = (await people.known(db, workspace_id, [user] if user else [])).people
    return known.get(user or "") or Person(user or "", "Somebody")
