"""History comes in once, whatever it comes from, and goes out again without a loss. A real PostgreSQL."""

import io
import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from sqlalchemy import text

from slackapp.domain.gestures import Gesture, Mark, Source, gestures_to, message_source
from slackapp.domain.history import Past
from slackapp.domain.people import Person
from slackapp.store import gestures, people, workspaces
from slackapp.store.database import Database
from slackapp.transfer.history import BATCH, Report, bring_in
from slackapp.transfer.imports import (
    Desk,
    UnusableImportError,
    export_gestures,
    import_bonusly,
    import_csv,
    import_slack_export,
    read_meanings,
    read_who_is_who,
    tell,
)
from tests.conftest import NOW, UTC_ZONE
from tests.transfer.exports import START, as_folder, as_zip, export, reaction, said

_numbers = count(1)
GENERAL = f"{START:.6f}"


@pytest.fixture
def desk(database_url: str, workspace_id: str) -> Desk:
    return at(database_url, workspace_id)


@pytest.fixture
def empty(database_url: str) -> Desk:
    """A workspace that nobody has heard of yet."""
    return at(database_url, f"T0EMPTY{next(_numbers)}{random.randrange(10**9)}")


def at(database_url: str, workspace_id: str, *, dry_run: bool = False) -> Desk:
    return Desk(
        database_url,
        workspace_id,
        dry_run=dry_run,
        out=Console(file=io.StringIO(), width=200),
        errors=Console(file=io.StringIO(), width=200, markup=False, highlight=False),
    )


def told(desk: Desk, report: Report) -> list[str]:
    """What is printed, without the space that makes columns."""
    tell(desk, report)
    return [" ".join(line.split()) for line in printed(desk)]


def printed(desk: Desk) -> list[str]:
    lines = []
    for console in (desk.out, desk.errors):
        assert isinstance(console.file, io.StringIO)
        lines += console.file.getvalue().splitlines()
    return [line for line in lines if line.strip()]


async def standing(database: Database, desk: Desk) -> list[tuple[str, str, str]]:
    assert desk.workspace_id
    async with database.workspace(desk.workspace_id) as db:
        found = await db.execute(
            text(
                "SELECT giver_id, receiver_id, kind FROM gestures WHERE retracted_at IS NULL ORDER BY 1, 2, 3"
            )
        )
        return [(row[0], row[1], row[2]) for row in found]


async def exported(desk: Desk, path: Path) -> str:
    await export_gestures(desk, path)
    return read(path)


def read(path: Path) -> str:
    return path.read_text()


def slack_export(path: Path) -> Path:
    return as_zip(
        path,
        export(
            {
                "general": [
                    said("U0BEN", "fixed", reactions=[reaction("pray", "U0ANA"), reaction("clap", "U0CY")]),
                    said("U0ANA", "<@U0BEN> ++ for the demo", 60),
                    said("U0CY", "<@U0ANA> <@U0BEN> :taco::taco::taco::taco::taco:", 90_000),
                    said("U0ANA", "self", 90_100, reactions=[reaction("clap", "U0ANA", "U0BOT")]),
                ]
            }
        ),
    )


CLAPPED = ("U0CY", "U0BEN", "kudos")
EXPECTED = [
    ("U0ANA", "U0BEN", "kudos"),
    ("U0ANA", "U0BEN", "thanks"),
    ("U0BEN", "U0ANA", "help"),
    ("U0CY", "U0ANA", "kudos"),
    ("U0CY", "U0BEN", "kudos"),
    ("U0CY", "U0BEN", "kudos"),
]


class TestSlackExport:
    async def test_what_comes_in_and_what_does_not_is_told(
        self, database: Database, desk: Desk, tmp_path: Path
    ) -> None:
        report = await import_slack_export(
            desk, slack_export(tmp_path / "a.zip"), emoji=["taco=kudos"], plusplus=True
        )

        assert await standing(database, desk) == EXPECTED
        assert told(desk, report) == [
            "4 messages read",
            "5 acts found",
            "5 new: came in",
            "1 more: help that thanks prove, which came in",
            "Skipped:",
            "1 by or for an app",
            "1 to oneself",
        ]

    async def test_running_it_twice_adds_nothing(
        self, database: Database, desk: Desk, tmp_path: Path
    ) -> None:
        path = slack_export(tmp_path / "a.zip")
        for _ in range(2):
            report = await import_slack_export(desk, path, emoji=["taco=kudos"], plusplus=True)

        assert told(desk, report)[1:4] == ["5 acts found", "0 new: came in", "5 known already"]
        assert (report.helps, report.people) == (0, 0)
        assert await standing(database, desk) == EXPECTED

    async def test_a_dry_run_says_the_same_and_writes_nothing(
        self, database: Database, desk: Desk, tmp_path: Path
    ) -> None:
        dry = replace(desk, dry_run=True)
        report = await import_slack_export(
            dry, slack_export(tmp_path / "a.zip"), emoji=["taco=kudos"], plusplus=True
        )

        assert (report.acts, report.new, report.helps) == (5, 5, 1)
        assert told(dry, report)[2:4] == [
            "5 new: would come in",
            "1 more: help that thanks prove, which would come in",
        ]
        assert told(dry, report)[-1] == "This was a dry run: nothing was written."
        assert await standing(database, desk) == []

    async def test_a_dry_run_does_not_add_the_workspace(
        self, database: Database, empty: Desk, tmp_path: Path
    ) -> None:
        report = await import_slack_export(replace(empty, dry_run=True), slack_export(tmp_path / "a.zip"))

        assert (report.new, report.people) == (2, 3)
        assert empty.workspace_id
        async with database.workspace(empty.workspace_id) as db:
            assert not await workspaces.exists(db, empty.workspace_id)

    async def test_people_are_known_as_the_export_describes_them(
        self, database: Database, empty: Desk, tmp_path: Path
    ) -> None:
        report = await import_slack_export(empty, slack_export(tmp_path / "a.zip"), plusplus=True)

        assert report.people == 3
        assert empty.workspace_id
        async with database.workspace(empty.workspace_id) as db:
            met = await people.known(db, empty.workspace_id, ["U0ANA", "U0BEN", "U0CY", "U0BOT"])
        assert met.people == {
            "U0ANA": Person("U0ANA", "Ana", "Europe/Berlin"),
            "U0BEN": Person("U0BEN", "Ben", "Europe/Berlin"),
            "U0CY": Person("U0CY", "Cy", "Europe/Berlin"),
        }

    async def test_what_was_also_seen_live_is_one_gesture(
        self, database: Database, desk: Desk, tmp_path: Path
    ) -> None:
        await self.react(database, desk, "pray", "thanks", on=True)

        report = await import_slack_export(desk, slack_export(tmp_path / "a.zip"))

        assert (report.acts, report.new, report.helps) == (2, 1, 0)
        assert await standing(database, desk) == [
            ("U0ANA", "U0BEN", "thanks"),
            ("U0BEN", "U0ANA", "help"),
            CLAPPED,
        ]

    async def test_what_was_taken_back_live_stays_taken_back(
        self, database: Database, desk: Desk, tmp_path: Path
    ) -> None:
        await self.react(database, desk, "pray", "thanks", on=True)
        await self.react(database, desk, "pray", "thanks", on=False)
        await import_slack_export(desk, slack_export(tmp_path / "a.zip"))

        assert await standing(database, desk) == [CLAPPED]

    async def test_thanks_that_proved_another_help_live_bring_in_none(
        self, database: Database, desk: Desk, tmp_path: Path
    ) -> None:
        await self.react(database, desk, "pray", "thanks", on=True)
        assert desk.workspace_id
        async with database.workspace(desk.workspace_id) as db:
            await db.execute(text("UPDATE gestures SET help_id = NULL"))
            await db.execute(text("DELETE FROM gestures WHERE kind = 'help'"))
        for dry_run in (True, False):
            report = await import_slack_export(
                replace(desk, dry_run=dry_run), slack_export(tmp_path / "a.zip")
            )
            assert (report.new, report.helps) == (1, 0)

        assert await standing(database, desk) == [("U0ANA", "U0BEN", "thanks"), CLAPPED]

    async def test_an_imported_reaction_can_be_taken_back_live(
        self, database: Database, desk: Desk, tmp_path: Path
    ) -> None:
        await import_slack_export(desk, slack_export(tmp_path / "a.zip"))
        await self.react(database, desk, "pray", "thanks", on=False)

        assert await standing(database, desk) == [CLAPPED]

    async def react(self, database: Database, desk: Desk, emoji: str, kind: str, *, on: bool) -> None:
        assert desk.workspace_id
        given = gestures_to(
            ["U0BEN"],
            giver="U0ANA",
            kind=kind,
            source=message_source("C0GENERAL", GENERAL),
            at=NOW,
            tz=UTC_ZONE,
        )
        async with database.workspace(desk.workspace_id) as db:
            mark = Mark(emoji, on, at=NOW.timestamp() + (not on))
            await gestures.record(db, desk.workspace_id, given, mark, NOW)

    async def test_several_batches_are_as_one(self, database: Database, desk: Desk, tmp_path: Path) -> None:
        many = [said("U0BEN", "x", at, reactions=[reaction("pray", "U0ANA")]) for at in range(2_345)]
        path = as_folder(tmp_path / "many", export({"general": many}))

        report = await import_slack_export(desk, path)

        assert (report.acts, report.new, report.helps) == (2_345, 2_345, 2_345)
        assert len(await standing(database, desk)) == 2 * 2_345

    async def test_patterns_are_looked_for_again_and_homes_refreshed(
        self, database: Database, desk: Desk, tmp_path: Path
    ) -> None:
        await import_slack_export(desk, slack_export(tmp_path / "a.zip"))

        assert desk.workspace_id
        async with database.workspace(desk.workspace_id) as db:
            asked = await db.execute(
                text(
                    "SELECT task_name, args - 'workspace_id' AS args FROM procrastinate_jobs "
                    "WHERE args ->> 'workspace_id' = :workspace AND scheduled_at IS NULL ORDER BY id"
                ),
                {"workspace": desk.workspace_id},
            )
            assert [tuple(row) for row in asked] == [
                ("find_patterns", {"again": True}),
                ("refresh_homes", {"user_ids": ["U0ANA", "U0BEN", "U0CY"]}),
            ]

    async def test_patterns_are_looked_for_also_after_an_import_that_broke_off(
        self, database: Database, workspace_id: str
    ) -> None:
        def breaks_off() -> Iterable[Past]:
            for number in range(2 * BATCH):
                source = Source(f"test:{number}")
                yield Past(Gesture("U0ANA", "U0BEN", "kudos", source, NOW, NOW.date()), {"file": (True, 0)})
            raise EOFError

        with pytest.raises(EOFError):
            await bring_in(database, workspace_id, breaks_off(), {}, now=NOW)

        async with database.workspace(workspace_id) as db:
            asked = await db.execute(
                text(
                    "SELECT task_name, status, scheduled_at > now() AS later FROM procrastinate_jobs "
                    "WHERE args ->> 'workspace_id' = :workspace"
                ),
                {"workspace": workspace_id},
            )
            assert [tuple(row) for row in asked] == [("find_patterns", "todo", True)]

    @pytest.mark.parametrize("text", ["half \ud83d of an emoji", "a \x00 in the middle"])
    async def test_text_that_no_database_takes_does_not_stop_it(
        self, database: Database, desk: Desk, tmp_path: Path, text: str
    ) -> None:
        path = as_folder(tmp_path / "odd", export({"general": [said("U0ANA", f"<@U0BEN> ++ {text}")]}))
        await import_slack_export(desk, path, plusplus=True)

        assert await standing(database, desk) == [("U0ANA", "U0BEN", "kudos")]


class TestRoundTrip:
    async def everything(self, database: Database, workspace_id: str) -> None:
        """All that can happen to a gesture: words, privacy, undo, “not for help”, somebody else's help."""

        def given(
            kind: str, key: str, *, to: str = "U0BEN", giver: str = "U0ANA", **more: Any
        ) -> list[Gesture]:
            source = Source(f"command:{key}", "C0TEAM", None)
            acts = gestures_to(
                [to],
                giver=giver,
                kind=kind,
                source=source,
                at=NOW + timedelta(microseconds=12),
                tz=UTC_ZONE,
            )
            return [replace(act, **more) for act in acts]

        async with database.workspace(workspace_id) as db:

            async def record(acts: list[Gesture], mark: Mark = Mark("command")) -> None:
                await gestures.record(db, workspace_id, acts, mark, NOW)

            await record(
                given("kudos", "1", note='it\'s "quoted", <@U0CY> &amp; co\r\nover\rlines\n ünïcode 🙌🏽')
            )
            await record(given("thanks", "2", note="=1+1", visibility="private"))
            await record(given("thanks", "3"))
            await gestures.retract(db, workspace_id, "command:3", giver="U0ANA", now=NOW, kind="help")
            await record(given("thanks", "4"))
            await gestures.retract(db, workspace_id, "command:4", giver="U0ANA", now=NOW)
            await record(given("offer", "5", day=NOW.date() + timedelta(days=1)))
            await record(given("check_in", "6", giver="U0CY"))
            reaction = message_source("C0TEAM", "1772620000.000100")
            seen = [replace(act, source=reaction) for act in given("thanks", "")]
            await record(seen, Mark("pray", at=1772620200.123456))
            await record(seen, Mark("clap", on=False, at=1772620300.5))
            await record(given("kudos", "7", giver="U0GONE"))
            # The help was there before the thanks, from an ask; and thanks that prove nothing.
            await record(given("help", "ask", giver="U0CY", to="U0ANA"))
            await record(given("thanks", "8", to="U0CY", note="late thanks"))
            await db.execute(
                text("""
                    UPDATE gestures SET help_id = (SELECT gesture_id FROM gestures WHERE source_key = 'command:ask')
                    WHERE source_key = 'command:8' AND kind = 'thanks'
                """)
            )
            await db.execute(text("DELETE FROM gestures WHERE source_key = 'command:8' AND kind = 'help'"))
            await record(given("thanks", "9", to="U0CY"))
            await db.execute(text("UPDATE gestures SET help_id = NULL WHERE source_key = 'command:9'"))
            await db.execute(text("DELETE FROM gestures WHERE source_key = 'command:9' AND kind = 'help'"))

    @pytest.fixture
    async def first(self, database: Database, workspace_id: str, desk: Desk) -> Desk:
        await self.everything(database, workspace_id)
        return desk

    async def test_export_import_export_gives_the_same_file(
        self, database: Database, first: Desk, empty: Desk, tmp_path: Path
    ) -> None:
        before = await exported(first, tmp_path / "a.csv")
        await import_csv(empty, tmp_path / "a.csv")

        assert await exported(empty, tmp_path / "b.csv") == before
        assert await standing(database, empty) == await standing(database, first)

    async def test_nothing_in_the_table_is_lost(
        self, database: Database, first: Desk, empty: Desk, tmp_path: Path
    ) -> None:
        await exported(first, tmp_path / "a.csv")
        await import_csv(empty, tmp_path / "a.csv")

        assert await self.table(database, empty) == await self.table(database, first)

    async def table(self, database: Database, desk: Desk) -> list[Any]:
        assert desk.workspace_id
        async with database.workspace(desk.workspace_id) as db:
            rows = await db.execute(
                text("""
                    SELECT g.giver_id, g.receiver_id, g.kind, g.source_key, g.happened_at, g.day, g.visibility, g.note,
                           g.channel_id, g.message_ts, g.proven, g.marks, g.retracted_at, h.source_key AS help
                    FROM gestures AS g LEFT JOIN gestures AS h ON h.gesture_id = g.help_id
                    ORDER BY g.source_key, g.kind, g.giver_id
                """)
            )
            return list(rows)

    async def test_help_that_thanks_prove_is_still_known_from_them_alone(
        self, database: Database, first: Desk, empty: Desk, tmp_path: Path
    ) -> None:
        await exported(first, tmp_path / "a.csv")
        await import_csv(empty, tmp_path / "a.csv")

        proven = [row for row in await self.table(database, empty) if row.proven]
        assert proven
        assert {row.kind for row in proven} == {"help"}

    async def test_importing_it_into_the_same_workspace_changes_nothing(
        self, database: Database, first: Desk, tmp_path: Path
    ) -> None:
        before = await exported(first, tmp_path / "a.csv")
        report = await import_csv(first, tmp_path / "a.csv")

        assert (report.new, report.helps) == (0, 0)
        assert await exported(first, tmp_path / "b.csv") == before

    async def test_the_base_columns_come_first(self, first: Desk, tmp_path: Path) -> None:
        header = (await exported(first, tmp_path / "a.csv")).splitlines()[0]

        assert header == (
            "timestamp,giver,receiver,kind,team,message,source_id,"
            "visibility,channel,message_ts,day,help_of,proven,marks,retracted_at"
        )

    async def test_an_export_of_a_workspace_that_is_not_here_is_refused(
        self, database: Database, empty: Desk, tmp_path: Path
    ) -> None:
        with pytest.raises(UnusableImportError, match=f"There is no workspace {empty.workspace_id} here"):
            await export_gestures(empty, tmp_path / "a.csv")


class TestCsv:
    def file(self, path: Path, *rows: str, header: str = "timestamp,giver,receiver,kind") -> Path:
        path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
        return path

    async def test_a_file_of_four_columns_is_enough(
        self, database: Database, desk: Desk, tmp_path: Path
    ) -> None:
        path = self.file(
            tmp_path / "a.csv", "2026-03-02T10:00:00Z,U0ANA,U0BEN,kudos", "1772445600,U0BEN,U0ANA,thanks"
        )
        for _ in range(2):
            await import_csv(desk, path)

        assert await standing(database, desk) == [
            ("U0ANA", "U0BEN", "help"),
            ("U0ANA", "U0BEN", "kudos"),
            ("U0BEN", "U0ANA", "thanks"),
        ]

    async def test_thanks_and_the_help_they_prove_may_both_be_in_the_file(
        self, database: Database, desk: Desk, tmp_path: Path
    ) -> None:
        rows = ["2026-03-02T10:00:00Z,U0ANA,U0BEN,thanks,42", "2026-03-02T10:00:00Z,U0BEN,U0ANA,help,42"]
        path = self.file(tmp_path / "a.csv", *rows, header="timestamp,giver,receiver,kind,source_id")
        await import_csv(desk, path)

        assert await standing(database, desk) == [("U0ANA", "U0BEN", "thanks"), ("U0BEN", "U0ANA", "help")]

    async def test_rows_that_cannot_be_used_are_told_and_the_rest_goes_on(
        self, database: Database, desk: Desk, tmp_path: Path
    ) -> None:
        path = self.file(
            tmp_path / "a.csv",
            "yesterday,U0ANA,U0BEN,kudos",
            "2026-03-02,U0ANA,U0ANA,kudos",
            "2026-03-02,U0ANA,U0BOT,kudos",
            "2026-03-02,U0ANA,U0BEN,kudos",
        )
        report = await import_csv(desk, path)

        assert await standing(database, desk) == [("U0ANA", "U0BEN", "kudos")]
        assert told(desk, report) == [
            "1 act found",
            "1 new: came in",
            "Skipped:",
            "2 rows that cannot be used",
            "1 by or for an app, or someone of another organisation",
            "a.csv, line 2: has the timestamp “yesterday”, which is neither ISO 8601 nor Unix seconds",
            "a.csv, line 3: U0ANA is both giver and receiver",
        ]

    async def test_names_that_are_no_slack_ids_are_refused_with_advice(
        self, database: Database, desk: Desk, tmp_path: Path
    ) -> None:
        path = self.file(tmp_path / "a.csv", "2026-03-02,ana,U0BEN,kudos", "2026-03-03,ana,U0BEN,kudos")
        report = await import_csv(desk, path)

        assert report.nothing_usable
        assert told(desk, report)[-2:] == [
            "by or for someone whom nobody has named: ana (2 times)",
            "Say who they are with --people FILE: a CSV with the columns email and person (a Slack id), "
            "or a Slack export.",
        ]
        assert await standing(database, desk) == []

    async def test_they_can_be_named_or_added_as_they_are(
        self, database: Database, desk: Desk, empty: Desk, tmp_path: Path
    ) -> None:
        path = self.file(tmp_path / "a.csv", "2026-03-02,ana,ben,kudos")
        who = self.file(tmp_path / "who.csv", "Ana,U0ANA", "ben,U0BEN", header="email,person")
        await import_csv(desk, path, who_is_who=who)
        await import_csv(empty, path, as_they_are=True)

        assert await standing(database, desk) == [("U0ANA", "U0BEN", "kudos")]
        assert await standing(database, empty) == [("ana", "ben", "kudos")]

    async def test_words_from_elsewhere_cannot_pass_for_slacks_own(
        self, database: Database, desk: Desk, tmp_path: Path
    ) -> None:
        path = self.file(
            tmp_path / "a.csv",
            '2026-03-02,U0ANA,U0BEN,"R&D <3 &amp; <@U0CY> <https://acme.com|docs> <b>"',
            header="timestamp,giver,receiver,message",
        )
        await import_csv(desk, path)

        assert desk.workspace_id
        async with database.workspace(desk.workspace_id) as db:
            notes = await gestures.latest_notes(db, desk.workspace_id, "U0BEN", 5)
        assert [note.text for note in notes] == [
            "R&amp;D &lt;3 &amp; <@U0CY> <https://acme.com|docs> &lt;b&gt;"
        ]

    async def test_a_gesture_taken_back_is_no_evidence_for_analysis(self, desk: Desk, tmp_path: Path) -> None:
        from slackapp.transfer.csv import read_gestures

        lines = [
            "timestamp,giver,receiver,kind,retracted_at\n",
            "2026-03-02,a,b,kudos,2026-03-03\n",
            "2026-03-02,a,c,,\n",
        ]

        assert [row[2] for row in read_gestures(lines, UTC_ZONE)] == ["c"]


class TestBonusly:
    def bonus(self, bonus_id: str, giver: str, *receivers: str, **more: Any) -> dict[str, Any]:
        people_received = [{"email": f"{name}@acme.com"} for name in receivers]
        return {
            "id": bonus_id,
            "created_at": "2026-03-02T10:00:00Z",
            "reason": "+10 @ben for the clear demo #teamwork",
            "amount": 10,
            "value": "#teamwork",
            "giver": {"id": "1", "email": f"{giver}@acme.com"},
            "receiver": people_received[0] if len(receivers) == 1 else None,
            "receivers": people_received,
            **more,
        }

    @pytest.fixture
    def who(self, tmp_path: Path) -> Path:
        path = tmp_path / "who.csv"
        path.write_text("email,person\nAna@acme.com,U0ANA\nben@acme.com,U0BEN\ncy@acme.com,U0CY\n")
        return path

    @pytest.fixture
    def write(self, tmp_path: Path) -> Callable[[Any], Path]:
        def write(content: Any) -> Path:
            import json

            path = tmp_path / "bonuses.json"
            path.write_text(content if isinstance(content, str) else json.dumps(content))
            return path

        return write

    async def test_each_receiver_is_one_act_however_many_points(
        self, database: Database, desk: Desk, who: Path, write: Callable[[Any], Path]
    ) -> None:
        path = write({"success": True, "result": [self.bonus("b1", "ana", "ben", "cy", amount=50)]})
        for _ in range(2):
            report = await import_bonusly(desk, path, who_is_who=who)

        assert (report.acts, report.new) == (2, 0)
        assert await standing(database, desk) == [("U0ANA", "U0BEN", "kudos"), ("U0ANA", "U0CY", "kudos")]
        assert desk.workspace_id
        async with database.workspace(desk.workspace_id) as db:
            notes = await gestures.latest_notes(db, desk.workspace_id, "U0BEN", 5)
        assert [note.text for note in notes] == ["@ben for the clear demo #teamwork"]

    async def test_what_others_added_on_top_is_theirs_and_counts_once(
        self, database: Database, desk: Desk, who: Path, write: Callable[[Any], Path]
    ) -> None:
        child = self.bonus("b2", "cy", "ben", reason="+1 yes!", parent_bonus_id="b1")
        parent = self.bonus("b1", "ana", "ben", child_bonuses=[{**child, "receiver": None, "receivers": []}])
        await import_bonusly(desk, write([parent, child]), who_is_who=who)

        assert await standing(database, desk) == [("U0ANA", "U0BEN", "kudos"), ("U0CY", "U0BEN", "kudos")]

    async def test_gratitude_for_help_proves_the_help(
        self, database: Database, desk: Desk, who: Path, write: Callable[[Any], Path]
    ) -> None:
        bonus = self.bonus("b1", "ana", "ben", reason="+5 @ben thank you for helping with the release")
        await import_bonusly(desk, write([bonus]), who_is_who=who)

        assert await standing(database, desk) == [("U0ANA", "U0BEN", "thanks"), ("U0BEN", "U0ANA", "help")]

    async def test_people_nobody_has_named_are_refused_by_their_address(
        self, database: Database, desk: Desk, who: Path, write: Callable[[Any], Path]
    ) -> None:
        bonuses = [
            self.bonus("b1", "ana", "ben"),
            self.bonus("b2", "zoe", "ben"),
            self.bonus("b3", "ana", "zoe"),
        ]
        report = await import_bonusly(desk, write(bonuses), who_is_who=who)

        assert await standing(database, desk) == [("U0ANA", "U0BEN", "kudos")]
        assert "by or for someone whom nobody has named: zoe@acme.com (2 times)" in told(desk, report)

    async def test_addresses_may_come_from_a_slack_export(
        self, database: Database, desk: Desk, write: Callable[[Any], Path], tmp_path: Path
    ) -> None:
        path = write([self.bonus("b1", "ana", "ben")])
        await import_bonusly(desk, path, who_is_who=as_zip(tmp_path / "slack.zip", export({})))

        assert await standing(database, desk) == [("U0ANA", "U0BEN", "kudos")]

    async def test_addresses_may_come_from_its_users_json_alone(
        self, database: Database, desk: Desk, write: Callable[[Any], Path], tmp_path: Path
    ) -> None:
        folder = as_folder(tmp_path / "slack", export({}))
        await import_bonusly(desk, write([self.bonus("b1", "ana", "ben")]), who_is_who=folder / "users.json")

        assert await standing(database, desk) == [("U0ANA", "U0BEN", "kudos")]

    async def test_one_bonus_a_line_is_read_too(
        self, database: Database, desk: Desk, who: Path, write: Callable[[Any], Path]
    ) -> None:
        import json

        lines = [json.dumps(self.bonus("b1", "ana", "ben")), "", json.dumps(self.bonus("b2", "cy", "ben"))]
        await import_bonusly(desk, write("\n".join(lines)), who_is_who=who)

        assert len(await standing(database, desk)) == 2

    @pytest.mark.parametrize(
        ("more", "reason"),
        [
            (
                {"giver": {"email": "bot@bonus.ly", "user_mode": "bot"}},
                "by Bonusly itself, such as for an anniversary",
            ),
            ({"created_at": None}, "bonuses without a date"),
            ({"receiver": None, "receivers": []}, "bonuses without a receiver"),
            ({"receivers": [{"email": "ana@acme.com"}]}, "to oneself"),
        ],
    )
    async def test_what_is_no_act_between_two_people_is_skipped(
        self, desk: Desk, who: Path, write: Callable[[Any], Path], more: dict[str, Any], reason: str
    ) -> None:
        bonus = {**self.bonus("b1", "ana", "ben"), **more}
        report = await import_bonusly(desk, write([bonus]), who_is_who=who)

        assert (report.acts, dict(report.skipped)) == (0, {reason: 1})

    @pytest.mark.parametrize("content", ["{}", "[]", '{"result": []}', "[1]", '"x"'])
    async def test_a_file_without_bonuses_is_refused(
        self, desk: Desk, write: Callable[[Any], Path], content: str
    ) -> None:
        with pytest.raises(Exception, match="it holds no bonuses"):
            await import_bonusly(desk, write(content))

    async def test_a_file_that_is_not_json_is_refused(self, desk: Desk, write: Callable[[Any], Path]) -> None:
        with pytest.raises(Exception, match="line 2 is not JSON"):
            await import_bonusly(desk, write('{"giver": {}}\n{"giver"'))


@pytest.mark.parametrize(
    ("chosen", "meant"),
    [
        (["taco=kudos", ":pray:=thanks"], {"taco": "kudos", "pray": "thanks"}),
        (["taco=kudos pray=thanks"], {"taco": "kudos", "pray": "thanks"}),
        ([], {}),
    ],
)
def test_what_an_emoji_means(chosen: Iterable[str], meant: dict[str, str]) -> None:
    assert read_meanings(chosen) == meant


@pytest.mark.parametrize("chosen", ["taco", "taco=points", "=kudos"])
def test_an_emoji_without_a_meaning_is_refused(chosen: str) -> None:
    with pytest.raises(UnusableImportError, match="Write it like taco=kudos"):
        read_meanings([chosen])


def test_who_is_who_wants_slack_ids(tmp_path: Path) -> None:
    (tmp_path / "who.csv").write_text("email,person\nana@acme.com,ana\n")

    with pytest.raises(UnusableImportError, match="“ana” is not a Slack id, which looks like U0123ABCD"):
        read_who_is_who(tmp_path / "who.csv")


def test_who_is_who_says_which_file_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "who.csv").write_text("name,id\n")

    with pytest.raises(
        UnusableImportError, match=r"who\.csv: the first line has no column email and no column person"
    ):
        read_who_is_who(tmp_path / "who.csv")


async def test_the_workspace_must_be_named_when_there_are_several(
    database_url: str, workspace_id: str, database: Database, tmp_path: Path
) -> None:
    async with database.workspace(f"{workspace_id}B") as db:
        await workspaces.add(db, f"{workspace_id}B", name="Other", timezone="UTC")
    desk = replace(at(database_url, ""), workspace_id=None)

    with pytest.raises(UnusableImportError, match=r"workspaces\. Name one with --workspace: T0"):
        await export_gestures(desk, tmp_path / "a.csv")
