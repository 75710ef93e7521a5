"""Reading what an admin decided for the whole workspace."""

from datetime import date
from typing import Any

from slackapp.domain.policies import Policy, named_from
from slackapp.domain.visibility import FLOOR


def read_policy(values: dict[str, Any], before: Policy, today: date) -> tuple[dict[str, str], Policy]:
    """(errors by block, policy)."""
    errors: dict[str, str] = {}
    typed = (values["floor"]["value"] or "").strip()
    floor = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 0
    if floor < FLOOR:
        errors["floor"] = (
            f"A whole number, {FLOOR} or more: with fewer people, figures would be about somebody in particular."
        )
    announce = values["announce"]["selected_option"]["value"]
    kudos_channel = values["kudos_channel"].get("selected_channel")
    if announce == "channel" and not kudos_channel:
        errors["kudos_channel"] = "Choose the channel in which all kudos are posted, and invite Mutual to it."
    naming = values["naming"]["selected_option"]["value"]
    return errors, Policy(
        team_makers=values["team_makers"]["selected_option"]["value"],
        naming=naming,
        named_from=named_from(before, naming, today),
        floor=max(floor, FLOOR),
        announce=announce,
        kudos_channel=kudos_channel,
        in_general=bool(values["in_general"].get("selected_options")),
        celebrate_channel=values["celebrate_channel"].get("selected_channel"),
    )
