"""Lists that open in a modal from Home and turn in it: one's teams, all teams, and who looked."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.blocks import team as blocks
from slackapp.blocks.kit import View, loading
from slackapp.domain.roles import may
from slackapp.domain.weeks import local_day
from slackapp.listeners.directory import acquainted
from slackapp.store import people, policies, teams

Page = Callable[[AsyncBoltContext, AsyncWebClient, str, int], Awaitable[View]]  # for whom, and which, from 0


def register(bolt: AsyncApp) -> None:
    for name, title, page in (
        ("managed_teams", "Your teams", partial(_own_teams, managed=True)),
        ("my_teams", "Your teams", partial(_own_teams, managed=False)),
        ("all_teams", "All teams", _all_teams),
        ("looks", "Who looked", _looks),
    ):
        _listed(bolt, name, title, page)


def _listed(bolt: AsyncApp, name: str, title: str, page: Page) -> None:
    async def show(
        body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient, view: Any, number: int
    ) -> None:
        shown = await page(context, client, body["user"]["id"], number)
        await client.views_update(view_id=view["id"], hash=view["hash"], view=shown)

    async def open_it(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        opened = await client.views_open(trigger_id=body["trigger_id"], view=loading(title))
        await ack()
        await show(body, context, client, opened["view"], 0)

    async def turn(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        await ack()
        await show(body, context, client, body["view"], int(body["actions"][0]["value"]))

    bolt.action(f"open_{name}")(open_it)
    bolt.action(f"turn_{name}_back")(turn)
    bolt.action(f"turn_{name}_on")(turn)


async def _own_teams(
    context: AsyncBoltContext, client: AsyncWebClient, user: str, number: int, *, managed: bool
) -> View:
    workspace_id = context["workspace_id"]
    async with acquainted(context, client, [user]) as (db, known):
        policy, today = await policies.of(db, workspace_id), local_day(context["now"](), known.timezone)
        found = await teams.on_home(db, workspace_id, known.people[user], policy, today)
    return blocks.team_list(found, managed=managed, number=number)


async def _all_teams(context: AsyncBoltContext, client: AsyncWebClient, user: str, number: int) -> View:
    workspace_id = context["workspace_id"]
    async with acquainted(context, client, [user]) as (db, known):
        if not may(known.people[user], "change_team"):
            return blocks.not_yours()
        found = await teams.every_with_size(db, workspace_id)
        met = await people.known(
            db, workspace_id, {manager for team, _ in found for manager in team.managers}
        )
    names = {
        manager: person.name if person.takes_part else f"{person.name} (no longer here)"
        for manager, person in met.people.items()
    }
    return blocks.all_teams(found, names, number=number)


async def _looks(context: AsyncBoltContext, _client: AsyncWebClient, user: str, number: int) -> View:
    """Only one's own: who asks is who signed in to Slack."""
    workspace_id, most = context["workspace_id"], blocks.LOOKS_A_PAGE
    async with context["database"].workspace(workspace_id) as db:
        found = await teams.looks_at(db, workspace_id, user, most + 1, number * most)
        known = (await people.known(db, workspace_id, {look.manager for look in found})).people
    names = {manager: person.name for manager, person in known.items()}
    return blocks.look_list(found[:most], names, me=user, number=number, more=len(found) > most)
