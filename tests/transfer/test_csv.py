import io
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackapp.domain.gestures import KIND_NAMES
from slackapp.transfer.csv import (
    AwayRow,
    GestureRow,
    HistoryRow,
    MemberRow,
    Refused,
    UnusableFileError,
    history_writer,
    read_away,
    read_gestures,
    read_members,
)

PARIS = ZoneInfo("Europe/Paris")
HEADER = "timestamp,giver,receiver,kind,team,message,source_id\n"


def rows(text: str, tz: ZoneInfo = PARIS) -> list[GestureRow | Refused]:
    return list(read_gestures(io.StringIO(text, newline=""), tz))


def only(text: str) -> GestureRow | Refused:
    (row,) = rows(text)
    return row


def moment(written: str) -> datetime:
    row = only(f"timestamp,giver,receiver\n{written},ana,ben\n")
    assert isinstance(row, GestureRow)
    return row.moment


def test_a_row_holds_all_its_cells() -> None:
    text = HEADER + '2026-03-04T10:00:00+01:00,ana,ben,help,design,"Thanks, ""really""",m1\n'
    noon = datetime(2026, 3, 4, 10, tzinfo=timezone(timedelta(hours=1)))
    assert only(text) == GestureRow(noon, "ana", "ben", "help", "design", 'Thanks, "really"', "m1")


def test_only_time_giver_and_receiver_are_needed() -> None:
    row = only("receiver,timestamp,giver\nben,2026-03-04T10:00:00Z,ana\n")
    assert row == GestureRow(datetime(2026, 3, 4, 10, tzinfo=UTC), "ana", "ben", "kudos", "", "", "")


def test_other_columns_and_case_and_spaces_in_the_header_do_not_matter() -> None:
    row = only("Timestamp, Giver ,RECEIVER,emoji\n2026-03-04, ana ,ben ,taco\n")
    assert row == GestureRow(datetime(2026, 3, 4, tzinfo=PARIS), "ana", "ben")


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-03-04T10:00:00Z", "2026-03-04 10:00"),
        ("2026-03-04T10:00:00-05:00", "2026-03-04 15:00"),
        ("2026-03-04 10:00", "2026-03-04 09:00"),  # no offset: local, in winter
        ("2026-07-04T10:00", "2026-07-04 08:00"),  # and in summer
        ("2026-03-04", "2026-03-03 23:00"),
        ("20260304", "2026-03-03 23:00"),
        ("1772618400", "2026-03-04 10:00"),
        ("1772618400.000200", "2026-03-04 10:00"),
    ],
)
def test_a_timestamp_is_iso_or_unix_seconds(written: str, utc: str) -> None:
    assert moment(written).astimezone(UTC).strftime("%Y-%m-%d %H:%M") == utc


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (",ana,ben,,,,", "has no timestamp"),
        ("soon,ana,ben,,,,", "has the timestamp “soon”, which is neither ISO 8601 nor Unix seconds"),
        (
            "1772618400000,ana,ben,,,,",
            "has the timestamp “1772618400000”, which is neither ISO 8601 nor Unix seconds",
        ),
        ("nan,ana,ben,,,,", "has the timestamp “nan”, which is neither ISO 8601 nor Unix seconds"),
        ("0,ana,ben,,,,", "has the timestamp “0”, which is not between 1971 and 2199"),
        ("2026-03-04,,ben,,,,", "has no giver"),
        ("2026-03-04,ana, ,,,,", "has no receiver"),
        ("2026-03-04,ana,ana,,,,", "ana is both giver and receiver"),
        (
            "2026-03-04,ana,ben,hug,,,",
            "has the unknown kind “hug”; kinds are check_in, help, kudos, offer, thanks",
        ),
        ("2026-03-04,ana,ben", "has 3 cells where the header has 7; text with commas needs quotes"),
        (
            "2026-03-04,ana,ben,,,well done, really,m1",
            "has 8 cells where the header has 7; text with commas needs quotes",
        ),
        ("2026-03-04,an\ufffda,ben,,,,", "has a name that is not UTF-8"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(cells: str, reason: str) -> None:
    assert rows(HEADER + cells + "\n") == [Refused(2, reason)]


def test_refusals_name_the_line_a_row_starts_on_and_the_rest_goes_on() -> None:
    text = HEADER + '2026-03-04,ana,ben,,,"two\nlines",\n\nsoon,ana,ben,,,"a\nb",\n2026-03-05,ana,ben,,,,\n'
    first, bad, last = rows(text)
    assert isinstance(first, GestureRow)
    assert first.message == "two\nlines"
    assert isinstance(bad, Refused)
    assert bad.line == 5
    assert isinstance(last, GestureRow)


def test_windows_line_ends_are_fine() -> None:
    assert (
        len(rows(HEADER.replace("\n", "\r\n") + "2026-03-04,ana,ben,,,,\r\n2026-03-05,ana,ben,,,,\r\n")) == 2
    )


def test_kinds_may_be_written_as_people_write_them() -> None:
    kinds = [
        only(f"timestamp,giver,receiver,kind\n2026-03-04,ana,ben,{kind}\n")
        for kind in ("Check-in", " HELP ", "")
    ]
    assert [kind.kind for kind in kinds if isinstance(kind, GestureRow)] == ["check_in", "help", "kudos"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the file is empty"),
        ("timestamp;giver;receiver\n", "the cells are separated by semicolons; save the file with commas"),
        ("timestamp\tgiver\treceiver\n", "the cells are separated by tabs; save the file with commas"),
        (
            "when,giver,to\n",
            "the first line has no column timestamp and no column receiver; it has when, giver, to",
        ),
    ],
)
def test_a_file_that_cannot_be_used_says_why(text: str, reason: str) -> None:
    with pytest.raises(UnusableFileError, match="^" + reason.replace(";", "\\;") + "$"):
        rows(text)


def test_members_have_dates_roles_and_groups_if_they_are_there() -> None:
    text = (
        "person,team,role,joined,left,group\nana,design,On-Call,2026-01-05,,red\nben,design,,,2026-03-01,\n"
    )
    assert list(read_members(io.StringIO(text), PARIS)) == [
        MemberRow("ana", "design", "on-call", date(2026, 1, 5), None, "red"),
        MemberRow("ben", "design", "", None, date(2026, 3, 1), ""),
    ]
    assert list(read_members(io.StringIO("person,team\nana,design\n"), PARIS)) == [
        MemberRow("ana", "design", "", None, None, "")
    ]
    assert list(read_members(io.StringIO("team,person,sub_group\ndesign,ana,red\n"), PARIS)) == [
        MemberRow("ana", "design", "", None, None, "red")
    ]


def test_members_and_time_away_that_make_no_sense_are_refused() -> None:
    members = "person,team,joined,left\n,design,,\nana,design,2026-03-01,2026-01-01\nben,design,soon,\n"
    assert [row.reason for row in read_members(io.StringIO(members), PARIS) if isinstance(row, Refused)] == [
        "has no person",
        "says that ana left on 2026-01-01, before joining on 2026-03-01",
        "has the timestamp “soon”, which is neither ISO 8601 nor Unix seconds",
    ]
    away = "person,from,to\n,2026-01-01,\nana,,\nana,2026-03-01,2026-01-01\n"
    assert [row.reason for row in read_away(io.StringIO(away), PARIS) if isinstance(row, Refused)] == [
        "has no person",
        "has no first day away",
        "says that ana was away from 2026-03-01 to 2026-01-01, which ends before it starts",
    ]


def test_time_away_without_an_end_lasts_until_further_notice() -> None:
    text = "person,from,to\nana,2026-01-01,2026-01-31\nben,2026-02-01,\n"
    assert list(read_away(io.StringIO(text), PARIS)) == [
        AwayRow("ana", date(2026, 1, 1), date(2026, 1, 31)),
        AwayRow("ben", date(2026, 2, 1), date(9999, 12, 31)),
    ]


TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffd") | st.sampled_from(',"\n;')
)
NAME = st.text(st.characters(categories=["L", "N", "P"]), min_size=1)
MOMENT = st.datetimes(
    datetime(1972, 1, 1),  # noqa: DTZ001
    datetime(2198, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]),
)


@given(
    st.lists(st.builds(GestureRow, MOMENT, NAME, NAME, st.sampled_from(sorted(KIND_NAMES)), NAME, TEXT, TEXT))
)
def test_what_was_written_is_read_again(gestures: list[GestureRow]) -> None:
    gestures = [row for row in gestures if row.giver != row.receiver]
    file = io.StringIO(newline="")
    write = history_writer(file)
    for gesture in gestures:
        write(HistoryRow(gesture))
    file.seek(0)
    assert list(read_gestures(file, PARIS)) == gestures
