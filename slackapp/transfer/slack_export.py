"""Gestures in a Slack export: a zip file or a folder, of one workspace or of an Enterprise Grid organisation.

folders of channels | their day files, one at a time | messages as last edited | reactions and typed kudos
"""

import json
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from slackapp.domain.gestures import MOST_RECEIVERS, Gesture, message_source
from slackapp.domain.history import Past, safe_note, storable
from slackapp.domain.people import Person, read_person
from slackapp.domain.typed import MARK, TypedAct, read_typed
from slackapp.domain.weeks import local_day
from slackapp.transfer.skipped import Skipped

_DAY_FILE = re.compile(r"\d{4}-\d{2}-\d{2}\.json")
_PEOPLE_FILES = ("org_users.json", "users.json")
_CONVERSATION_FILES = {"channels.json": False, "groups.json": False, "mpims.json": True, "dms.json": True}
_GROUP_FILES = ("usergroups.json", "subteams.json")
_EDIT, _DELETION = "message_changed", "message_deleted"
_DELETED = {"tombstone", _DELETION}
_UNNAMED = "by or for someone whom the export does not name"
_SAID_BY_A_PERSON = {None, "", "me_message", "file_share", "thread_broadcast"}


class UnusableExportError(Exception):
    """The export as a whole cannot be used; the message says why and what would help."""


# Files --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Files:
    """The export's files by their path in it, wherever they are."""

    sizes: Mapping[str, int]
    read: Callable[[str], bytes]


@contextmanager
def open_files(path: Path) -> Iterator[Files]:
    if path.is_dir():
        found = {file.relative_to(path).as_posix(): file for file in sorted(path.rglob("*.json"))}
        yield Files(
            {name: file.stat().st_size for name, file in found.items()}, lambda name: found[name].read_bytes()
        )
        return
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise UnusableExportError("it is neither a folder nor a zip file that can be read") from None
    with archive:
        members = {_name(entry): entry for entry in archive.infolist() if entry.filename.endswith(".json")}
        if any(entry.flag_bits & 1 for entry in members.values()):
            raise UnusableExportError("it is locked with a password; unpack it and name the folder")
        yield Files(
            {name: entry.file_size for name, entry in members.items()},
            lambda name: archive.read(members[name]),
        )


def _name(entry: zipfile.ZipInfo) -> str:
    """Some tools write UTF-8 names without saying so."""
    if not entry.flag_bits & 0x800:
        try:
            return entry.filename.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    return entry.filename


# What the export says about itself ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Conversation:
    channel_id: str
    is_private: bool  # a direct message: its gestures are between the two


@dataclass(frozen=True, slots=True)
class Export:
    files: Files
    people: Mapping[str, Person]  # who can be in a gesture, those who have left too
    barred: Mapping[str, str]  # everyone else, and why not
    handles: Mapping[str, str]
    groups: Mapping[str, tuple[str, ...]]
    days: Mapping[Conversation, tuple[str, ...]]  # the conversation's day files, oldest first
    strays: tuple[str, ...]  # day files in folders that belong to no conversation
    emails: Mapping[str, str] = field(repr=False)

    @property
    def size(self) -> int:
        return sum(self.files.sizes[day] for days in self.days.values() for day in days)


def read_export(files: Files, *, workspace_id: str) -> Export:
    """Read who and where, but no message yet. Raises UnusableExportError when that is not there."""
    names = [name for name in files.sizes if not _is_litter(name)]
    root = _root(names)
    bases = [root, *sorted({f"{root}teams/{team}/" for team in _grid_teams(names, root)})]
    profiles: dict[str, dict[str, Any]] = {}
    for base in bases:
        for name in _PEOPLE_FILES:
            for profile in _listed(files, base + name):
                profiles.setdefault(profile["id"], profile)
    if not profiles:
        raise UnusableExportError("it has no users.json or org_users.json that names people")
    at_home = _home(list(profiles.values()), workspace_id, is_grid=f"{root}org_users.json" in files.sizes)
    people: dict[str, Person] = {}
    barred: dict[str, str] = {}
    for user_id, profile in profiles.items():
        person = _person(profile, is_stranger=not at_home(profile))
        reason = _why_not(person, profile)
        if reason:
            barred[user_id] = reason
        else:
            people[user_id] = person
    days, strays = _days(files, names, bases)
    groups = {
        group["id"]: tuple(user for user in group.get("users") or () if isinstance(user, str))
        for base in bases
        for name in _GROUP_FILES
        for group in _listed(files, base + name)
    }
    return Export(
        files=files,
        people=people,
        barred=barred,
        handles=_unique(
            (str(profile.get("name") or "").lower(), user_id) for user_id, profile in profiles.items()
        ),
        groups=groups,
        days=days,
        strays=strays,
        emails=_unique(
            (str((profile.get("profile") or {}).get("email") or "").lower(), user_id)
            for user_id, profile in profiles.items()
        ),
    )


def _is_litter(name: str) -> bool:
    parts = name.split("/")
    return "__MACOSX" in parts or parts[-1].startswith(".")


def _root(names: Iterable[str]) -> str:
    """Where the export begins: unpacking and packing again often puts it a folder deeper."""
    roots = [name.removesuffix(known) for name in names for known in _PEOPLE_FILES if _is(name, known)]
    if not roots:
        raise UnusableExportError(
            "it has no users.json; name the zip file that Slack made, or the folder it was unpacked to"
        )
    return min(roots, key=lambda root: (root.count("/"), root))


def _is(name: str, file: str) -> bool:
    return name == file or name.endswith("/" + file)


def _grid_teams(names: Iterable[str], root: str) -> Iterator[str]:
    """Folders of workspaces: `teams/<workspace>/…`. A channel named “teams” has its days right inside."""
    for name in names:
        parts = name.removeprefix(root).split("/")
        if name.startswith(root) and parts[0] == "teams" and len(parts) >= 3:
            yield parts[1]


def _listed(files: Files, name: str) -> list[dict[str, Any]]:
    if name not in files.sizes:
        return []
    try:
        found = json.loads(files.read(name))
    except ValueError:
        raise UnusableExportError(f"its {name} is not JSON; the file may have been cut short") from None
    return [each for each in found if isinstance(each, dict) and isinstance(each.get("id"), str)]


def _home(
    profiles: list[dict[str, Any]], workspace_id: str, *, is_grid: bool
) -> Callable[[dict[str, Any]], bool]:
    """Who belongs: people of the workspace if the export knows it, else of the one most people are in.

    In an organisation that does not say who is in which workspace, everyone belongs.
    """
    teams = [_teams(profile) for profile in profiles]
    if any(workspace_id in of_one for of_one in teams):
        return lambda profile: not profile.get("is_stranger") and workspace_id in _teams(profile)
    if is_grid:
        return lambda profile: not profile.get("is_stranger")
    most = Counter(team for of_one in teams for team in of_one).most_common(1)
    home = most[0][0] if most else None
    return lambda profile: not profile.get("is_stranger") and (home in _teams(profile) or not _teams(profile))


def _teams(profile: Mapping[str, Any]) -> set[str]:
    in_organisation = (profile.get("enterprise_user") or {}).get("teams") or ()
    named = (profile.get("team_id"), (profile.get("profile") or {}).get("team"))
    return {
        team for team in (*named, *in_organisation, *(profile.get("teams") or ())) if isinstance(team, str)
    }


def _person(profile: Mapping[str, Any], *, is_stranger: bool) -> Person:
    person = read_person(profile, workspace_id="")
    return replace(
        person, name=storable(person.name), timezone=storable(person.timezone), is_stranger=is_stranger
    )


def _why_not(person: Person, profile: Mapping[str, Any]) -> str | None:
    if person.is_bot or profile.get("is_workflow_bot"):
        return "by or for an app"
    if profile.get("is_restricted") or profile.get("is_ultra_restricted"):
        return "by or for a guest"
    if person.is_stranger:
        return "by or for someone of another workspace or organisation"
    return None


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """A name that two people share names nobody."""
    found: dict[str, str | None] = {}
    for name, user_id in pairs:
        found[name] = None if name in found else user_id
    return {name: user_id for name, user_id in found.items() if name and user_id}


def _days(
    files: Files, names: Iterable[str], bases: list[str]
) -> tuple[dict[Conversation, tuple[str, ...]], tuple[str, ...]]:
    known: dict[tuple[str, str], Conversation] = {}
    for base in bases:
        for file, is_private in _CONVERSATION_FILES.items():
            for listed in _listed(files, base + file):
                conversation = Conversation(listed["id"], is_private)
                for folder in (listed["id"], listed.get("name")):
                    if folder:
                        known.setdefault((base, _folded(str(folder))), conversation)
    found: dict[Conversation, list[str]] = {}
    strays: list[str] = []
    for name in names:
        folder, _, day = name.rpartition("/")
        base, _, last = folder.rpartition("/")
        if not _DAY_FILE.fullmatch(day) or (place := f"{base}/" if base else "") not in bases:
            continue
        # Channels that workspaces share are listed once, for the organisation.
        of_folder = known.get((place, _folded(last))) or known.get((bases[0], _folded(last)))
        if of_folder is None:
            strays.append(name)
        else:
            found.setdefault(of_folder, []).append(name)
    return {
        conversation: tuple(sorted(days, key=lambda name: (name.rpartition("/")[2], name)))
        for conversation, days in found.items()
    }, tuple(strays)


def _folded(folder: str) -> str:
    """Disks and zip files disagree about accents and capitals."""
    return unicodedata.normalize("NFC", folder).casefold()


# Gestures -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """What counts: reactions by their meaning, and in messages these emoji with names, and “++”."""

    reactions: Mapping[str, str]
    typed: Mapping[str, str] = field(default_factory=dict)
    plusplus: bool = False


def read_gestures(
    export: Export,
    wanted: Wanted,
    tz: ZoneInfo,
    *,
    count: Callable[[int], None] = lambda messages: None,
    progress: Callable[[int], None] = lambda size: None,
) -> Iterator[Past | Skipped]:
    """Read every conversation, one day file at a time.

    For each, `count` is told how many messages it had, and `progress` how many bytes.
    """
    if export.strays:
        yield Skipped("day files in folders that no channels.json names", len(export.strays))
    for conversation, days in export.days.items():
        edits = _edits(export.files, days, wanted)
        for day in days:
            messages = _messages(export.files.read(day))
            if messages is None:
                yield Skipped("day files that cannot be read", 1, day)
            count(len(messages or ()))
            for message in _as_last_told(messages or ()):
                yield from _read_message(message, conversation, edits, export, wanted, tz)
            progress(export.files.sizes[day])


def _messages(content: bytes) -> list[dict[str, Any]] | None:
    try:
        found = json.loads(content)
    except ValueError:
        return None
    return [message for message in found if isinstance(message, dict)] if isinstance(found, list) else None


def _edits(files: Files, days: Iterable[str], wanted: Wanted) -> dict[str, str | None]:
    """Where the export logs edits as messages of their own: the last text of each, None where it was deleted.

    Texts that give nothing are not kept, so that a long history of edits fits into memory.
    """
    last: dict[str, tuple[str, str | None]] = {}
    for day in days:
        content = files.read(day)
        if _EDIT.encode() not in content and _DELETION.encode() not in content:
            continue
        for message in _messages(content) or ():
            if message.get("subtype") == _EDIT:
                new = message.get("message") or message
                ts = (message.get("original") or {}).get("ts") or new.get("ts")
                text = str(new.get("text") or "")
                said = text if read_typed(text, wanted.typed, wanted.plusplus) else ""
            elif message.get("subtype") == _DELETION:
                before = message.get("previous_message") or message.get("original") or {}
                ts, said = message.get("deleted_ts") or before.get("ts"), None
            else:
                continue
            at = str(message.get("ts") or "")
            if ts and at >= last.get(str(ts), ("", None))[0]:
                last[str(ts)] = (at, said)
    return {ts: said for ts, (_, said) in last.items()}


def _as_last_told(messages: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Some exports tell a message again for each edit: the latest telling is the message."""
    told: dict[str, dict[str, Any]] = {}
    for message in messages:
        ts = str(message.get("ts"))
        if message.get("subtype") == _EDIT:
            continue
        if ts not in told or _edited(message) >= _edited(told[ts]):
            told[ts] = message
    return told.values()


def _edited(message: Mapping[str, Any]) -> str:
    edited = message.get("edited")
    return str(edited.get("ts") or "") if isinstance(edited, dict) else ""


def _read_message(
    message: dict[str, Any],
    conversation: Conversation,
    edits: Mapping[str, str | None],
    export: Export,
    wanted: Wanted,
    tz: ZoneInfo,
) -> Iterator[Past | Skipped]:
    subtype, ts = message.get("subtype"), str(message.get("ts") or "")
    deleted = subtype in _DELETED or (ts in edits and edits[ts] is None)
    if deleted:
        if subtype != _DELETION:
            yield Skipped("deleted messages")
        return
    author, at = message.get("user"), _moment(ts)
    if not isinstance(author, str) or at is None:
        return
    here = _Here(conversation, ts, at, export, tz)
    yield from here.reactions(message.get("reactions"), author, wanted.reactions)
    if subtype in _SAID_BY_A_PERSON and not message.get("bot_id"):
        text = edits[ts] if ts in edits else message.get("text")
        act = read_typed(str(text or ""), wanted.typed, wanted.plusplus)
        if act is not None:
            yield from here.typed(act, author)


def _moment(ts: str) -> datetime | None:
    seconds, _, fraction = ts.partition(".")
    try:
        return datetime.fromtimestamp(int(seconds), UTC) + timedelta(
            microseconds=int(fraction[:6].ljust(6, "0"))
        )
    except (ValueError, OverflowError, OSError):
        return None


@dataclass(frozen=True, slots=True)
class _Here:
    """One message, as the place where gestures happened."""

    conversation: Conversation
    ts: str
    at: datetime
    export: Export
    tz: ZoneInfo

    def reactions(self, found: Any, author: str, meanings: Mapping[str, str]) -> Iterator[Past | Skipped]:
        """One act for each person and kind, however many emoji showed it."""
        marks: dict[tuple[str, str], dict[str, tuple[bool, float]]] = {}
        for reaction in found if isinstance(found, list) else ():
            emoji = str(reaction.get("name"))
            kind = meanings.get(emoji.partition("::")[0])  # a skin tone changes no meaning
            if kind is None:
                continue
            users = [user for user in reaction.get("users") or () if isinstance(user, str)]
            for user in users:
                marks.setdefault((user, kind), {})[emoji] = (True, 0)
            if (left_out := int(reaction.get("count") or 0) - len(users)) > 0:
                yield Skipped("reactions by people whom the export leaves out", left_out)
        for (giver, kind), shown in marks.items():
            if giver == author:
                yield Skipped("to oneself")
            elif (reason := self._why_not(giver) or self._why_not(author)) is not None:
                yield Skipped(reason)
            else:
                yield self._past(giver, author, kind, shown)

    def typed(self, act: TypedAct, author: str) -> Iterator[Past | Skipped]:
        if (reason := self._why_not(author)) is not None:
            yield Skipped(reason)
            return
        receivers = []
        for found in self._named(act, author):
            if isinstance(found, Skipped):
                yield found
            elif found == author:
                yield Skipped("to oneself")
            elif (reason := self._why_not(found)) is not None:
                yield Skipped(reason)
            else:
                receivers.append(found)
        receivers = list(dict.fromkeys(receivers))
        if len(receivers) > MOST_RECEIVERS:
            yield Skipped(f"to more than {MOST_RECEIVERS} people at once")
            return
        for receiver in receivers:
            yield self._past(author, receiver, act.kind, {MARK: (True, 0)}, safe_note(act.note))

    def _named(self, act: TypedAct, author: str) -> Iterator[str | Skipped]:
        yield from act.people
        for group in act.groups:
            members = self.export.groups.get(group)
            if members is None:
                yield Skipped("to a user group whose members the export does not list")
            # Somebody who thanks their own group does not mean themselves.
            yield from (user for user in members or () if user != author)
        for handle in act.names:
            yield self.export.handles.get(handle) or Skipped(_UNNAMED)

    def _why_not(self, user: str) -> str | None:
        if user in self.export.people:
            return None
        return self.export.barred.get(user, _UNNAMED)

    def _past(
        self,
        giver: str,
        receiver: str,
        kind: str,
        marks: Mapping[str, tuple[bool, float]],
        note: str | None = None,
    ) -> Past:
        return Past(
            Gesture(
                giver=giver,
                receiver=receiver,
                kind=kind,
                source=message_source(self.conversation.channel_id, self.ts),
                happened_at=self.at,
                day=local_day(self.at, self.tz),
                visibility="private" if self.conversation.is_private else "channel",
                note=note,
            ),
            marks,
        )
