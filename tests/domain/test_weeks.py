"""Weeks, days and the clocks that change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from slackapp.domain.weeks import last_closed_week, local_day, monday_of, open_week, recent_weeks

BERLIN, NEW_YORK, KIRITIMATI = (
    ZoneInfo("Europe/Berlin"),
    ZoneInfo("America/New_York"),
    ZoneInfo("Pacific/Kiritimati"),
)


@pytest.mark.parametrize(
    ("moment", "tz", "monday"),
    [
        (datetime(2026, 3, 8, 22, 59, tzinfo=UTC), BERLIN, date(2026, 3, 2)),
        (datetime(2026, 3, 8, 23, 0, tzinfo=UTC), BERLIN, date(2026, 3, 9)),
        (
            datetime(2026, 3, 9, 3, 59, tzinfo=UTC),
            NEW_YORK,
            date(2026, 3, 2),
        ),  # clocks went forward that Sunday
        (datetime(2026, 3, 9, 4, 0, tzinfo=UTC), NEW_YORK, date(2026, 3, 9)),
        (datetime(2026, 3, 8, 10, 0, tzinfo=UTC), KIRITIMATI, date(2026, 3, 9)),
    ],
)
def test_a_week_begins_on_monday_where_the_workspace_is(moment: datetime, tz: ZoneInfo, monday: date) -> None:
    assert open_week(moment, tz) == monday
    assert last_closed_week(moment, tz) == monday - timedelta(weeks=1)


def test_recent_weeks_end_with_the_open_one() -> None:
    weeks = recent_weeks(datetime(2026, 3, 4, tzinfo=UTC), BERLIN, 3)
    assert weeks == (date(2026, 2, 16), date(2026, 2, 23), date(2026, 3, 2))


def test_a_monday_is_its_own_monday() -> None:
    assert monday_of(date(2026, 3, 2)) == date(2026, 3, 2)
    assert monday_of(date(2026, 3, 8)) == date(2026, 3, 2)


def test_the_local_day_is_where_the_people_are() -> None:
    assert local_day(datetime(2026, 3, 4, 23, 30, tzinfo=UTC), BERLIN) == date(2026, 3, 5)
