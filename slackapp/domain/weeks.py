"""Weeks run Monday to Monday in a time zone: open until they are over, then closed."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

WEEK = timedelta(weeks=1)


def is_zone(name: str) -> bool:
    """Whether it is the name of a time zone everywhere: `localtime`, `posix/…` and `right/…` are files of some machines."""
    return name != "localtime" and name in available_timezones()


def local_day(moment: datetime, tz: ZoneInfo) -> date:
    return moment.astimezone(tz).date()


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def open_week(now: datetime, tz: ZoneInfo) -> date:
    """The Monday of the week that is not over yet."""
    return monday_of(local_day(now, tz))


def last_closed_week(now: datetime, tz: ZoneInfo) -> date:
    return open_week(now, tz) - WEEK


def recent_weeks(now: datetime, tz: ZoneInfo, count: int) -> tuple[date, ...]:
    """The Mondays of the last `count` weeks, oldest first; the open week is the last."""
    latest = open_week(now, tz)
    return tuple(latest - WEEK * back for back in range(count - 1, -1, -1))
