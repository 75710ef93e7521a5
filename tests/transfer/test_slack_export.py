"""What a Slack export holds: who gave what to whom, and what is left out and why."""

from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest

from slackapp.domain.gestures import DEFAULT_EMOJI
from slackapp.domain.history import Past
from slackapp.transfer.skipped import Skipped
from slackapp.transfer.slack_export import UnusableExportError, Wanted, open_files, read_export, read_gestures
from tests.transfer.exports import (
    HOME,
    PEOPLE,
    START,
    as_folder,
    as_zip,
    channel,
    days,
    export,
    reaction,
    said,
    user,
)

TACO = Wanted({**DEFAULT_EMOJI, "taco": "kudos"}, {"taco": "kudos"}, plusplus=True)
BERLIN = ZoneInfo("Europe/Berlin")


def found(path: Path, wanted: Wanted = TACO, workspace_id: str = HOME) -> list[Past | Skipped]:
    with open_files(path) as files:
        return list(read_gestures(read_export(files, workspace_id=workspace_id), wanted, BERLIN))


def acts(path: Path, wanted: Wanted = TACO, workspace_id: str = HOME) -> list[tuple[str, str, str]]:
    return sorted(
        (past.gesture.giver, past.gesture.receiver, past.gesture.kind)
        for past in found(path, wanted, workspace_id)
        if isinstance(past, Past)
    )


def skipped(path: Path, wanted: Wanted = TACO) -> dict[str, int]:
    reasons: dict[str, int] = {}
    for each in found(path, wanted):
        if isinstance(each, Skipped):
            reasons[each.reason] = reasons.get(each.reason, 0) + each.times
    return reasons


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "export"


class TestReactions:
    def test_each_person_who_reacts_gives_to_the_author(self, folder: Path) -> None:
        message = said("U0BEN", "shipped it", reactions=[reaction("clap", "U0ANA", "U0CY")])
        as_folder(folder, export({"general": [message]}))

        assert acts(folder) == [("U0ANA", "U0BEN", "kudos"), ("U0CY", "U0BEN", "kudos")]

    def test_they_carry_the_source_mark_and_day_that_live_capture_gives_them(self, folder: Path) -> None:
        late = 15.5 * 3600  # 23:30 UTC is the next day in Berlin
        message = said("U0BEN", "done", late, reactions=[reaction("clap::skin-tone-3", "U0ANA")])
        as_folder(folder, export({"general": [message]}))

        (past,) = found(folder)

        assert isinstance(past, Past)
        assert past.gesture.source.key == f"message:C0GENERAL:{START + late:.6f}"
        assert past.gesture.day.isoformat() == "2026-03-04"
        assert past.gesture.note is None
        assert past.marks == {"clap::skin-tone-3": (True, 0)}

    def test_two_emoji_of_one_kind_are_one_act(self, folder: Path) -> None:
        reactions = [reaction("clap", "U0ANA"), reaction("raised_hands", "U0ANA"), reaction("pray", "U0ANA")]
        as_folder(folder, export({"general": [said("U0BEN", "done", reactions=reactions)]}))

        assert acts(folder) == [("U0ANA", "U0BEN", "kudos"), ("U0ANA", "U0BEN", "thanks")]

    def test_an_emoji_without_a_meaning_is_nothing(self, folder: Path) -> None:
        as_folder(folder, export({"general": [said("U0BEN", "done", reactions=[reaction("eyes", "U0ANA")])]}))

        assert found(folder) == []

    def test_people_the_export_leaves_out_are_counted_as_skipped(self, folder: Path) -> None:
        message = said("U0BEN", "done", reactions=[reaction("clap", "U0ANA", count=60)])
        as_folder(folder, export({"general": [message]}))

        assert acts(folder) == [("U0ANA", "U0BEN", "kudos")]
        assert skipped(folder) == {"reactions by people whom the export leaves out": 59}

    def test_replies_in_threads_count_like_messages(self, folder: Path) -> None:
        start = said("U0ANA", "who can help?", thread_ts=f"{START:.6f}")
        reply = said("U0BEN", "me", 5, thread_ts=f"{START:.6f}", reactions=[reaction("pray", "U0ANA")])
        as_folder(folder, export({"general": [start, reply]}))

        assert acts(folder) == [("U0ANA", "U0BEN", "thanks")]


class TestTypedKudos:
    def test_plusses_are_kudos_with_their_words(self, folder: Path) -> None:
        as_folder(folder, export({"general": [said("U0ANA", "<@U0BEN> ++ for R&amp;D &lt;3")]}))

        (past,) = found(folder)

        assert isinstance(past, Past)
        assert (past.gesture.giver, past.gesture.receiver, past.gesture.kind) == ("U0ANA", "U0BEN", "kudos")
        assert past.gesture.note == "for R&amp;D &lt;3"

    def test_five_tacos_are_one_act_to_each_person_named(self, folder: Path) -> None:
        text = "<@U0BEN> <@U0CY> great demo :taco::taco::taco: :taco: :taco:"
        as_folder(folder, export({"general": [said("U0ANA", text)]}))

        assert acts(folder) == [("U0ANA", "U0BEN", "kudos"), ("U0ANA", "U0CY", "kudos")]

    def test_a_plain_handle_is_found_among_the_users(self, folder: Path) -> None:
        as_folder(
            folder, export({"general": [said("U0ANA", "@ben++ for the demo"), said("U0ANA", "@nobody++", 1)]})
        )

        assert acts(folder) == [("U0ANA", "U0BEN", "kudos")]
        assert skipped(folder) == {"by or for someone whom the export does not name": 1}

    def test_without_the_option_typed_kudos_are_ordinary_messages(self, folder: Path) -> None:
        messages = [said("U0ANA", "<@U0BEN> ++"), said("U0ANA", "<@U0BEN> :clap:", 1)]
        as_folder(folder, export({"general": messages}))

        assert found(folder, Wanted(DEFAULT_EMOJI)) == []

    @pytest.mark.parametrize("text", ["`<@U0BEN>++`", "c++ is fun <@U0BEN>", "```<@U0BEN> :taco:```"])
    def test_code_gives_nothing(self, folder: Path, text: str) -> None:
        as_folder(folder, export({"general": [said("U0ANA", text)]}))

        assert found(folder) == []

    def test_a_user_group_is_everyone_in_it_but_the_giver(self, folder: Path) -> None:
        groups = [{"id": "S0OPS", "handle": "ops", "users": ["U0ANA", "U0BEN", "U0CY"]}]
        message = said("U0ANA", "<!subteam^S0OPS|@ops> ++ for the night")
        as_folder(folder, export({"general": [message]}, usergroups=groups))

        assert acts(folder) == [("U0ANA", "U0BEN", "kudos"), ("U0ANA", "U0CY", "kudos")]
        assert skipped(folder) == {}

    def test_a_user_group_that_is_not_listed_is_told(self, folder: Path) -> None:
        as_folder(folder, export({"general": [said("U0ANA", "<!subteam^S0OPS|@ops> ++")]}))

        assert skipped(folder) == {"to a user group whose members the export does not list": 1}

    def test_naming_half_the_company_thanks_nobody(self, folder: Path) -> None:
        many = [user(f"U0X{number}", f"X{number}") for number in range(31)]
        text = " ".join(f"<@{person['id']}>" for person in many) + " :taco:"
        as_folder(folder, export({"general": [said("U0ANA", text)]}, people=[*PEOPLE, *many]))

        assert acts(folder) == []
        assert skipped(folder) == {"to more than 30 people at once": 1}


@pytest.mark.parametrize(
    ("giver", "receiver", "reason"),
    [
        ("U0ANA", "U0ANA", "to oneself"),
        ("U0ANA", "U0BOT", "by or for an app"),
        ("U0BOT", "U0ANA", "by or for an app"),
        ("U0ANA", "U0GUEST", "by or for a guest"),
        ("U0EXT", "U0ANA", "by or for someone of another workspace or organisation"),
        ("U0ANA", "U0NOWHERE", "by or for someone whom the export does not name"),
    ],
)
def test_who_cannot_give_or_receive_is_skipped_with_the_reason(
    folder: Path, giver: str, receiver: str, reason: str
) -> None:
    reacted = said(receiver, "hello", reactions=[reaction("clap", giver)])
    typed = said(giver, f"<@{receiver}> ++", 5)
    as_folder(folder, export({"general": [reacted, typed]}))

    assert acts(folder) == []
    assert skipped(folder) == {reason: 2}


def test_people_who_have_left_still_gave_and_received(folder: Path) -> None:
    as_folder(folder, export({"general": [said("U0GONE", "bye", reactions=[reaction("clap", "U0ANA")])]}))

    assert acts(folder) == [("U0ANA", "U0GONE", "kudos")]


def test_what_an_app_posts_under_a_persons_name_is_not_typed_by_them(folder: Path) -> None:
    as_folder(
        folder, export({"general": [said("U0ANA", "<@U0BEN> ++", bot_id="B0X", subtype="bot_message")]})
    )

    assert found(folder) == []


class TestEdits:
    def test_a_deleted_message_gives_nothing(self, folder: Path) -> None:
        gone = said(
            "U0BEN", "This message was deleted.", subtype="tombstone", reactions=[reaction("clap", "U0ANA")]
        )
        as_folder(folder, export({"general": [gone]}))

        assert acts(folder) == []
        assert skipped(folder) == {"deleted messages": 1}

    def test_a_message_told_twice_counts_as_last_edited(self, folder: Path) -> None:
        first = said("U0ANA", "<@U0BEN> ++")
        edited = said("U0ANA", "<@U0CY> ++", edited={"user": "U0ANA", "ts": f"{START + 60:.6f}"})
        as_folder(folder, export({"general": [edited, first]}))

        assert acts(folder) == [("U0ANA", "U0CY", "kudos")]

    def test_edits_logged_later_change_what_was_said(self, folder: Path) -> None:
        first = said("U0ANA", "<@U0BEN> ++")
        one, other = (
            said(
                "U0ANA",
                "",
                at,
                subtype="message_changed",
                hidden=True,
                message={**first, "text": text},
                previous_message=first,
            )
            for at, text in ((90_000, "<@U0BEN> <@U0CY> ++"), (95_000, "<@U0CY> ++ sorry"))
        )
        as_folder(folder, export({"general": [first, other, one]}))

        assert acts(folder) == [("U0ANA", "U0CY", "kudos")]

    def test_an_edit_that_takes_the_kudos_out_takes_it_back(self, folder: Path) -> None:
        first = said("U0ANA", "<@U0BEN> ++", reactions=[reaction("clap", "U0CY")])
        edit = said("U0ANA", "never mind", 60, subtype="message_changed", original=first)
        as_folder(folder, export({"general": [first, edit]}))

        assert acts(folder) == [("U0CY", "U0ANA", "kudos")]

    def test_a_deletion_logged_on_another_day_removes_the_message(self, folder: Path) -> None:
        first = said("U0ANA", "<@U0BEN> ++")
        deletion = said("U0ANA", "", 90_000, subtype="message_deleted", deleted_ts=first["ts"])
        as_folder(folder, export({"general": [first, deletion]}))

        assert acts(folder) == []
        assert skipped(folder) == {"deleted messages": 1}


class TestShapes:
    """The same two acts, wherever the export keeps them."""

    MESSAGES: ClassVar = [
        said("U0ANA", "<@U0BEN> ++"),
        said("U0BEN", "hi", 90_000, reactions=[reaction("clap", "U0CY")]),
    ]
    ACTS: ClassVar = [("U0ANA", "U0BEN", "kudos"), ("U0CY", "U0BEN", "kudos")]

    def test_a_zip_file(self, tmp_path: Path) -> None:
        assert acts(as_zip(tmp_path / "a.zip", export({"general": self.MESSAGES}))) == self.ACTS

    def test_a_zip_file_packed_again_with_a_folder_around_it_and_litter(self, tmp_path: Path) -> None:
        files = {
            f"Acme Slack export/{name}": made for name, made in export({"general": self.MESSAGES}).items()
        }
        litter = {
            "__MACOSX/Acme Slack export/._users.json": b"\x00\x05",
            "Acme Slack export/general/._x.json": b"\x00",
        }
        path = as_zip(tmp_path / "b.zip", {**files, **litter})

        assert acts(path) == self.ACTS
        assert skipped(path) == {}

    @pytest.mark.parametrize("name", ["überblick", "日本語", "team s (old)", "a+b & c", "teams"])
    def test_channel_names_with_odd_characters(self, tmp_path: Path, name: str) -> None:
        files = export({name: self.MESSAGES})

        assert acts(as_zip(tmp_path / "c.zip", files)) == self.ACTS
        assert acts(as_folder(tmp_path / "c", files)) == self.ACTS

    def test_zip_files_whose_names_are_not_declared_to_be_utf_8(self, tmp_path: Path) -> None:
        path = as_zip(tmp_path / "d.zip", export({"überblick": self.MESSAGES}))
        content = bytearray(path.read_bytes())
        for header, flags in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
            at = -1
            while (at := content.find(header, at + 1)) >= 0:
                content[at + flags] &= ~0x08
        path.write_bytes(content)

        assert acts(path) == self.ACTS

    def test_names_that_a_disk_has_taken_apart(self, tmp_path: Path) -> None:
        as_folder(tmp_path / "d", {**export({}), "channels.json": [channel("C0U", "überblick")]})
        as_folder(tmp_path / "d", days("u\u0308berblick", self.MESSAGES))

        assert acts(tmp_path / "d") == self.ACTS

    def test_private_channels_and_direct_messages(self, folder: Path) -> None:
        files = export(
            {},
            groups=[channel("G0SECRET", "secret")],
            dms=[{"id": "D0ANABEN", "members": ["U0ANA", "U0BEN"]}],
            mpims=[channel("G0THREE", "mpdm-ana--ben--cy-1")],
        )
        for place in ("secret", "D0ANABEN", "mpdm-ana--ben--cy-1"):
            files |= days(place, self.MESSAGES[:1])
        as_folder(folder, files)

        seen = {
            (past.gesture.source.channel_id, past.gesture.visibility)
            for past in found(folder)
            if isinstance(past, Past)
        }

        assert seen == {("G0SECRET", "channel"), ("D0ANABEN", "private"), ("G0THREE", "private")}

    def test_a_folder_of_no_known_channel_is_told(self, folder: Path) -> None:
        as_folder(folder, {**export({"general": self.MESSAGES}), **days("renamed", self.MESSAGES)})

        assert acts(folder) == self.ACTS
        assert skipped(folder) == {"day files in folders that no channels.json names": 2}

    def test_a_day_that_was_cut_short_is_told_and_the_rest_goes_on(self, folder: Path) -> None:
        as_folder(
            folder, {**export({"general": self.MESSAGES}), "general/2026-03-09.json": b'[{"type": "mess'}
        )

        assert acts(folder) == self.ACTS
        assert skipped(folder) == {"day files that cannot be read": 1}

    @pytest.mark.parametrize(
        "nonsense",
        [
            None,
            7,
            "text",
            {},
            {"ts": None},
            {"ts": "x", "user": "U0ANA"},
            {"ts": "1", "user": 7, "text": ["a"]},
        ],
    )
    def test_messages_that_make_no_sense_are_passed_over(self, folder: Path, nonsense: Any) -> None:
        as_folder(folder, {**export({"general": self.MESSAGES}), "general/2026-03-09.json": [nonsense]})

        assert acts(folder) == self.ACTS


class TestGrid:
    def grid(self, people: list[dict[str, Any]]) -> dict[str, Any]:
        typed = said("U0ANA", "<@U0BEN> ++")
        return {
            "org_users.json": people,
            "channels.json": [channel("C0ALL", "everyone")],
            **days("everyone", [said("U0ANA", "<@U0CY> ++")]),
            "teams/Acme North/channels.json": [channel("C0NORTH", "general")],
            "teams/Acme South/channels.json": [channel("C0SOUTH", "general")],
            **days("teams/Acme North/general", [typed]),
            **days("teams/Acme South/general", [said("U0CY", "<@U0BEN> ++", 9), typed]),
        }

    def member(self, user_id: str, name: str, *teams: str) -> dict[str, Any]:
        return user(user_id, name, team=teams[0], enterprise_user={"id": user_id, "teams": list(teams)})

    def test_channels_of_all_workspaces_and_of_the_organisation_are_read(self, tmp_path: Path) -> None:
        path = as_zip(tmp_path / "grid.zip", self.grid(PEOPLE[:3]))

        assert acts(path, workspace_id="T0ELSEWHERE") == [
            ("U0ANA", "U0BEN", "kudos"),
            ("U0ANA", "U0BEN", "kudos"),
            ("U0ANA", "U0CY", "kudos"),
            ("U0CY", "U0BEN", "kudos"),
        ]

    def test_only_people_of_the_workspace_take_part(self, tmp_path: Path) -> None:
        people = [
            self.member("U0ANA", "Ana", "T0NORTH", "T0SOUTH"),
            self.member("U0BEN", "Ben", "T0NORTH"),
            self.member("U0CY", "Cy", "T0SOUTH"),
        ]
        path = as_zip(tmp_path / "grid.zip", self.grid(people))

        assert set(acts(path, workspace_id="T0NORTH")) == {("U0ANA", "U0BEN", "kudos")}
        assert set(acts(path, workspace_id="T0SOUTH")) == {("U0ANA", "U0CY", "kudos")}


class TestUnusable:
    def test_a_file_that_is_no_zip(self, tmp_path: Path) -> None:
        (tmp_path / "x.zip").write_text("hello")

        with pytest.raises(UnusableExportError, match="neither a folder nor a zip file"):
            found(tmp_path / "x.zip")

    def test_a_folder_that_is_no_export(self, tmp_path: Path) -> None:
        with pytest.raises(UnusableExportError, match=r"it has no users\.json"):
            found(tmp_path)

    def test_an_export_that_names_nobody(self, folder: Path) -> None:
        with pytest.raises(UnusableExportError, match="names people"):
            found(as_folder(folder, export({}, people=[])))

    def test_an_export_whose_users_were_cut_short(self, folder: Path) -> None:
        with pytest.raises(UnusableExportError, match=r"its users\.json is not JSON"):
            found(as_folder(folder, {**export({}), "users.json": b"[{"}))
