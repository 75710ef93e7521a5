"""Teams: made and changed by those who may, shared with by their members, looked at by their managers."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.blocks import team as blocks
from slackapp.blocks.kit import loading
from slackapp.domain.policies import Policy
from slackapp.domain.roles import may
from slackapp.domain.teampages import TeamPage, pictures_of
from slackapp.domain.teams import (
    MOST_MEMBERS,
    NotATeam,
    Origin,
    Team,
    check_named,
    check_sub_group,
    checked_name,
    checked_sub_group,
    choose_managers,
    choose_members,
    one_origin,
)
from slackapp.domain.weeks import local_day
from slackapp.listeners.answers import show
from slackapp.listeners.directory import acquainted, members_of
from slackapp.listeners.forms import filled
from slackapp.store import findings, people, pictures, policies, queue, teampages, teams

#: Fixed for good: ids made from it are stored.
_NAMESPACE = UUID("4c1c8a0e-93c7-4d3a-8a39-7465616d7321")


def register(bolt: AsyncApp) -> None:
    bolt.action("open_make_team")(open_make_team)
    bolt.view("make_team")(make_team_sent)
    bolt.action("open_change_team")(open_change_team)
    bolt.view("change_team")(change_team_sent)
    bolt.action("share_balance")(share_balance)
    bolt.action("unshare_balance")(share_balance)
    bolt.action("open_team")(open_team)
    bolt.action("turn_team_back")(turn_team)
    bolt.action("turn_team_on")(turn_team)
    bolt.action("open_who_sees_what")(open_who_sees_what)
    bolt.event("member_left_channel")(member_left)
    bolt.event("subteam_updated")(group_changed)


# Making and changing ----------------------------------------------------------------------------------------------


async def open_make_team(
    ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
) -> None:
    opened = await client.views_open(trigger_id=body["trigger_id"], view=loading("Make a team"))
    await ack()
    policy, today = await _in_force(context)
    await client.views_update(
        view_id=opened["view"]["id"],
        hash=opened["view"]["hash"],
        view=blocks.make_team(body["user"]["id"], policy, today, await _groups(client)),
    )


async def _in_force(context: AsyncBoltContext) -> tuple[Policy, date]:
    """What the workspace decided, and which day it is there."""
    async with context["database"].workspace(context["workspace_id"]) as db:
        policy = await policies.of(db, context["workspace_id"])
        zone = (await people.known(db, context["workspace_id"], [])).timezone
    return policy, local_day(context["now"](), zone)


async def _groups(client: AsyncWebClient) -> list[tuple[str, str]]:
    """User groups, where the workspace has them and lets us know."""
    try:
        found = await client.usergroups_list()
    except SlackApiError:
        return []
    return sorted(
        ((group["id"], group["name"]) for group in found["usergroups"]), key=lambda group: group[1].lower()
    )


async def make_team_sent(
    ack: AsyncAck,
    body: dict[str, Any],
    view: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
) -> None:
    workspace_id, maker, now = context["workspace_id"], body["user"]["id"], context["now"]()
    values = filled(view)
    try:
        name = checked_name(values["name"]["value"])
    except NotATeam as why:
        await ack(response_action="errors", errors={"name": str(why)})
        return
    field = "people"
    try:
        origin = one_origin(
            values["people"].get("selected_users") or [],
            values["channel"].get("selected_conversation"),
            (values.get("group", {}).get("selected_option") or {}).get("value"),
        )
        field = origin.kind
        named = await _members(client, maker, origin, values["people"].get("selected_users") or [])
        managers = values["managers"]["selected_users"]
        async with acquainted(context, client, [maker, *managers, *named]) as (db, known):
            policy = await policies.of(db, workspace_id)
            manages = bool(await teams.managed_by(db, workspace_id, maker))
            if maker not in known.people or not may(
                known.people[maker], "make_team", policy=policy, manages=manages
            ):
                raise NotATeam("Teams are made by others here. An admin can change that in Settings.")
            if origin.kind == "people":
                check_named(named, known.people, "teams are")
            members = choose_members(named, known.people)
            field = "managers"
            check_named(managers, known.people, "looking after a team is")
            chosen = choose_managers(managers, known.people)
            team = Team(uuid5(_NAMESPACE, f"{workspace_id}|{view['id']}"), name, origin, tuple(chosen))
            today = local_day(now, known.timezone)
            await teams.make(db, workspace_id, team, now)
            await teams.keep(db, workspace_id, team.team_id, members, today)
            await findings.look_again(db, workspace_id, [team.team_id], [maker, *chosen, *members])
    except NotATeam as why:
        await ack(response_action="errors", errors={field: str(why)})
        return
    await ack()


async def _members(client: AsyncWebClient, maker: str, origin: Origin, chosen: Sequence[str]) -> list[str]:
    """Raises NotATeam for a channel that we or the maker cannot look into, and for one with too many people."""
    if origin.kind == "people":
        return list(chosen)
    assert origin.slack_id is not None
    if origin.kind == "group":
        return await members_of(client, [origin.slack_id])
    unseen = NotATeam("I cannot see who is in that channel. Invite me with /invite @Mutual, and try again.")
    try:
        page = await client.conversations_members(channel=origin.slack_id, limit=1000)
        # Slack's menu shows them no other, but what was sent need not come from it.
        if maker not in page["members"]:
            channel = (await client.conversations_info(channel=origin.slack_id))["channel"]
            if channel.get("is_private") or channel.get("is_im") or channel.get("is_mpim"):
                raise unseen
    except SlackApiError as refused:
        if refused.response["error"] in {"channel_not_found", "not_in_channel", "fetch_members_failed"}:
            raise unseen from None
        raise
    members: list[str] = page["members"]
    if (page.get("response_metadata") or {}).get("next_cursor"):
        raise NotATeam(
            f"More than 1,000 people are in that channel, and {MOST_MEMBERS} is the most for a team."
        )
    return members


async def open_change_team(
    ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
) -> None:
    """From the team's page, from an admin's list of all teams, or from a message about the team."""
    opened = await show(body, client, loading("Change this team"))
    await ack()
    workspace_id, team_id = context["workspace_id"], UUID(body["actions"][0]["value"])
    async with acquainted(context, client, [body["user"]["id"]]) as (db, known):
        team = await teams.find(db, workspace_id, team_id)
        members = await teams.members(db, workspace_id, team_id)
    allowed = team is not None and may(known.people[body["user"]["id"]], "change_team", team=team)
    await client.views_update(
        view_id=opened["id"],
        hash=opened["hash"],
        view=blocks.change_team(team, members) if team and allowed else blocks.not_yours(),
    )


async def change_team_sent(
    ack: AsyncAck,
    body: dict[str, Any],
    view: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
) -> None:
    workspace_id, who, now = context["workspace_id"], body["user"]["id"], context["now"]()
    values = filled(view)
    team_id = UUID(json.loads(view["private_metadata"])["team"])
    chosen = values.get("people", {}).get("selected_users")
    grouped = values["in_sub_group"].get("selected_users") or []
    field = "name"
    try:
        name = checked_name(values["name"]["value"])
        managers = values["managers"]["selected_users"]
        async with acquainted(context, client, [who, *managers, *(chosen or []), *grouped]) as (db, known):
            team = await teams.find(db, workspace_id, team_id)
            if team is None or not may(known.people[who], "change_team", team=team):
                raise NotATeam("This team is no longer yours to change.")
            today = local_day(now, known.timezone)
            before = [member.person for member in await teams.members(db, workspace_id, team_id)]
            field = "managers"
            check_named(managers, known.people, "looking after a team is")
            looking_after = choose_managers(managers, known.people)
            await teams.change(db, workspace_id, team_id, name=name, managers=looking_after)
            if chosen is not None:
                field = "people"
                check_named(chosen, known.people, "teams are")
                await teams.keep(db, workspace_id, team_id, choose_members(chosen, known.people), today)
            field = "sub_group"
            sub_group = checked_sub_group(values["sub_group"]["value"])
            field = "in_sub_group"
            check_sub_group(sub_group, grouped, before if chosen is None else chosen, known.people)
            await teams.group(db, workspace_id, team_id, sub_group, grouped)
            concerned = {who, *before, *(chosen or []), *team.managers, *looking_after}
            if values["close"].get("selected_options"):
                await teams.close(db, workspace_id, team_id, now, today)
                homes = queue.refresh_all_homes(workspace_id, sorted(concerned))
                await queue.defer(db, queue.find_patterns(workspace_id, again=True), *homes)
            else:
                await findings.look_again(db, workspace_id, [team_id], concerned)
    except NotATeam as why:
        await ack(response_action="errors", errors={field: str(why)})
        return
    await ack(response_action="clear")


# Members ----------------------------------------------------------------------------------------------------------


async def share_balance(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Only one's own, and only while on the team."""
    workspace_id, user, action = context["workspace_id"], body["user"]["id"], body["actions"][0]
    shares = action["action_id"] == "share_balance"
    async with context["database"].workspace(workspace_id) as db:
        await teams.share(db, workspace_id, UUID(action["value"]), user, shares=shares)
        await queue.defer(db, queue.refresh_homes(workspace_id, [user]))
        if not shares:
            await pictures.withdraw(db, workspace_id, [user])
            await queue.defer(db, queue.remove_pictures(workspace_id))
    await ack()


async def member_joined(event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
    workspace_id = context["workspace_id"]
    async with context["database"].workspace(workspace_id) as db:
        kept = await teams.kept_by(db, workspace_id, event["channel"])
    if not kept:
        return
    async with acquainted(context, client, [event["user"]]) as (db, known):
        today = local_day(context["now"](), known.timezone)
        joined = await teams.join(db, workspace_id, [team.team_id for team in kept], [event["user"]], today)
        if joined:
            await findings.look_again(db, workspace_id, [team.team_id for team in kept], joined)


async def member_left(event: dict[str, Any], context: AsyncBoltContext) -> None:
    workspace_id = context["workspace_id"]
    async with context["database"].workspace(workspace_id) as db:
        kept = await teams.kept_by(db, workspace_id, event["channel"])
        if kept:
            zone = (await people.known(db, workspace_id, [])).timezone
            today = local_day(context["now"](), zone)
            await teams.leave(db, workspace_id, event["user"], today, [team.team_id for team in kept])
            await findings.look_again(db, workspace_id, [team.team_id for team in kept], [event["user"]])


async def group_changed(event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
    """Slack sends the whole group each time; a large one is left to the nightly sync."""
    workspace_id, group = context["workspace_id"], event["subteam"]
    members = group.get("users")
    async with context["database"].workspace(workspace_id) as db:
        kept = await teams.kept_by(db, workspace_id, group["id"])
        if kept and members is None:
            await queue.defer(db, queue.sync_teams(workspace_id))
    if not kept or members is None:
        return
    async with acquainted(context, client, members) as (db, known):
        today = local_day(context["now"](), known.timezone)
        for team in kept:
            changed = await teams.keep(db, workspace_id, team.team_id, members, today)
            if changed:
                await findings.look_again(db, workspace_id, [team.team_id], changed)
            elif changed is None:
                # The group has outgrown a team, which the sync tells the managers.
                await queue.defer(db, queue.sync_teams(workspace_id))


# Looking ----------------------------------------------------------------------------------------------------------


async def open_team(
    ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
) -> None:
    """From Home, from a list of teams, or from a digest."""
    opened = await show(body, client, loading("Team page"))
    await ack()
    await _show(body, context, client, opened, UUID(body["actions"][0]["value"]), 0)


async def turn_team(
    ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
) -> None:
    await ack()
    team_id = UUID(json.loads(body["view"]["private_metadata"])["team"])
    await _show(body, context, client, body["view"], team_id, int(body["actions"][0]["value"]))


async def _show(
    body: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
    view: dict[str, Any],
    team_id: UUID,
    number: int,
) -> None:
    workspace_id, viewer = context["workspace_id"], body["user"]["id"]
    async with context["database"].workspace(workspace_id) as db:
        team = await teams.find(db, workspace_id, team_id)
        policy = await policies.of(db, workspace_id)
        page = (
            await teampages.read(db, workspace_id, team, viewer, policy, context["now"](), number)
            if team
            else None
        )
        found = await _pictures(db, context, page) if page else {}
    if page is None:
        await client.views_update(view_id=view["id"], hash=view["hash"], view=blocks.not_yours())
        return
    shown = blocks.Pictures(**found)
    try:
        updated = await client.views_update(
            view_id=view["id"], hash=view["hash"], view=blocks.team_page(page, shown)
        )
    except SlackApiError as refused:
        if not found or refused.response["error"] not in blocks.PICTURE_REFUSED:
            raise
        # Somebody deleted the file in Slack: the words stand alone until it is there again.
        async with context["database"].workspace(workspace_id) as db:
            for shows in pictures_of(page).values():
                await pictures.uploaded(db, workspace_id, pictures.name_of(shows), None)
        updated = await client.views_update(
            view_id=view["id"], hash=view["hash"], view=blocks.team_page(page)
        )
        found = {}
    if context.get("links") is None and found.keys() != pictures_of(page).keys():
        async with context["database"].workspace(workspace_id) as db:
            fresh = updated["view"]
            await queue.defer(
                db,
                queue.show_pictures(workspace_id, team_id, viewer, fresh["id"], fresh["hash"], page.number),
            )


async def _pictures(db: Any, context: AsyncBoltContext, page: TeamPage) -> dict[str, Any]:
    """Where Slack finds those it can find now. At a link they are drawn when somebody fetches them; files are uploaded
    by a job.
    """
    links, workspace_id, now = context.get("links"), context["workspace_id"], context["now"]()
    ids = {
        name: await pictures.put(db, workspace_id, shows, now) for name, shows in pictures_of(page).items()
    }
    if links is not None:
        return {name: blocks.linked(links.to(workspace_id, picture)) for name, picture in ids.items()}
    files = await pictures.files(db, workspace_id, ids.values())
    return {name: blocks.filed(files[picture]) for name, picture in ids.items() if picture in files}


async def open_who_sees_what(
    ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
) -> None:
    policy, today = await _in_force(context)
    await client.views_open(trigger_id=body["trigger_id"], view=blocks.who_sees_what(policy, today))
    await ack()
