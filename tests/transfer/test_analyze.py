"""The command as it is typed: files in, lines and an exit code out."""

import gzip
import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from slackapp.cli import cli
from slackapp.transfer.analyze import columns_of, last_week

MONDAY = datetime(2025, 1, 6, 12)  # noqa: DTZ001
HEADER = "timestamp,giver,receiver,kind,team"


def at(week: int, day: int = 0, hour: int = 0) -> str:
    return (MONDAY + timedelta(weeks=week, days=day, hours=hour)).isoformat()


def one_way(weeks: int = 14, giver: str = "ana", receiver: str = "ben", team: str = "") -> list[str]:
    return [f"{at(week)},{giver},{receiver},kudos,{team}" for week in range(weeks)]


@pytest.fixture
def write(tmp_path: Path):  # type: ignore[no-untyped-def]
    def file(
        lines: list[str], name: str = "gestures.csv", header: str = HEADER, encoding: str = "utf-8"
    ) -> str:
        path = tmp_path / name
        path.write_text("\n".join([header, *lines]) + "\n", encoding)
        return str(path)

    return file


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["analyze", *arguments])


def findings(*arguments: str, code: int = 0) -> list[dict[str, Any]]:
    result = run(*arguments, "--format", "json")
    assert result.exit_code == code, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def changes(*arguments: str) -> list[str]:
    return [
        f"{row['week']} {row['pattern']} {row['state']} {'>'.join(row['subjects'])}"
        for row in findings(*arguments, "--weekly")
        if row["state"] != "stays"
    ]


def test_a_finding_is_one_object_a_line(write) -> None:  # type: ignore[no-untyped-def]
    (row,) = findings(write(one_way(12)))
    assert row == {
        "team": "everyone",
        "week": "2025-03-24",
        "pattern": "one_sided_pair",
        "subjects": ["ana", "ben"],
        "state": "stays",
        "evidence": {
            "since": "2025-03-17",
            "window_weeks": 12,
            "given": 12,
            "received": 0,
            "share": 1.0,
            "low": 0.854943,
            "high": 0.99984,
            "p": 0.00217678,
            "adjusted_p": 0.00217678,
        },
        "sentence": "In the last 12 weeks you did 12 things for ben and ben did none for you."
        " If things were no worse than 3:2, chance would do this about once in 460.",
    }


def test_weekly_says_every_closed_week_as_it_was_said_then(write) -> None:  # type: ignore[no-untyped-def]
    path = write(one_way(14) + one_way(14, "cy", "dan", "other"))
    weekly = findings(path, "--weekly")
    assert {row["week"] for row in weekly} == {"2025-03-17", "2025-03-24", "2025-03-31", "2025-04-07"}
    for sunday, monday in (
        ("2025-03-16", "2025-03-10"),
        ("2025-03-23", "2025-03-17"),
        ("2025-04-13", "2025-04-07"),
    ):
        assert findings(path, "--until", sunday) == [row for row in weekly if row["week"] == monday]


def test_a_week_is_closed_when_its_sunday_is_over(write) -> None:  # type: ignore[no-untyped-def]
    path = write(one_way(14))
    assert findings(path, "--until", "2025-03-22") == []
    assert [row["week"] for row in findings(path, "--until", "2025-03-23")] == ["2025-03-17"]
    assert [row["week"] for row in findings(path, "--until", "2025-03-29")] == ["2025-03-17"]


def test_until_after_the_last_row_lets_silence_speak(write) -> None:  # type: ignore[no-untyped-def]
    lines = [
        f"{at(week)},{one},{other},kudos,"
        for week in range(30)
        for one, other in (("cy", "dan"), ("dan", "cy"))
    ]
    lines += [
        f"{at(week)},{one},{other},kudos,"
        for week in range(14)
        for one, other in (("ana", "ben"), ("ben", "ana"))
    ]
    assert changes(write(lines))[:1] == ["2025-05-05 lost_rhythm_pair entered ana>ben"]


def test_text_is_for_people(write) -> None:  # type: ignore[no-untyped-def]
    result = run(write(one_way(11) + one_way(2, team="small")))
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "everyone, week of 2025-03-17",
        "  new   one sided pair: ana → ben",
        "        to ana: In the last 11 weeks you did 11 things for ben and ben did none for you."
        " If things were no worse than 3:2, chance would do this about once in 280.",
        "  Not enough to say yet: over giver, mostly receiving, unthanked helper, isolated, concentration,"
        " split team.",
        "small, week of 2025-03-17",
        "  Not enough to say yet.",
    ]


def test_refused_rows_are_reported_and_the_rest_goes_on(write) -> None:  # type: ignore[no-untyped-def]
    path = write(["soon,ana,ben,kudos,", *one_way(12), f"{at(3)},ana,ana,kudos,", f"{at(3)},ana,ben,hug,"])
    result = run(path, "--format", "json")
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "gestures.csv, line 2: has the timestamp “soon”, which is neither ISO 8601 nor Unix seconds",
        "gestures.csv, line 15: ana is both giver and receiver",
        "gestures.csv, line 16: has the unknown kind “hug”; kinds are check_in, help, kudos, offer, thanks",
        "3 rows were refused, 12 were used.",
    ]
    assert len(result.stdout.splitlines()) == 1


def test_strict_fails_when_rows_were_refused_after_saying_all_the_same(write) -> None:  # type: ignore[no-untyped-def]
    assert len(findings(write(["soon,ana,ben,kudos,", *one_way(12)]), "--strict", code=1)) == 1
    assert len(findings(write(one_way(12)), "--strict", code=0)) == 1


@pytest.mark.parametrize(
    ("lines", "header", "reason"),
    [
        ([], HEADER, "gestures.csv: no row can be used"),
        (["soon,ana,ben,kudos,"], HEADER, "gestures.csv: no row can be used"),
        (
            ["a;b"],
            "timestamp;giver;receiver",
            "gestures.csv: the cells are separated by semicolons; save the file with commas",
        ),
        (
            ["a,b"],
            "giver,receiver",
            "gestures.csv: the first line has no column timestamp; it has giver, receiver",
        ),
    ],
)
def test_nothing_usable_is_exit_code_2(write, lines: list[str], header: str, reason: str) -> None:  # type: ignore[no-untyped-def]
    result = run(write(lines, header=header))
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == reason
    assert result.stdout == ""


def test_a_file_or_time_zone_that_is_not_there_is_exit_code_2(write) -> None:  # type: ignore[no-untyped-def]
    assert run("nowhere.csv").exit_code == 2
    result = run(write(one_way()), "--timezone", "Mars/Base")
    assert result.exit_code == 2
    assert result.stderr == "There is no time zone “Mars/Base”; one is named like Europe/Paris.\n"


def test_a_binary_file_is_refused_without_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "gestures.csv.gz"
    path.write_bytes(gzip.compress(b"timestamp,giver,receiver\n" * 9))
    result = run(str(path))
    assert result.exit_code == 2
    assert "the first line has no column timestamp" in result.stderr


def test_a_byte_order_mark_and_windows_line_ends_are_fine(write) -> None:  # type: ignore[no-untyped-def]
    lines = [line + "\r" for line in one_way(12)]
    assert len(findings(write(lines, header=HEADER + "\r", encoding="utf-8-sig"))) == 1


def test_days_and_weeks_begin_at_midnight_in_the_time_zone(write) -> None:  # type: ignore[no-untyped-def]
    # 03:30 UTC on Mondays is still Sunday evening in New York, in summer and in winter.
    lines = [f"{at(week, hour=-9)}Z,ana,ben,kudos," for week in range(12)]
    assert findings(write(lines), "--timezone", "UTC")[0]["week"] == "2025-03-24"
    assert findings(write(lines), "--timezone", "America/New_York")[0]["week"] == "2025-03-17"


def test_two_acts_of_one_local_day_are_one_gesture_day_across_midnight_utc(write) -> None:  # type: ignore[no-untyped-def]
    lines = [f"{at(week, hour=hour)}Z,ana,ben,kudos," for week in range(12) for hour in (11, 13)]
    assert findings(write(lines), "--timezone", "UTC")[0]["evidence"]["given"] == 24
    assert findings(write(lines), "--timezone", "America/New_York")[0]["evidence"]["given"] == 12


def test_teams_are_those_of_the_rows(write) -> None:  # type: ignore[no-untyped-def]
    rows = findings(write(one_way(12, team="red") + one_way(12, team="blue")))
    assert [row["team"] for row in rows] == ["blue", "red"]


MEMBERS = "person,team,role,joined,left,group"


def test_members_decide_who_is_on_which_team(write) -> None:  # type: ignore[no-untyped-def]
    members = write(["ana,design,,,,", "ben,design,,,,", "cy,sales,,,,"], "members.csv", MEMBERS)
    path = write(one_way(12) + one_way(12, receiver="cy") + one_way(12, receiver="zed"))
    rows = findings(path, "--members", members)
    assert [(row["team"], row["subjects"]) for row in rows] == [("design", ["ana", "ben"])]


def test_people_on_two_teams_are_counted_where_the_row_says_or_else_on_both(write) -> None:  # type: ignore[no-untyped-def]
    members = write(
        [f"{person},{team},,,," for person in ("ana", "ben") for team in ("red", "blue")], "m.csv", MEMBERS
    )
    assert [row["team"] for row in findings(write(one_way(12)), "--members", members)] == ["blue", "red"]
    assert [row["team"] for row in findings(write(one_way(12, team="red")), "--members", members)] == ["red"]
    assert [row["team"] for row in findings(write(one_way(12, team="chat")), "--members", members)] == [
        "blue",
        "red",
    ]


def test_rows_between_people_who_share_no_team_are_no_evidence(write) -> None:  # type: ignore[no-untyped-def]
    members = write(["ana,red,,,,", "ben,blue,,,,"], "members.csv", MEMBERS)
    result = run(write(one_way(12)), "--members", members)
    assert result.exit_code == 2
    assert result.stderr == "gestures.csv: no row is between two people who share a team in members.csv\n"


def test_a_member_who_never_appears_is_part_of_the_team(write) -> None:  # type: ignore[no-untyped-def]
    people = ["ana", "ben", "cy", "dan"]
    lines = [
        f"{at(week, day)},{a},{b},kudos,"
        for week in range(8)
        for day in (0, 1)
        for a in people
        for b in people
        if a != b
    ]
    members = write([f"{person},design,,,," for person in [*people, "zed"]], "members.csv", MEMBERS)
    assert changes(write(lines), "--members", members)[0].endswith("isolated entered zed")
    away = write(["zed,2025-01-01,"], "away.csv", "person,from,to")
    assert changes(write(lines), "--members", members, "--away", away) == []


def test_a_role_whose_work_is_giving_rests(write) -> None:  # type: ignore[no-untyped-def]
    for role, count in (("on-call", 0), ("mentor", 0), ("support", 0), ("engineer", 1)):
        members = write([f"ana,design,{role},,,", "ben,design,,,,"], "members.csv", MEMBERS)
        assert len(findings(write(one_way(12)), "--members", members)) == count


def test_somebody_who_left_is_no_longer_spoken_of(write) -> None:  # type: ignore[no-untyped-def]
    members = write(["ana,design,,,,", "ben,design,,,2025-03-24,"], "members.csv", MEMBERS)
    assert changes(write(one_way(14)), "--members", members) == [
        "2025-03-17 one_sided_pair entered ana>ben",
        "2025-03-24 one_sided_pair left ana>ben",
    ]


def test_bad_members_and_time_away_are_reported_too(write) -> None:  # type: ignore[no-untyped-def]
    members = write(["ana,design,,,,", "ben,design,,,,", ",design,,,,"], "members.csv", MEMBERS)
    away = write(["ana,soon,"], "away.csv", "person,from,to")
    result = run(write(one_way(12)), "--members", members, "--away", away, "--strict")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[:2] == [
        "members.csv, line 4: has no person",
        "away.csv, line 2: has the timestamp “soon”, which is neither ISO 8601 nor Unix seconds",
    ]


def test_a_thank_you_is_evidence_of_help(write) -> None:  # type: ignore[no-untyped-def]
    assert findings(write([f"{at(week)},ana,ben,thanks," for week in range(20)])) == []


def test_a_file_still_growing_leaves_out_the_open_week(write) -> None:  # type: ignore[no-untyped-def]
    from zoneinfo import ZoneInfo

    columns = columns_of(Path(write(one_way(12))), ZoneInfo("UTC"), lambda path, row: None)
    today = (MONDAY + timedelta(weeks=11, days=2)).date()
    assert last_week(columns, None, today).isoformat() == "2025-03-17"
    assert last_week(columns, None, today + timedelta(days=7)).isoformat() == "2025-03-24"
    assert last_week(columns, today, today).isoformat() == "2025-03-17"


def test_the_command_works_as_it_is_typed(write) -> None:  # type: ignore[no-untyped-def]
    command = [sys.executable, "-m", "slackapp", "analyze", write(one_way(12)), "--format", "json"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout)["subjects"] == ["ana", "ben"]


def test_the_engine_loads_without_the_statistics_of_scipy() -> None:
    check = "import sys, slackapp.domain.patterns; sys.exit('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
