"""Teams: on Home, as a page for those who may see them, and the forms that make and change them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from slack_sdk.models.blocks import (
    CheckboxesElement,
    ConversationFilter,
    ConversationSelectElement,
    InputBlock,
    StaticSelectElement,
    UserMultiSelectElement,
)

from slackapp.blocks.kit import (
    Block,
    Json,
    Message,
    View,
    actions,
    button,
    clipped,
    context,
    divider,
    escape,
    header,
    isolated,
    modal,
    option,
    section,
    text_input,
)
from slackapp.domain.balances import in_squares
from slackapp.domain.people import listed
from slackapp.domain.policies import Policy
from slackapp.domain.teampages import (
    REST,
    GroupFigures,
    TeamPage,
    asks_in_words,
    flow_described,
    groups_in_words,
    helpers_in_words,
    reciprocity_in_words,
    rhythm_described,
    rhythm_in_words,
    squares,
    suggestions,
    weeks_in_words,
)
from slackapp.domain.teams import (
    MOST_MANAGERS,
    MOST_MEMBERS,
    NAME_LIMIT,
    Look,
    Membership,
    OwnTeam,
    Team,
    TeamsOnHome,
)
from slackapp.domain.visibility import TABLE, in_short

MOST_ON_HOME = 4  # teams of each sort; more are a button away
TEAMS_A_PAGE = 15
MOST_FINDINGS = 8


# On Home ----------------------------------------------------------------------------------------------------------


def on_home(found: TeamsOnHome) -> list[Block]:
    """Nothing for people who are on no team, manage none and may make none."""
    notice = found.policy.notice(found.today)
    blocks: list[Block] = [section(notice)] if notice else []
    if found.managed:
        blocks.append(section("*Teams you look after*"))
        blocks += [_managed(team, people) for team, people in found.managed[:MOST_ON_HOME]]
        blocks += _more(len(found.managed), "open_managed_teams")
    if found.mine:
        blocks.append(section("*Teams you are on*"))
        blocks += [block for own in found.mine[:MOST_ON_HOME] for block in _own(own, found)]
        blocks += _more(len(found.mine), "open_my_teams")
        blocks += [_look(look, found.names, found.me) for look in found.looks]
    buttons = []
    if found.mine or found.managed:
        buttons.append(button("Who sees what", "open_who_sees_what"))
    if found.looks:
        buttons.append(button("Who looked", "open_looks"))
    if found.may_make:
        buttons.append(button("Make a team", "open_make_team"))
    if found.may_change_any:
        buttons.append(button("All teams", "open_all_teams"))
    if buttons:
        blocks.append(actions(*buttons))
    return [divider(), *blocks] if blocks else []


def _managed(team: Team, people: int) -> Block:
    return section(
        f"*{_name(team.name)}*\n{_people(people)}",
        button("Open", "open_team", str(team.team_id)),
    )


def _own(own: OwnTeam, found: TeamsOnHome) -> list[Block]:
    others = [user for user in own.team.managers if user != found.me]
    mine = ["you"] if len(others) < len(own.team.managers) else []
    who = _who([*mine, *_names(others, found.names)])
    they = listed(_names(others, found.names))
    nobody = "Its members can open its page, and nobody sees anything of yours."
    sees = f"{they} can see {_seen(found.policy, found.today, shares=own.shares)}"
    action, label = (
        ("unshare_balance", "Stop sharing") if own.shares else ("share_balance", "Share my balance")
    )
    value = str(own.team.team_id)
    share = [button(label, action, value)] if others or own.shares else []
    return [
        section(f"*{_name(own.team.name)}*, looked after by {who}\n{sees if others else nobody}"),
        actions(button("Open the team page", "open_team", value), *share),
    ]


_BY_NAME = "by name some of what is noticed about you: *Who sees what* says which."


def _seen(policy: Policy, today: date, *, shares: bool) -> str:
    if shares:
        return f"your balance and rhythm, and {_BY_NAME}"
    if policy.names(today):
        return f"figures of the whole team, and {_BY_NAME} They cannot see your balance and rhythm."
    if day := policy.will_name(today):
        return f"figures of the whole team, and nothing of yours. From {day:%-d %B} on, they see {_BY_NAME}"
    return "figures of the whole team, and nothing of yours."


def _who(names: Sequence[str]) -> str:
    return listed(names) or "nobody at the moment"


def _names(managers: Sequence[str], names: Mapping[str, str]) -> list[str]:
    more = len(managers) - 3
    shown = [_name(names.get(user, "somebody")) for user in managers[:3]]
    return [*shown, f"{more} more"] if more > 0 else shown


def _look(look: Look, names: Mapping[str, str], me: str) -> Block:
    return context(_look_in_words(look, names, me))


def _look_in_words(look: Look, names: Mapping[str, str], me: str) -> str:
    day = f"<!date^{int(look.at.timestamp())}^{{date_short_pretty}} {{time}}|{look.at:%-d %B}>"
    what = "your shared balance" if look.at_whom else "the team page"
    often = f", {look.times} times that day, last" if look.times > 1 else ","
    who = "You" if look.manager == me else _name(names.get(look.manager, "A manager"))
    return f"{who} looked at {what} of {_name(look.team)}{often} {day}."


LOOKS_A_PAGE = 20


def look_list(looks: Sequence[Look], names: Mapping[str, str], *, me: str, number: int, more: bool) -> View:
    """Every look of a manager at a team this person is on, and at their own balance; the latest first."""
    return modal(
        "look_list",
        "Who looked",
        [
            context(
                "Each look of a manager at a team you are on, while you were on it, and at your own balance."
            ),
            *(section(f"• {_look_in_words(look, names, me)}") for look in looks),
            *([] if looks else [section("Nobody has looked.")]),
            *_turn("turn_looks", number, more),
        ],
        close="Close",
    )


def _name(name: str) -> str:
    return isolated(escape(name))


def _more(count: int, action: str) -> list[Block]:
    if count <= MOST_ON_HOME:
        return []
    return [actions(button(f"All {count}", action, "0"))]


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def team_list(found: TeamsOnHome, *, managed: bool, number: int) -> View:
    """All teams of one sort, a page at a time."""
    rows = (
        [[_managed(team, people)] for team, people in found.managed]
        if managed
        else [_own(own, found) for own in found.mine]
    )
    first, name = number * TEAMS_A_PAGE, "managed_teams" if managed else "my_teams"
    turn = _turn(f"turn_{name}", number, len(rows) > first + TEAMS_A_PAGE)
    return modal(
        "team_list",
        "Your teams",
        [*(block for row in rows[first : first + TEAMS_A_PAGE] for block in row), *turn]
        or [context("You are on no team.")],
        close="Close",
    )


def all_teams(found: Sequence[tuple[Team, int]], names: Mapping[str, str], *, number: int) -> View:
    """For whoever may change any of them, also where nobody is left to look after one: no figures, and nobody's balance."""
    first = number * TEAMS_A_PAGE
    return modal(
        "all_teams",
        "All teams",
        [
            context("You can change any team. Figures of one are there only for those who look after it."),
            *(
                section(
                    f"*{_name(team.name)}*\n{_people(people)}, looked after by {_who(_names(team.managers, names))}",
                    button("Change", "open_change_team", str(team.team_id)),
                )
                for team, people in found[first : first + TEAMS_A_PAGE]
            ),
            *_turn("turn_all_teams", number, len(found) > first + TEAMS_A_PAGE),
        ],
        close="Close",
    )


def _turn(action: str, number: int, more: bool) -> list[Block]:
    buttons = []
    if number:
        buttons.append(button("← Back", f"{action}_back", str(number - 1)))
    if more:
        buttons.append(button("More →", f"{action}_on", str(number + 1)))
    return [actions(*buttons)] if buttons else []


# The page ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pictures:
    """Where Slack finds the pictures: at a link, or among its own files. Without one, the words stand alone."""

    rhythm: Json | None = None
    flow: Json | None = None


def linked(url: str) -> Json:
    return {"image_url": url}


def filed(file_id: str) -> Json:
    return {"slack_file": {"id": file_id}}


#: What Slack says of a page with a picture that it cannot show, or not yet.
PICTURE_REFUSED = {"invalid_arguments", "invalid_blocks"}


def team_page(page: TeamPage, pictures: Pictures = Pictures()) -> View:
    return modal(
        "team_page",
        "Team page",
        [
            header(page.team.name),
            context(_what_is_shown(page)),
            *(_figures(page, pictures) if page.figures else [section(page.hidden or "")]),
            *_noticed(page),
            *(_sharing(page) if page.manages else []),
            divider(),
            context(_who_reads(page)),
            *(
                [actions(button("Change this team", "open_change_team", str(page.team.team_id)))]
                if page.manages
                else []
            ),
        ],
        close="Close",
        private_metadata=json.dumps({"team": str(page.team.team_id)}),
    )


def _what_is_shown(page: TeamPage) -> str:
    said = [_people(page.people)]
    if page.figures:
        said.append(weeks_in_words(page.figures.weeks))
    said.append("every kind of gesture weighs the same")
    if page.waiting:
        weeks = "week waits" if page.waiting == 1 else f"{page.waiting} weeks wait"
        said.append(f"the newest {weeks} until enough people were active for a figure")
    return " · ".join(said)


def _figures(page: TeamPage, pictures: Pictures) -> list[Block]:
    found = page.figures
    assert found is not None
    asks = asks_in_words(found.asks)
    noticed = {*page.counted, *(finding.pattern for finding in page.findings)}
    return [
        section(f"*Does giving come back?*\n{reciprocity_in_words(found)}"),
        section(f"*Is there a rhythm?*\n{rhythm_in_words(found, page.floor)}\n{squares(found, page.floor)}"),
        context(
            f":large_green_square: at least {page.floor} people took part · :small_orange_diamond: a few · "
            ":white_large_square: nobody"
        ),
        *([_image(pictures.rhythm, rhythm_described(found, page.floor))] if pictures.rhythm else []),
        section(f"*On how many does help rest?*\n{helpers_in_words(found)}"),
        *_sub_groups(page),
        *([section(f"*Are asks answered?*\n{asks}")] if asks else []),
        *([_image(pictures.flow, flow_described(page.flow))] if pictures.flow and page.flow else []),
        section(
            "*What to do about it*\n" + "\n".join(f"• {sentence}" for sentence in suggestions(found, noticed))
        ),
    ]


def _sub_groups(page: TeamPage) -> list[Block]:
    figures = page.figures
    found = figures.groups if figures else None
    if figures is None or (found is None and not page.grouped):
        return []
    said = (
        _groups(found, same_weeks=found.weeks == figures.weeks)
        if found
        else f"That can be told once each of them, and the rest together, has at least {page.floor} active people."
    )
    return [section(f"*Do sub-groups help each other?*\n{said}")]


def _groups(found: GroupFigures, *, same_weeks: bool) -> str:
    sizes = [f"the other {size}" if name == REST else f"{_name(name)} ({size})" for name, size in found.sizes]
    when = "" if same_weeks else f", {weeks_in_words(found.weeks)}"
    return f"{listed(sizes)}{when}. {groups_in_words(found)}"


def _image(where: Json, says: str) -> Json:
    return {"type": "image", **where, "alt_text": clipped(says, 2000)}


def _untold(floor: int) -> str:
    """Said whether or not there is anything to count, so that it tells nothing."""
    return (
        "What was noticed about members is not counted here at the moment. It is once a number can point at nobody: "
        f"a few weeks after somebody came or left, and where at least {floor} people could be meant, also when this team "
        "is compared with another."
    )


def _noticed(page: TeamPage) -> list[Block]:
    untold = page.manages and page.figures is not None and not page.counts
    if not page.findings and not page.counted and not untold:
        return []
    more = len(page.findings) - MOST_FINDINGS
    counted = [f"{in_short(pattern)}: {count}, without names" for pattern, count in page.counted.items()]
    return [
        divider(),
        section("*What Mutual noticed*"),
        *(section(finding.sentence) for finding in page.findings[:MOST_FINDINGS]),
        *([context(f"And {more} more.")] if more > 0 else []),
        *([section("\n".join(f"• {line}" for line in counted))] if counted else []),
        *([context(_untold(page.floor))] if untold else []),
    ]


def _sharing(page: TeamPage) -> list[Block]:
    if not page.sharing:
        return [
            divider(),
            section("*Balances shared with you*\nNobody shares theirs at the moment. It is theirs to offer."),
        ]
    return [
        divider(),
        section("*Balances shared with you*"),
        *(
            section(f"*{_name(found.name)}*\n{found.sentence}\n{in_squares(found.gave, found.received)}")
            for found in page.sharing
        ),
        *_turn("turn_team", page.number, page.more_after),
    ]


def _who_reads(page: TeamPage) -> str:
    if page.manages:
        return "Members read on their Home that you looked. Nobody sees who mostly receives, and nobody’s notes are here."
    return (
        "Managers see this too, the balance of those who share it, and what else *Who sees what* on your Home says. "
        "Each look of theirs is told on your Home."
    )


def not_yours() -> View:
    """For somebody who has just left the team, or stopped looking after it."""
    return modal(
        "team_gone",
        "Team page",
        [
            section(
                "This team is no longer yours to see: it was closed, or you are neither on it nor looking after it."
            )
        ],
        close="Close",
    )


def who_sees_what(policy: Policy, today: date) -> View:
    """The table that `visibility` decides by, line by line, under the policy in force."""
    return modal(
        "who_sees_what",
        "Who sees what",
        [
            *(
                section(
                    f"*{line.says}*\nThe person: {line.own} · The other of a pair: {line.other} · "
                    f"Managers: {policy.for_managers(line, today)} · Teammates: {line.member} · Anyone else: {line.anyone}"
                )
                for line in TABLE.values()
            ),
            context(
                f"Figures of a team need at least {policy.floor} active people, and are hidden where comparing two of them "
                "would show what one person did. No manager is shown notes, whatever you share; what was given in a "
                "channel can be read in that channel."
            ),
        ],
        close="Close",
    )


def too_large(team: Team) -> Message:
    """For its managers, when the channel or user group that it follows has outgrown a team."""
    where = "its user group"
    if team.origin.kind == "channel":
        where = f"<#{team.origin.slack_id}>"
    return f"{_name(team.name)} has become too large a team", [
        section(
            f"More than {MOST_MEMBERS} people are in {where} now, and that is the most for a team. So "
            f"*{_name(team.name)}* stays as it was, and follows again once they are fewer.\n"
            "Teams work best when they are the people who really work together: you can close this one, and make one of "
            "a smaller channel or of chosen people."
        ),
        actions(button("Change this team", "open_change_team", str(team.team_id))),
    ]


# Forms ------------------------------------------------------------------------------------------------------------


def make_team(manager: str, policy: Policy, today: date, groups: Sequence[tuple[str, str]] = ()) -> View:
    """`groups`: user groups as (id, name)."""
    return modal(
        "make_team",
        "Make a team",
        [
            text_input(
                "name", "Name", limit=NAME_LIMIT, multiline=False, optional=False, placeholder="Lanterns"
            ),
            context(
                "Who is on it? Fill in *one* of these. A channel or a user group keeps the team in step with itself."
            ),
            _people_input("people", "These people", [], optional=True),
            InputBlock(
                block_id="channel",
                label="Everyone in a channel",
                optional=True,
                element=ConversationSelectElement(
                    action_id="channel",
                    placeholder="Choose a channel",
                    filter=ConversationFilter(include=["public", "private"], exclude_bot_users=True),
                ),
            ),
            *(_group_input(groups) if groups else []),
            _people_input("managers", "Who looks after it?", [manager], optional=False, most=MOST_MANAGERS),
            context(_what_managers_see(policy, today)),
        ],
        submit="Make",
    )


def _what_managers_see(policy: Policy, today: date) -> str:
    figures, named = "They see figures of the whole team", "by name some of what is noticed about one person"
    which = "*Who sees what* on Home says which."
    if policy.names(today):
        return f"{figures}, and {named}: {which} A balance they see only where that person shares it."
    consent = f"{figures}. What concerns one person they see only where that person shares it."
    if day := policy.will_name(today):
        return f"{consent} From {day:%-d %B} on they also see {named}: {which}"
    return consent


def _group_input(groups: Sequence[tuple[str, str]]) -> list[Block]:
    return [
        InputBlock(
            block_id="group",
            label="Everyone in a user group",
            optional=True,
            element=StaticSelectElement(
                action_id="group",
                placeholder="Choose a user group",
                options=[option(name, group_id) for group_id, name in groups[:100]],
            ),
        )
    ]


def _people_input(
    name: str, label: str, chosen: Sequence[str], *, optional: bool, most: int | None = None
) -> InputBlock:
    return InputBlock(
        block_id=name,
        label=label,
        optional=optional,
        element=UserMultiSelectElement(
            action_id=name,
            placeholder="Choose people",
            initial_users=list(chosen) or None,
            max_selected_items=most,
        ),
    )


MOST_PREFILLED = 100  # people a form shows as already chosen


def change_team(team: Team, members: Sequence[Membership]) -> View:
    by_hand = team.origin.kind == "people" and len(members) <= MOST_PREFILLED
    groups: dict[str, list[str]] = {}
    for member in members:
        if member.group:
            groups.setdefault(member.group, []).append(member.person)
    close_it = option("Close this team", "close", "Nobody is on it or sees it any more.")
    return modal(
        "change_team",
        "Change this team",
        [
            text_input("name", "Name", initial=team.name, limit=NAME_LIMIT, multiline=False, optional=False),
            _people_input(
                "managers", "Who looks after it?", team.managers, optional=False, most=MOST_MANAGERS
            ),
            *(
                [_people_input("people", "Who is on it?", [m.person for m in members], optional=False)]
                if by_hand
                else [context(_kept_by(team, len(members)))]
            ),
            divider(),
            context(_groups_in_words(groups)),
            text_input(
                "sub_group",
                "Name of a sub-group",
                limit=NAME_LIMIT,
                multiline=False,
                placeholder="Billing",
                hint="Sub-groups only tell whether help crosses between them. Without a name, the people below leave theirs.",
            ),
            _people_input("in_sub_group", "Who is in it?", [], optional=True),
            divider(),
            InputBlock(
                block_id="close",
                label="End",
                optional=True,
                element=CheckboxesElement(action_id="close", options=[close_it]),
            ),
        ],
        submit="Save",
        private_metadata=json.dumps({"team": str(team.team_id)}),
    )


def _kept_by(team: Team, count: int) -> str:
    if team.origin.kind == "channel":
        return f"{_people(count)}: whoever is in <#{team.origin.slack_id}>."
    if team.origin.kind == "group":
        return f"{_people(count)}: whoever is in <!subteam^{team.origin.slack_id}>."
    return (
        f"{_people(count)}, which is more than this form can hold. To change who is on it, close this team and make one "
        "from a channel: that one keeps itself in step."
    )


def _groups_in_words(groups: Mapping[str, Sequence[str]]) -> str:
    if not groups:
        return "No sub-groups yet."
    said = "; ".join(f"{_name(name)}: {_people(len(people))}" for name, people in sorted(groups.items())[:20])
    return f"Sub-groups: {said}."
