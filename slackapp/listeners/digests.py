"""The buttons of a digest, and its preview."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.blocks import digest as blocks
from slackapp.blocks.kit import View, loading, modal
from slackapp.blocks.kudos import kudos_form
from slackapp.domain.digests import PAUSE, zone_of
from slackapp.domain.people import Person
from slackapp.domain.weeks import local_day
from slackapp.listeners.answers import show, tell
from slackapp.listeners.directory import acquainted
from slackapp.listeners.kudos import show_wishes
from slackapp.store import digests, preferences


def register(bolt: AsyncApp) -> None:
    bolt.action("digest_thank")(thank)
    bolt.action("digest_pause")(pause)
    bolt.action("digest_stop")(stop)
    bolt.action("preview_digest")(preview)


async def thank(
    ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
) -> None:
    """The form, with the person already chosen; for their eyes only, unless the giver decides otherwise."""
    helper, _, day = body["actions"][0]["value"].partition(" ")

    def form(wishes: Sequence[Person] = ()) -> View:
        return kudos_form(people=[helper], helped=(helper, date.fromisoformat(day)), wishes=wishes)

    opened = await show(body, client, form())
    await ack()
    await show_wishes([helper], opened, form, context, client)


async def pause(
    ack: AsyncAck,
    body: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
    respond: AsyncRespond,
) -> None:
    workspace_id, user = context["workspace_id"], body["user"]["id"]
    async with acquainted(context, client, [user]) as (db, known):
        zone = zone_of(known.people[user].timezone, known.timezone)
        until = local_day(context["now"](), zone) + PAUSE
        paused = await preferences.pause_digest(db, workspace_id, user, until)
    await ack()
    answer = blocks.paused(f"{until:%-d %B}") if paused else blocks.stopped_already()
    await tell(body, client, respond, *answer)


async def stop(
    ack: AsyncAck,
    body: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
    respond: AsyncRespond,
) -> None:
    workspace_id, user = context["workspace_id"], body["user"]["id"]
    async with acquainted(context, client, [user]) as (db, _):
        await preferences.stop_digest(db, workspace_id, user)
    await ack()
    await tell(body, client, respond, *blocks.stopped())


async def preview(
    ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
) -> None:
    """What would come today, whatever the day and the hour. Nothing is sent or marked."""
    workspace_id, user = context["workspace_id"], body["user"]["id"]
    opened = await show(body, client, loading("Your digest"))
    await ack()
    async with acquainted(context, client, [user]) as (db, _):
        facts = await digests.facts(db, workspace_id, user, context["now"]())
    message = blocks.digest(replace(facts, preview=True)) if facts else None
    await client.views_update(
        view_id=opened["id"],
        hash=opened["hash"],
        view=modal(
            "digest_preview", "Your digest", message[1] if message else blocks.nothing_to_say(), close="Close"
        ),
    )
