"""Settings: a person's own, and the workspace's for its admins."""

from dataclasses import replace
from datetime import date
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.blocks.kit import loading
from slackapp.blocks.settings import settings_form
from slackapp.domain.emoji import UnreadableEmojiError, meanings, read_field
from slackapp.domain.preferences import WISH_LIMIT, Preferences
from slackapp.domain.roles import may
from slackapp.domain.weeks import is_zone, local_day
from slackapp.listeners.directory import acquainted
from slackapp.listeners.forms import filled
from slackapp.listeners.policies import read_policy
from slackapp.store import absences, people, policies, preferences, queue, workspaces


def register(bolt: AsyncApp) -> None:
    bolt.action("open_settings")(open_settings)
    bolt.view("settings")(settings_sent)


async def open_settings(
    ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
) -> None:
    # The trigger lives three seconds: the modal opens first and is filled when the database has answered.
    opened = await client.views_open(trigger_id=body["trigger_id"], view=loading("Settings"))
    await ack()
    workspace_id, user = context["workspace_id"], body["user"]["id"]
    async with acquainted(context, client, [user]) as (db, known):
        emoji = await workspaces.emoji(db, workspace_id)
        policy = await policies.of(db, workspace_id)
    person = known.people[user]
    await client.views_update(
        view_id=opened["view"]["id"],
        hash=opened["view"]["hash"],
        view=settings_form(
            person,
            today=local_day(context["now"](), known.timezone),
            workspace=(known.timezone.key, emoji) if may(person, "choose_workspace_settings") else None,
            policy=policy,
        ),
    )


async def settings_sent(
    ack: AsyncAck,
    body: dict[str, Any],
    view: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
) -> None:
    workspace_id, user = context["workspace_id"], body["user"]["id"]
    values = filled(view)
    away = values["away_until"].get("selected_date")
    capacity = values["at_capacity_until"].get("selected_date")
    digest = [picked.get("value") for picked in values["digest"]["selected_options"] or ()]
    chosen = Preferences(
        thanked=values["thanked"]["selected_option"]["value"],
        help_me=(values["help_me"]["value"] or "").strip(),
        need_now=(values["need_now"]["value"] or "").strip(),
        digest="digest" in digest,
        away_until=date.fromisoformat(away) if away else None,
        at_capacity_until=date.fromisoformat(capacity) if capacity else None,
        paused=bool(values["paused"]["selected_options"]),
        digest_day=int(values["digest_day"]["selected_option"]["value"]),
        digest_hour=int(values["digest_hour"]["selected_option"]["value"]),
    )
    async with acquainted(context, client, [user]) as (db, known):
        person = known.people[user]
        if "digest_paused" in digest:
            chosen = replace(chosen, digest_paused_until=person.preferences.digest_paused_until)
        # The workspace's part is there for admins only, and counts from nobody else.
        for_all = "timezone" in values and may(person, "choose_workspace_settings")
        errors, timezone, emoji = _workspace(values) if for_all else ({}, None, {})
        if timezone is not None and not (is_zone(timezone) and await workspaces.knows_zone(db, timezone)):
            errors["timezone"] = (
                "I don't know this time zone. Write it like Europe/Berlin or America/New_York."
            )
        today = local_day(context["now"](), known.timezone)
        for block, last_day in (
            ("away_until", chosen.away_until),
            ("at_capacity_until", chosen.at_capacity_until),
        ):
            told_before = getattr(person.preferences, block)
            if last_day is not None and last_day < today and last_day != told_before:
                errors[block] = "That day is over. Choose a later one, or leave it empty."
        for block, wish in (("help_me", chosen.help_me), ("need_now", chosen.need_now)):
            if len(wish) > WISH_LIMIT:
                errors[block] = f"This has {len(wish)} characters; {WISH_LIMIT} is the most."
        before = policy = await policies.of(db, workspace_id)
        if for_all:
            wrong, policy = read_policy(values, before, today)
            errors |= wrong
        if not errors:
            await preferences.put(db, workspace_id, user, chosen)
            await absences.follow(db, workspace_id, person, replace(person, preferences=chosen), today)
            if policy != before:
                await policies.put(db, workspace_id, policy)
                everyone = await people.with_home(db, workspace_id) if policy.naming != before.naming else []
                await queue.defer(db, *queue.refresh_all_homes(workspace_id, everyone))
            if timezone:
                await workspaces.choose(db, workspace_id, emoji=emoji, timezone=timezone)
                context["arrival"].forget(workspace_id)
            await queue.defer(db, queue.refresh_homes(workspace_id, [user]))
    if errors:
        await ack(response_action="errors", errors=errors)
    else:
        await ack()


def _workspace(values: dict[str, Any]) -> tuple[dict[str, str], str | None, dict[str, str]]:
    """Read the admin's part: (errors by block, time zone, emoji meanings)."""
    errors: dict[str, str] = {}
    by_kind: dict[str, tuple[str, ...]] = {}
    for kind in ("kudos", "thanks"):
        try:
            by_kind[kind] = read_field(values[f"emoji_{kind}"]["value"] or "")
            emoji = meanings(by_kind)
        except UnreadableEmojiError as why:
            errors[f"emoji_{kind}"] = str(why)
            by_kind.pop(kind, None)
            emoji = {}
    return errors, values["timezone"]["value"].strip(), emoji
