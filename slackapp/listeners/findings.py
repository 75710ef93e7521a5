"""What people answer to what patterns found about them."""

import json
from datetime import date
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.blocks import findings as blocks
from slackapp.blocks.kit import modal, section
from slackapp.domain.balances import WINDOW_WEEKS
from slackapp.domain.findings import ROLES, evidence
from slackapp.domain.weeks import local_day, recent_weeks
from slackapp.listeners.directory import acquainted
from slackapp.store import findings, gestures, queue
from slackapp.store.findings import Said


def register(bolt: AsyncApp) -> None:
    bolt.action("why_finding")(why)
    bolt.action("expect_finding")(expect)
    bolt.view("expect_finding")(expected)
    bolt.action("remark_finding")(not_helpful)


def _said(about: str) -> tuple[Said, date]:
    named = json.loads(about)
    return Said(named["pattern"], tuple(named["subjects"])), date.fromisoformat(named["since"])


async def why(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
    workspace_id, user = context["workspace_id"], body["user"]["id"]
    said, _ = _said(body["actions"][0]["value"])
    async with acquainted(context, client, [user, *said.subjects]) as (db, known):
        found = await findings.one(db, workspace_id, user, said)
        window = found[0].window if found else WINDOW_WEEKS
        weeks = recent_weeks(context["now"](), known.timezone, window + 1)[
            :-1
        ]  # closed ones, as were counted
        tallies = await gestures.tallies(db, workspace_id, user, weeks[0]) if found else []
        if found:
            # The sentence speaks of one team, so what is drawn does, too.
            mates = await findings.together(db, workspace_id, found[2], {tally.other for tally in tallies})
            tallies = [tally for tally in tallies if tally.other in mates]
    await ack()
    if found is None:
        gone = modal("gone", "Why am I seeing this?", [section("This no longer holds.")], close="Close")
        await client.views_open(trigger_id=body["trigger_id"], view=gone)
        return
    figures, words, _ = found
    names = {person.user_id: person.name for person in known.people.values()}
    seen = evidence(tallies, words, user, weeks)
    await client.views_open(trigger_id=body["trigger_id"], view=blocks.why(figures, words, seen, names))


async def expect(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
    await client.views_open(trigger_id=body["trigger_id"], view=blocks.expected(body["actions"][0]["value"]))
    await ack()


async def expected(
    ack: AsyncAck,
    body: dict[str, Any],
    view: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
) -> None:
    workspace_id, user = context["workspace_id"], body["user"]["id"]
    said, _ = _said(view["private_metadata"])
    role = next(iter(view["state"]["values"]["role"].values()))["selected_option"]["value"]
    async with acquainted(context, client, [user]) as (db, _):
        today = local_day(context["now"](), await findings.timezone(db, workspace_id))
        await findings.expect(db, workspace_id, user, said, role if role in ROLES else "other", today)
        again = await findings.teams_of(db, workspace_id, said)
        week = await findings.through(db, workspace_id)
        jobs = queue.find_patterns_of(workspace_id, again, week) if week else []
        await queue.defer(db, queue.refresh_homes(workspace_id, [user]), *jobs)
    await ack()


async def not_helpful(
    ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
) -> None:
    workspace_id, user = context["workspace_id"], body["user"]["id"]
    said, since = _said(body["actions"][0]["value"])
    async with acquainted(context, client, [user]) as (db, _):
        await findings.remark(db, workspace_id, user, said, since, context["now"]())
        await queue.defer(db, queue.refresh_homes(workspace_id, [user]))
    await ack()
