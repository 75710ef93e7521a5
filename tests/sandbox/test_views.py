"""Modals and Home: triggers, the stack, hashes, and what submitting does."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackapp.sandbox import AppFailed, Sandbox
from slackapp.sandbox.validation import size

from .conftest import App
from .test_bolt import HOME, MODAL
from .test_browser import sent
from .test_web_api import refusal


async def trigger(sandbox: Sandbox, app: App) -> str:
    await sandbox.shortcut("ana", "give_kudos")
    return str(sent(app)["trigger_id"])


async def test_a_trigger_opens_one_modal(sandbox: Sandbox, app: App, client: AsyncWebClient) -> None:
    wanted = await trigger(sandbox, app)
    opened = await client.views_open(trigger_id=wanted, view=MODAL)
    view = opened["view"]
    assert (view["callback_id"], view["private_metadata"], view["state"]) == (
        "kudos",
        "from the test",
        {"values": {}},
    )
    assert view["root_view_id"] == view["id"]
    modal = sandbox.modal("ana")
    assert modal
    assert modal["id"] == view["id"]
    assert await refusal(client.views_open(trigger_id=wanted, view=MODAL)) == "exchanged_trigger_id"


async def test_a_trigger_lives_three_seconds(sandbox: Sandbox, app: App, client: AsyncWebClient) -> None:
    wanted = await trigger(sandbox, app)
    sandbox.clock.advance(3.1)
    assert await refusal(client.views_open(trigger_id=wanted, view=MODAL)) == "expired_trigger_id"
    assert await refusal(client.views_open(trigger_id="made up", view=MODAL)) == "invalid_trigger_id"
    assert await refusal(client.api_call("views.open", json={"view": MODAL})) == "invalid_arguments"


async def test_a_trigger_does_not_age_faster_when_time_does(
    sandbox: Sandbox, app: App, client: AsyncWebClient
) -> None:
    sandbox.clock.speed = 100_000
    wanted = await trigger(sandbox, app)
    assert (await client.views_open(trigger_id=wanted, view=MODAL))["ok"]


async def test_a_refused_view_leaves_the_trigger_unused(
    sandbox: Sandbox, app: App, client: AsyncWebClient
) -> None:
    wanted = await trigger(sandbox, app)
    broken = {**MODAL, "title": {"type": "plain_text", "text": "x" * 25}}
    with pytest.raises(SlackApiError) as refused:
        await client.views_open(trigger_id=wanted, view=broken)
    assert refused.value.response["error"] == "invalid_arguments"
    assert refused.value.response["response_metadata"]["messages"] == [
        "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
    ]
    assert (await client.views_open(trigger_id=wanted, view=MODAL))["ok"]


async def test_modals_stack_three_high(sandbox: Sandbox, app: App, client: AsyncWebClient) -> None:
    first = (await client.views_open(trigger_id=await trigger(sandbox, app), view=MODAL))["view"]
    second = (await client.views_push(trigger_id=await trigger(sandbox, app), view=MODAL))["view"]
    assert (second["previous_view_id"], second["root_view_id"]) == (first["id"], first["id"])
    await client.views_push(trigger_id=await trigger(sandbox, app), view=MODAL)
    fourth = client.views_push(trigger_id=await trigger(sandbox, app), view=MODAL)
    assert await refusal(fourth) == "push_limit_reached"
    await sandbox.close("ana", sandbox.modals("ana")[-1]["id"])
    modal = sandbox.modal("ana")
    assert modal
    assert modal["id"] == second["id"]
    await sandbox.close("ana", second["id"], clear=True)
    assert sandbox.modals("ana") == []
    assert (sent(app)["type"], sent(app)["is_cleared"]) == ("view_closed", True)


async def test_an_update_needs_the_right_hash_and_an_open_view(
    sandbox: Sandbox, app: App, client: AsyncWebClient
) -> None:
    named = {**MODAL, "external_id": "mine"}
    opened = (await client.views_open(trigger_id=await trigger(sandbox, app), view=named))["view"]
    changed = await client.views_update(view_id=opened["id"], hash=opened["hash"], view=named)
    assert changed["view"]["hash"] != opened["hash"]
    stale = client.views_update(view_id=opened["id"], hash=opened["hash"], view=named)
    assert await refusal(stale) == "hash_conflict"
    assert (await client.views_update(external_id="mine", view=named))["ok"]
    twice = client.views_push(trigger_id=await trigger(sandbox, app), view=named)
    assert await refusal(twice) == "duplicate_external_id"
    await sandbox.close("ana", opened["id"])
    assert await refusal(client.views_update(view_id=opened["id"], view=named)) == "not_found"


async def test_home_keeps_its_id_and_conflicts_on_an_old_hash(
    sandbox: Sandbox, client: AsyncWebClient
) -> None:
    ana = sandbox.workspace.user("ana").id
    first = (await client.views_publish(user_id=ana, view=HOME))["view"]
    second = (await client.views_publish(user_id=ana, view=HOME, hash=first["hash"]))["view"]
    assert second["id"] == first["id"]
    conflict = client.views_publish(user_id=ana, view=HOME, hash=first["hash"])
    assert await refusal(conflict) == "hash_conflict"
    assert (await client.views_publish(user_id=ana, view=HOME))["ok"]
    assert await refusal(client.views_publish(user_id="U000", view=HOME)) == "invalid_arguments"
    assert await refusal(client.views_publish(user_id=ana, view=MODAL)) == "invalid_arguments"


async def test_a_view_beyond_250_kilobytes_is_too_large(sandbox: Sandbox, client: AsyncWebClient) -> None:
    ana = sandbox.workspace.user("ana").id
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}
    large = {"type": "home", "blocks": [block] * 85}
    assert await refusal(client.views_publish(user_id=ana, view=large)) == "view_too_large"
    sized = {"type": "home", "blocks": [block] * 81, "private_metadata": ""}
    room = 250_000 - size(sized)
    assert 0 < room < 3000
    sized["private_metadata"] = "x" * room
    assert (await client.views_publish(user_id=ana, view=sized))["ok"]
    sized["private_metadata"] = "x" * (room + 1)
    assert await refusal(client.views_publish(user_id=ana, view=sized)) == "view_too_large"
    many = {"type": "home", "blocks": [{"type": "divider"}] * 101}
    assert await refusal(client.views_publish(user_id=ana, view=many)) == "invalid_arguments"


async def opened(sandbox: Sandbox, app: App, client: AsyncWebClient, view: Any = MODAL) -> Any:
    return (await client.views_open(trigger_id=await trigger(sandbox, app), view=view))["view"]


FILLED = {"people": ["U1"], "text": "Great"}


async def test_what_slack_itself_asks_for_is_not_sent(
    sandbox: Sandbox, app: App, client: AsyncWebClient
) -> None:
    modal = await opened(sandbox, app, client)
    count = len(app.received)
    assert set(await sandbox.submit("ana", modal["id"], {})) == {"who", "note"}
    long = await sandbox.submit("ana", modal["id"], {"people": ["U1"], "text": "x" * 51})
    assert long == {"note": "This field must be 50 characters or less."}
    assert len(app.received) == count


async def test_answers_to_a_submission(sandbox: Sandbox, app: App, client: AsyncWebClient) -> None:
    modal = await opened(sandbox, app, client)
    app.answers = [
        {"response_action": "errors", "errors": {"note": "Say more."}},
        {"response_action": "update", "view": {**MODAL, "callback_id": "second"}},
        {"response_action": "push", "view": {**MODAL, "callback_id": "third"}},
        {"response_action": "clear"},
    ]
    assert await sandbox.submit("ana", modal["id"], FILLED) == {"note": "Say more."}
    assert await sandbox.submit("ana", modal["id"], FILLED) == {}
    assert [v["callback_id"] for v in sandbox.modals("ana")] == ["second"]
    assert await sandbox.submit("ana", modal["id"]) == {}, "typed input stays when its ids stay"
    assert [v["callback_id"] for v in sandbox.modals("ana")] == ["second", "third"]
    assert await sandbox.submit("ana", sandbox.modals("ana")[-1]["id"], FILLED) == {}
    assert sandbox.modals("ana") == []


async def test_a_plain_answer_closes_only_the_top_modal(
    sandbox: Sandbox, app: App, client: AsyncWebClient
) -> None:
    first = await opened(sandbox, app, client)
    second = (await client.views_push(trigger_id=await trigger(sandbox, app), view=MODAL))["view"]
    await sandbox.submit("ana", second["id"], FILLED)
    assert [v["id"] for v in sandbox.modals("ana")] == [first["id"]]


@pytest.mark.parametrize(
    "answer",
    [
        500,
        "not json",
        {"response_action": "errors", "errors": {"no_such_block": "x"}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "nonsense"},
    ],
)
async def test_nonsense_leaves_the_modal_open_with_trouble(
    sandbox: Sandbox, app: App, client: AsyncWebClient, answer: Any
) -> None:
    modal = await opened(sandbox, app, client)
    app.answers = [answer]
    with pytest.raises(AppFailed):
        await sandbox.submit("ana", modal["id"], FILLED)
    assert sandbox.modal("ana") is not None


async def test_plain_values_become_state_by_the_elements_type(
    sandbox: Sandbox, app: App, client: AsyncWebClient
) -> None:
    options = [{"text": {"type": "plain_text", "text": name}, "value": name} for name in ("a", "b", "c")]

    def asking(block_id: str, **element: Any) -> dict[str, Any]:
        label = {"type": "plain_text", "text": block_id}
        return {
            "type": "input",
            "block_id": block_id,
            "label": label,
            "optional": True,
            "element": {**element, "action_id": f"{block_id}_action"},
        }

    view = {
        **MODAL,
        "blocks": [
            asking("select", type="static_select", options=options, initial_option=options[0]),
            asking("boxes", type="checkboxes", options=options),
            asking("radio", type="radio_buttons", options=options),
            asking("user", type="users_select"),
            asking("channel", type="conversations_select", response_url_enabled=True),
            asking("day", type="datepicker"),
            asking("number", type="number_input", is_decimal_allowed=False),
        ],
    }
    modal = await opened(sandbox, app, client, view)
    general = sandbox.workspace.channel("general").id
    assert await sandbox.submit("ana", modal["id"], {"number_action": "x"}) == {
        "number": "This field must be a number."
    }
    values = {"boxes_action": ["a", "c"], "radio_action": "b", "user_action": "U1", "channel_action": general}
    await sandbox.submit(
        "ana", modal["id"], {**values, "day": {"day_action": "2026-11-23"}, "number_action": 7}
    )
    state = sent(app)["view"]["state"]["values"]
    assert {block: next(iter(held.values())) for block, held in state.items()} == {
        "select": {"type": "static_select", "selected_option": options[0]},
        "boxes": {"type": "checkboxes", "selected_options": [options[0], options[2]]},
        "radio": {"type": "radio_buttons", "selected_option": options[1]},
        "user": {"type": "users_select", "selected_user": "U1"},
        "channel": {"type": "conversations_select", "selected_conversation": general},
        "day": {"type": "datepicker", "selected_date": "2026-11-23"},
        "number": {"type": "number_input", "value": "7"},
    }
    assert sent(app)["response_urls"][0]["channel_id"] == general
    again = await opened(sandbox, app, client, view)
    with pytest.raises(ValueError, match="does not offer"):
        await sandbox.submit("ana", again["id"], {"radio_action": "z"})


async def test_an_action_on_home_carries_view_hash_and_state(
    sandbox: Sandbox, app: App, client: AsyncWebClient
) -> None:
    ana = sandbox.workspace.user("ana").id
    options = [{"text": {"type": "plain_text", "text": name}, "value": name} for name in ("a", "b")]
    menu = {"type": "static_select", "action_id": "menu", "options": options}
    view = {
        "type": "home",
        "blocks": [*HOME["blocks"], {"type": "actions", "block_id": "m", "elements": [menu]}],
    }
    published = (await client.views_publish(user_id=ana, view=view))["view"]
    await sandbox.press("ana", published, "menu", selected="b")
    payload = sent(app)
    assert payload["container"] == {"type": "view", "view_id": published["id"]}
    assert payload["view"]["hash"] == published["hash"]
    assert payload["view"]["state"]["values"]["m"]["menu"]["selected_option"] == options[1]
    assert payload["actions"][0]["selected_option"] == options[1]
    assert "response_url" not in payload
    with pytest.raises(LookupError, match="No element nothing"):
        await sandbox.press("ana", published, "nothing")
    with pytest.raises(LookupError):
        await sandbox.press("ben", published, "menu", selected="b")


async def test_a_modal_opened_while_submitting_is_never_seen(
    sandbox: Sandbox, app: App, client: AsyncWebClient
) -> None:
    modal = await opened(sandbox, app, client)
    await sandbox.submit("ana", modal["id"], FILLED)
    said = await client.views_open(trigger_id=sent(app)["trigger_id"], view=MODAL)
    assert said["ok"]
    assert sandbox.modal("ana") is None


async def test_a_menu_can_ask_the_app_for_its_options(
    sandbox: Sandbox, app: App, client: AsyncWebClient
) -> None:
    menu = {"type": "external_select", "action_id": "team", "min_query_length": 1}
    label = {"type": "plain_text", "text": "Team"}
    view = {**MODAL, "blocks": [{"type": "input", "block_id": "b", "label": label, "element": menu}]}
    modal = await opened(sandbox, app, client, view)
    found = {"text": {"type": "plain_text", "text": "Harbour"}, "value": "7"}
    app.answers = [{"options": [found]}]
    assert await sandbox.suggest("ana", modal, "team", "har") == [found]
    assert (sent(app)["type"], sent(app)["value"]) == ("block_suggestion", "har")
    await sandbox.submit("ana", modal["id"], {"team": found})
    assert sent(app)["view"]["state"]["values"]["b"]["team"]["selected_option"] == found


async def test_typed_input_is_gone_with_its_block(sandbox: Sandbox, app: App, client: AsyncWebClient) -> None:
    modal = await opened(sandbox, app, client)
    app.answers = [{"response_action": "errors", "errors": {"note": "Say more."}}]
    await sandbox.submit("ana", modal["id"], FILLED)
    blocks: Any = MODAL["blocks"]
    who, note = blocks
    await client.views_update(
        view_id=modal["id"], view={**MODAL, "blocks": [who, {**note, "block_id": "other"}]}
    )
    await client.views_update(view_id=modal["id"], view=MODAL)
    assert set(await sandbox.submit("ana", modal["id"])) == {"note"}
