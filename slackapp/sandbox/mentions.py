"""How Slack writes down what a person typed: names become ids, and &, < and > are escaped."""

import re
from collections.abc import Collection

from .workspace import Workspace

CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
TOKEN = re.compile(
    r"<(?:@[UW][A-Z0-9]+|#C[A-Z0-9]+|!subteam\^S[A-Z0-9]+|!here|!channel|!everyone)(?:\|[^>]*)?>"
)
LINK = re.compile(r"https?://[^\s<>|]+[^\s<>|.,;:!?)\]}'\"]")
EVERYONE = ("here", "channel", "everyone")


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def as_message(text: str, workspace: Workspace) -> str:
    """The text of a message: names outside code become ids."""
    parts, end = [], 0
    for code in CODE.finditer(text):
        parts += [linked(text[end : code.start()], workspace, labels=False), escaped(code.group())]
        end = code.end()
    return "".join([*parts, linked(text[end:], workspace, labels=False)])


def as_command(text: str, workspace: Workspace, *, should_escape: bool) -> str:
    """The text of a slash command: with ids and handles when the command asks Slack to escape, else as typed."""
    return linked(text, workspace, labels=True) if should_escape else text


def linked(text: str, workspace: Workspace, *, labels: bool) -> str:
    names = named(text.lower(), workspace, labels=labels)
    pattern = re.compile(
        f"(?P<token>{TOKEN.pattern})|(?P<link>{LINK.pattern})|(?<![\\w@#])(?P<name>{any_of(names)})(?!\\w)",
        re.IGNORECASE,
    )
    parts, end = [], 0
    for found in pattern.finditer(text):
        parts.append(escaped(text[end : found.start()]))
        end = found.end()
        if found["name"]:
            parts.append(names[found["name"].lower()])
        elif found["link"]:
            parts.append(f"<{escaped(found['link'])}>")
        else:
            parts.append(known_token(found["token"], workspace, labels=labels))
    return "".join([*parts, escaped(text[end:])])


def named(text: str, workspace: Workspace, *, labels: bool) -> dict[str, str]:
    """The names that occur in a text, and what Slack writes for each."""
    names: dict[str, str] = {}
    if "@" in text:
        for user in workspace.users.values():
            token = f"<@{user.id}|{user.name}>" if labels else f"<@{user.id}>"
            # A handle belongs to one person; a display name to whoever came first.
            names[f"@{user.name}".lower()] = token
            for other in (user.real_name, user.display_name):
                names.setdefault(f"@{other}".lower(), token)
        for group in workspace.usergroups.values():
            names[f"@{group.handle}".lower()] = f"<!subteam^{group.id}>"
        for word in EVERYONE:
            names[f"@{word}"] = f"<!{word}>"
    if "#" in text:
        for channel in workspace.channels.values():
            if not channel.is_im:
                names[f"#{channel.name}".lower()] = f"<#{channel.id}|{channel.name}>"
    return {name: token for name, token in names.items() if name in text}


def any_of(names: Collection[str]) -> str:
    if not names:
        return "(?!)"  # matches nothing
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


def known_token(token: str, workspace: Workspace, *, labels: bool) -> str:
    """A mention picked from the completion list comes as its id already."""
    bare = token.strip("<>").split("|")[0]
    if bare.startswith("@"):
        user = workspace.users.get(bare[1:])
        return f"<{bare}|{user.name}>" if user and labels else f"<{bare}>"
    if bare.startswith("#"):
        channel = workspace.channels.get(bare[1:])
        return f"<{bare}|{channel.name if channel else ''}>"
    return f"<{bare}>"
