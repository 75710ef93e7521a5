"""The tables. Every key begins with `workspace_id`; row-level security lets a transaction see one workspace only.

`tests/store/test_tenancy.py` walks the catalogue and fails for a table that breaks this.
"""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)


def _moment(name: str, *, nullable: bool = True, default_now: bool = False) -> Column[object]:
    return Column(
        name,
        DateTime(timezone=True),
        nullable=nullable and not default_now,
        server_default=func.now() if default_now else None,
    )


workspaces = Table(
    "workspaces",
    metadata,
    Column("workspace_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("timezone", Text, nullable=False, server_default="UTC"),  # weeks close in this zone
    Column("emoji", JSONB, nullable=False),  # {"raised_hands": "kudos", …}: what a reaction means here
    # The same of those before; they may mean something again.
    Column("former_emoji", JSONB, nullable=False, server_default=text("'{}'")),
    _moment("installed_at", default_now=True),
    _moment("uninstalled_at"),
    Column("patterns_week", Date),  # the last closed week patterns were looked for in
    Column("enterprise_id", Text),  # its organisation on Enterprise Grid, whose installation serves it too
    Column(
        "is_organisation", Boolean, nullable=False, server_default=text("false")
    ),  # holds an installation only
    PrimaryKeyConstraint("workspace_id"),
)

installations = Table(
    "installations",
    metadata,
    Column("workspace_id", Text, nullable=False),
    Column("bot_token", Text, nullable=False),  # encrypted; see store/installations.py
    Column("bot_id", Text, nullable=False),
    Column("bot_user_id", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    _moment("installed_at", default_now=True),
    PrimaryKeyConstraint("workspace_id"),
    ForeignKeyConstraint(["workspace_id"], ["workspaces.workspace_id"], ondelete="CASCADE"),
)

install_states = Table(
    "install_states",
    metadata,
    Column("workspace_id", Text, nullable=False),  # see store/installing.py
    Column("state", Text, nullable=False),
    _moment("expires_at", nullable=False),
    PrimaryKeyConstraint("workspace_id", "state"),
)

#: `Person.takes_part`, asked of rows of people.
TAKES_PART = "NOT (is_bot OR is_stranger OR is_deactivated)"

people = Table(
    "people",
    metadata,
    Column("workspace_id", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("timezone", Text, nullable=False, server_default="UTC"),
    Column("is_admin", Boolean, nullable=False, server_default=text("false")),
    Column("is_bot", Boolean, nullable=False, server_default=text("false")),
    Column("is_stranger", Boolean, nullable=False, server_default=text("false")),  # of another organisation
    Column("is_deactivated", Boolean, nullable=False, server_default=text("false")),
    Column("on_vacation", Boolean, nullable=False, server_default=text("false")),  # their status says so
    Column(
        "is_guest", Boolean, nullable=False, server_default=text("false")
    ),  # sees only channels they are in
    _moment("home_opened_at"),  # None: never opened Home, so nothing is published to it
    _moment("synced_at", default_now=True),
    PrimaryKeyConstraint("workspace_id", "user_id"),
    ForeignKeyConstraint(["workspace_id"], ["workspaces.workspace_id"], ondelete="CASCADE"),
)

preferences = Table(
    "preferences",
    metadata,
    Column("workspace_id", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("thanked", Text, nullable=False, server_default="either"),
    Column("help_me", Text, nullable=False, server_default=""),
    Column("need_now", Text, nullable=False, server_default=""),
    Column("digest", Boolean, nullable=False, server_default=text("false")),
    Column("away_until", Date),  # the last day away
    Column("digest_day", Integer, nullable=False, server_default=text("0")),  # 0 is Monday
    Column("digest_hour", Integer, nullable=False, server_default=text("9")),  # in the person's own zone
    Column("digest_paused_until", Date),  # the last day without digests
    Column("at_capacity_until", Date),  # the last day on which nobody is sent to them
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("workspace_id", "user_id"),
    ForeignKeyConstraint(
        ["workspace_id", "user_id"], ["people.workspace_id", "people.user_id"], ondelete="CASCADE"
    ),
    CheckConstraint("thanked IN ('public', 'private', 'either')", name="thanked"),
    CheckConstraint("digest_day BETWEEN 0 AND 6 AND digest_hour BETWEEN 0 AND 23", name="digest_time"),
)

gestures = Table(
    "gestures",
    metadata,
    Column("workspace_id", Text, nullable=False),
    Column("gesture_id", Uuid, nullable=False),  # made from what happened, so recording twice is harmless
    Column("giver_id", Text, nullable=False),
    Column("receiver_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("source_key", Text, nullable=False),
    _moment("happened_at", nullable=False),
    Column("day", Date, nullable=False),  # the local day in the workspace's zone: gesture-days count these
    Column("visibility", Text, nullable=False),
    Column("note", Text),  # Slack's mrkdwn, already escaped; None: no note, or removed by retention
    Column("channel_id", Text),
    Column("message_ts", Text),
    Column("help_id", Uuid),  # on a thanks: the help it proves
    Column(
        "proven", Boolean, nullable=False, server_default=text("false")
    ),  # help known only from its thanks
    Column(
        "marks", JSONB, nullable=False
    ),  # {mark: [on, at]}: it stands while one is on, the latest word wins; [false, at, true]: on until it was undone
    _moment("retracted_at"),
    _moment("recorded_at", default_now=True),
    PrimaryKeyConstraint("workspace_id", "gesture_id"),
    ForeignKeyConstraint(
        ["workspace_id", "giver_id"], ["people.workspace_id", "people.user_id"], ondelete="CASCADE"
    ),
    ForeignKeyConstraint(
        ["workspace_id", "receiver_id"], ["people.workspace_id", "people.user_id"], ondelete="CASCADE"
    ),
    ForeignKeyConstraint(["workspace_id", "help_id"], ["gestures.workspace_id", "gestures.gesture_id"]),
    CheckConstraint("giver_id <> receiver_id", name="two_people"),
    CheckConstraint("visibility IN ('channel', 'private')", name="visibility"),
    Index(None, "workspace_id", "giver_id", "happened_at"),
    Index(None, "workspace_id", "receiver_id", "happened_at"),
    Index(None, "workspace_id", "source_key"),
    # Whoever removes a gesture must find the thanks that proved it.
    Index(None, "workspace_id", "help_id", postgresql_where=text("help_id IS NOT NULL")),
)

asks = Table(
    "asks",
    metadata,
    Column("workspace_id", Text, nullable=False),
    Column("ask_id", Uuid, nullable=False),  # made from the form that was sent, so sending twice is one ask
    Column("asker_id", Text, nullable=False),
    Column("text", Text),  # the asker's words, escaped; None: taken back
    Column("kind", Text, nullable=False),
    Column("by_when", Date),
    Column("channel_id", Text),  # None: asked only of `people`
    Column("people", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column(
        "is_public", Boolean, nullable=False, server_default=text("false")
    ),  # anybody may read the channel
    Column("state", Text, nullable=False, server_default="open"),
    _moment("asked_at", nullable=False),
    _moment("changed_at", nullable=False),
    PrimaryKeyConstraint("workspace_id", "ask_id"),
    ForeignKeyConstraint(
        ["workspace_id", "asker_id"], ["people.workspace_id", "people.user_id"], ondelete="CASCADE"
    ),
    CheckConstraint("state IN ('open', 'closed', 'withdrawn')", name="state"),
    CheckConstraint("(state = 'withdrawn') = (text IS NULL)", name="words"),
    Index(None, "workspace_id", "asker_id"),
    Index(None, "workspace_id", "state", "asked_at"),
)

offers = Table(
    "offers",
    metadata,
    Column("workspace_id", Text, nullable=False),
    # Made from who offers on what, and help_id from it: further unique keys would add nothing, and two that are
    # sent at once would fail there, since ON CONFLICT waits at one key only.
    Column("offer_id", Uuid, nullable=False),
    Column("ask_id", Uuid),  # None: offered unasked
    Column("helper_id", Text, nullable=False),
    Column("receiver_id", Text, nullable=False),
    Column("help_id", Uuid, nullable=False),  # the gesture it becomes when it helped
    Column("text", Text),  # of an unasked offer, escaped; None: taken back
    Column("state", Text, nullable=False, server_default="pending"),
    _moment("claimed_at"),  # the helper says it is done
    _moment("confirmed_at"),  # the receiver says it helped
    _moment("offered_at", nullable=False),
    _moment("changed_at", nullable=False),
    PrimaryKeyConstraint("workspace_id", "offer_id"),
    ForeignKeyConstraint(
        ["workspace_id", "ask_id"], ["asks.workspace_id", "asks.ask_id"], ondelete="CASCADE"
    ),
    ForeignKeyConstraint(
        ["workspace_id", "helper_id"], ["people.workspace_id", "people.user_id"], ondelete="CASCADE"
    ),
    ForeignKeyConstraint(
        ["workspace_id", "receiver_id"], ["people.workspace_id", "people.user_id"], ondelete="CASCADE"
    ),
    CheckConstraint("state IN ('pending', 'accepted', 'declined', 'expired', 'withdrawn')", name="state"),
    CheckConstraint("helper_id <> receiver_id", name="two_people"),
    Index(None, "workspace_id", "ask_id"),
    Index(None, "workspace_id", "help_id"),
    Index(None, "workspace_id", "receiver_id", "changed_at"),
    Index(None, "workspace_id", "helper_id", "changed_at"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("workspace_id", Text, nullable=False),
    Column("recipient", Text, nullable=False),  # a person or a channel
    Column("kind", Text, nullable=False),  # announcement, digest, …
    Column("period", Text, nullable=False),  # what it is about: a source key, a week
    _moment("claimed_at", nullable=False),
    Column("outcome", Text),  # None: claimed, outcome not known (yet)
    Column("channel_id", Text),
    Column("message_ts", Text),
    PrimaryKeyConstraint("workspace_id", "recipient", "kind", "period"),
    ForeignKeyConstraint(["workspace_id"], ["workspaces.workspace_id"], ondelete="CASCADE"),
    Index(None, "workspace_id", "kind", "period"),
    Index(None, "workspace_id", "recipient", "kind", "claimed_at"),
    Index(None, "workspace_id", "claimed_at"),  # what was sent lately, and what is old enough to go
    Index(None, "workspace_id", "channel_id", "message_ts"),  # what a reaction to our message is about
)

policies = Table(
    "policies",
    metadata,
    Column("workspace_id", Text, nullable=False),
    Column("team_makers", Text, nullable=False, server_default="admins"),
    Column("naming", Text, nullable=False, server_default="consent"),
    Column("named_from", Date),  # the first day managers see names without consent
    Column("floor", Integer, nullable=False, server_default=text("5")),
    Column("announce", Text, nullable=False, server_default="same"),
    Column("kudos_channel", Text),
    Column("in_general", Boolean, nullable=False, server_default=text("false")),
    Column("celebrate_channel", Text),
    PrimaryKeyConstraint("workspace_id"),
    ForeignKeyConstraint(["workspace_id"], ["workspaces.workspace_id"], ondelete="CASCADE"),
    CheckConstraint("floor >= 5", name="floor"),
)

channels = Table(
    "channels",
    metadata,
    Column("workspace_id", Text, nullable=False),
    Column("channel_id", Text, nullable=False),
    Column("is_general", Boolean, nullable=False),
    Column("is_private", Boolean, nullable=False),
    PrimaryKeyConstraint("workspace_id", "channel_id"),
    ForeignKeyConstraint(["workspace_id"], ["workspaces.workspace_id"], ondelete="CASCADE"),
)

absences = Table(
    "absences",
    metadata,
    Column("workspace_id", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),  # the last day away
    PrimaryKeyConstraint("workspace_id", "user_id", "starts_on"),
    ForeignKeyConstraint(
        ["workspace_id", "user_id"], ["people.workspace_id", "people.user_id"], ondelete="CASCADE"
    ),
)

teams = Table(
    "teams",
    metadata,
    Column("workspace_id", Text, nullable=False),
    Column("team_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("origin_id", Text),  # the channel or user group that keeps it in step
    _moment("made_at", nullable=False),
    _moment("closed_at"),
    PrimaryKeyConstraint("workspace_id", "team_id"),
    ForeignKeyConstraint(["workspace_id"], ["workspaces.workspace_id"], ondelete="CASCADE"),
    CheckConstraint("origin IN ('people', 'channel', 'group')", name="origin"),
    Index(None, "workspace_id", "origin_id"),
)

team_members = Table(
    "team_members",
    metadata,
    Column("workspace_id", Text, nullable=False),
    Column("team_id", Uuid, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("joined_on", Date, nullable=False),
    Column("left_on", Date),  # the first day no longer on the team
    Column("left_slack", Boolean, nullable=False, server_default=text("false")),  # and came off it with that
    Column("sub_group", Text),
    Column("shares_balance", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("workspace_id", "team_id", "user_id", "joined_on"),
    ForeignKeyConstraint(
        ["workspace_id", "team_id"], ["teams.workspace_id", "teams.team_id"], ondelete="CASCADE"
    ),
    ForeignKeyConstraint(
        ["workspace_id", "user_id"], ["people.workspace_id", "people.user_id"], ondelete="CASCADE"
    ),
    # On a team once at a time.
    Index(
        "team_members_now_idx",
        "workspace_id",
        "team_id",
        "user_id",
        unique=True,
        postgresql_where=text("left_on IS NULL"),
    ),
    Index(None, "workspace_id", "user_id"),
)

team_managers = Table(
    "team_managers",
    metadata,
    Column("workspace_id", Text, nullable=False),
    Column("team_id", Uuid, nullable=False),
    Column("user_id", Text, nullable=False),
    PrimaryKeyConstraint("workspace_id", "team_id", "user_id"),
    ForeignKeyConstraint(
        ["workspace_id", "team_id"], ["teams.workspace_id", "teams.team_id"], ondelete="CASCADE"
    ),
    ForeignKeyConstraint(
        ["workspace_id", "user_id"], ["people.workspace_id", "people.user_id"], ondelete="CASCADE"
    ),
    Index(None, "workspace_id", "user_id"),
)

looks = Table(
    "looks",
    metadata,
    Column("workspace_id", Text, nullable=False),
    Column("look_id", Uuid, nullable=False, server_default=text("gen_random_uuid()")),
    Column("team_id", Uuid, nullable=False),
    Column("manager_id", Text, nullable=False),
    Column("subject_id", Text),  # whose shared balance was opened; None: the team page
    _moment("looked_at", nullable=False),
    PrimaryKeyConstraint("workspace_id", "look_id"),
    ForeignKeyConstraint(
        ["workspace_id", "team_id"], ["teams.workspace_id", "teams.team_id"], ondelete="CASCADE"
    ),
    ForeignKeyConstraint(
        ["workspace_id", "manager_id"], ["people.workspace_id", "people.user_id"], ondelete="CASCADE"
    ),
    Index(None, "workspace_id", "team_id", "looked_at"),
)

stretches = Table(
    "stretches",
    metadata,
    Column("workspace_id", Text, nullable=False),
    Column("team_id", Uuid, nullable=False),
    Column("part", Text, nullable=False),  # of a team's figures: exchange, asks, across, within
    Column("first_week", Date, nullable=False),
    Column("weeks", Integer, nullable=False),
    Column("circle", ARRAY(Text), nullable=False),  # who was on the team
    # [[people, week, what it holds]]: as it was when it was told, so that no later change tells anybody apart
    Column("pieces", JSONB, nullable=False),
    _moment("told_at", nullable=False),
    PrimaryKeyConstraint("workspace_id", "team_id", "part", "first_week"),
    ForeignKeyConstraint(
        ["workspace_id", "team_id"], ["teams.workspace_id", "teams.team_id"], ondelete="CASCADE"
    ),
)

pictures = Table(
    "pictures",
    metadata,
    Column("workspace_id", Text, nullable=False),
    Column("picture_id", Text, nullable=False),  # made from what it shows
    Column("shows", JSONB, nullable=False),
    Column("file_id", Text),  # in Slack, where it was uploaded
    _moment("asked_at", nullable=False),
    PrimaryKeyConstraint("workspace_id", "picture_id"),
    ForeignKeyConstraint(["workspace_id"], ["workspaces.workspace_id"], ondelete="CASCADE"),
)

findings = Table(
    "findings",
    metadata,
    Column("workspace_id", Text, nullable=False),
    Column("team_id", Uuid, nullable=False),  # a team, or store/findings.py's EVERYONE_ELSE
    Column("pattern", Text, nullable=False),
    Column("subjects", ARRAY(Text), nullable=False),
    Column("week", Date, nullable=False),  # the Monday of the closed week that was looked at
    Column("state", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("figures", JSONB, nullable=False),
    Column("words", JSONB, nullable=False),  # {reader: sentence}, with ids for names
    PrimaryKeyConstraint("workspace_id", "team_id", "pattern", "subjects"),
    ForeignKeyConstraint(["workspace_id"], ["workspaces.workspace_id"], ondelete="CASCADE"),
    CheckConstraint("state IN ('entered', 'stays', 'left')", name="state"),
)

rests = Table(
    "rests",
    metadata,
    Column("workspace_id", Text, nullable=False),
    Column("pattern", Text, nullable=False),
    Column("subjects", ARRAY(Text), nullable=False),
    Column("user_id", Text, nullable=False),  # who called it expected
    Column("role", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),  # the first day it may be said again
    PrimaryKeyConstraint("workspace_id", "pattern", "subjects", "user_id"),
    ForeignKeyConstraint(
        ["workspace_id", "user_id"], ["people.workspace_id", "people.user_id"], ondelete="CASCADE"
    ),
)

remarks = Table(
    "remarks",  # “not helpful”, once for each finding and reader
    metadata,
    Column("workspace_id", Text, nullable=False),
    Column("pattern", Text, nullable=False),
    Column("subjects", ARRAY(Text), nullable=False),
    Column("user_id", Text, nullable=False),
    Column("since", Date, nullable=False),  # of what was read: the same in another year is another finding
    _moment("said_at", nullable=False),
    PrimaryKeyConstraint("workspace_id", "pattern", "subjects", "user_id", "since"),
    ForeignKeyConstraint(
        ["workspace_id", "user_id"], ["people.workspace_id", "people.user_id"], ondelete="CASCADE"
    ),
)

OURS = tuple(metadata.sorted_tables)
