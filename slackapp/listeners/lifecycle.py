"""People come, change and go; so does the app itself."""

from datetime import datetime, timedelta
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext

from slackapp.domain.people import read_person
from slackapp.domain.weeks import local_day
from slackapp.store import absences, asks, installations, privacy, queue, teams, workspaces


def register(bolt: AsyncApp) -> None:
    bolt.event("team_join")(person_changed)
    bolt.event("user_change")(person_changed)
    bolt.event("app_uninstalled")(uninstalled)
    bolt.event("tokens_revoked")(tokens_revoked)
    bolt.event("team_access_granted")(access_granted)
    bolt.event("team_access_revoked")(access_revoked)


async def person_changed(event: dict[str, Any], context: AsyncBoltContext) -> None:
    """Slack sends this for every status change; only what concerns us is written."""
    workspace_id = context["workspace_id"]
    person = read_person(event["user"], workspace_id=workspace_id)
    async with context["database"].workspace(workspace_id) as db:
        other = (event["user"].get("enterprise_user") or {}).get("id")
        if other and other != person.user_id:
            # On Enterprise Grid one person has a U… and a W… id; we keep the one that this workspace uses.
            await privacy.merge(db, workspace_id, str(other), person.user_id)
        known = await absences.meet(db, workspace_id, [person], context["now"]())
        today = local_day(context["now"](), known.timezone)
        await teams.follow_slack(db, workspace_id, today, person.user_id)
        await asks.follow_slack(db, workspace_id, [person], context["now"]())


async def uninstalled(context: AsyncBoltContext) -> None:
    workspace_id, ended = context["workspace_id"], _when(context)
    context["arrival"].forget(workspace_id)
    async with context["database"].workspace(workspace_id) as db:
        if await installations.remove(db, workspace_id, ended):
            everywhere = [queue.part_all(workspace_id, ended)] if context.is_enterprise_install else []
            await queue.defer(db, _purge(workspace_id, context), *everywhere)


async def tokens_revoked(event: dict[str, Any], context: AsyncBoltContext) -> None:
    if (event.get("tokens") or {}).get("bot"):
        await uninstalled(context)


async def access_granted(event: dict[str, Any], context: AsyncBoltContext) -> None:
    """An organisation lets us into some of its workspaces; who comes back within the grace finds everything."""
    for workspace_id in event["team_ids"]:
        context["arrival"].forget(workspace_id)
        async with context["database"].workspace(workspace_id) as db:
            zone = context["arrival"].timezone
            if await workspaces.join(
                db, workspace_id, context["workspace_id"], _when(context), timezone=zone
            ):
                await queue.defer(db, queue.sync_directory(workspace_id))


async def access_revoked(event: dict[str, Any], context: AsyncBoltContext) -> None:
    """Its other workspaces go on."""
    for workspace_id in event["team_ids"]:
        context["arrival"].forget(workspace_id)
        async with context["database"].workspace(workspace_id) as db:
            zone = context["arrival"].timezone
            if await workspaces.part(
                db, workspace_id, context["workspace_id"], _when(context), timezone=zone
            ):
                await queue.defer(db, _purge(workspace_id, context))


def _when(context: AsyncBoltContext) -> datetime:
    """The end of the second in which it happened: what we did in that second was before it."""
    now: datetime = context["now"]()
    return min((context["told_at"] or now) + timedelta(seconds=1), now)


def _purge(workspace_id: str, context: AsyncBoltContext) -> queue.Job:
    return queue.purge(workspace_id, context["now"]() + timedelta(days=context["retention"].grace))
