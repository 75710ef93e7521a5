"""The app as this workspace has installed it: what its manifest asks for, its bot and its tokens."""

import hashlib
from typing import Any

from .elements import Json
from .errors import SlackError
from .workspace import Workspace, identifier


class Installation:
    def __init__(
        self, manifest: Json, workspace: Workspace, *, seed: str, optional_scopes: bool = True
    ) -> None:
        self.manifest = manifest
        self.workspace = workspace
        self.name: str = manifest.get("display_information", {}).get("name", "App")
        self.description: str = manifest.get("display_information", {}).get("description", "")
        features: Json = manifest.get("features", {})
        home: Json = features.get("app_home", {})
        self.home_tab = bool(home.get("home_tab_enabled", False))
        self.messages_tab = bool(home.get("messages_tab_enabled", False))
        self.messages_read_only = bool(home.get("messages_tab_read_only_enabled", False))
        self.commands: list[Json] = list(features.get("slash_commands", []))
        self.shortcuts: list[Json] = list(features.get("shortcuts", []))
        self.steps: dict[str, Json] = dict(manifest.get("functions", {}))
        settings: Json = manifest.get("settings", {})
        events: Json = settings.get("event_subscriptions", {})
        self.subscribed = frozenset(events.get("bot_events", []))
        self.event_url: str | None = events.get("request_url")
        self.interactivity: Json = settings.get("interactivity", {})
        scopes: Json = manifest.get("oauth_config", {}).get("scopes", {})
        self.required_scopes = frozenset(scopes.get("bot", []))
        self.optional_scopes = frozenset(scopes.get("bot_optional", []))
        # Slack lists an optional scope among the bot scopes as well; what is required is the rest.
        self.granted = self.required_scopes | self.optional_scopes
        if not optional_scopes:
            self.granted = self.required_scopes - self.optional_scopes
        bot: Json = features.get("bot_user", {})
        display = str(bot.get("display_name", self.name))
        self.app_id = identifier("A", self.name)  # one app, however many workspaces install it
        self.bot_id = identifier("B", f"{workspace.domain}/{self.name}")
        self.bot_user_id = identifier("U", f"{workspace.domain}/bot/{self.name}")
        workspace.add_user(
            display.lower().replace(" ", "_"),
            user_id=self.bot_user_id,
            real_name=display,
            is_bot=True,
            bot_id=self.bot_id,
            app_id=self.app_id,
            tz="UTC",
        )
        secret = hashlib.sha256(f"{workspace.team_id}/{seed}".encode()).hexdigest()
        # Not random: an app that stored the token still knows the workspace after the demo is restarted.
        self.bot_token = f"xoxb-sandbox-{secret[:40]}"
        # The app's own credentials are the same in every workspace.
        self.client_id = f"1000.{int(hashlib.sha256(seed.encode()).hexdigest()[:10], 16)}"
        self.client_secret = hashlib.sha256(f"client/{seed}".encode()).hexdigest()[:32]
        self.app_token = f"xapp-sandbox-{hashlib.sha256(f'app/{seed}'.encode()).hexdigest()[:40]}"
        self.verification_token = secret[40:64]
        self.tokens: dict[str, str | None] = {self.bot_token: None}  # token → why it no longer works

    def bot_of(self, token: str | None) -> str:
        """Whose token it is, or Slack's reason for not taking it."""
        if not token:
            raise SlackError("not_authed")
        if token not in self.tokens:
            raise SlackError("invalid_auth")
        reason = self.tokens[token]
        if reason:
            raise SlackError(reason)
        return self.bot_user_id

    def profile(self) -> Json:
        return {
            "id": self.bot_id,
            "app_id": self.app_id,
            "user_id": self.bot_user_id,
            "name": self.name,
            "deleted": False,
            "updated": 0,
            "team_id": self.workspace.team_id,
        }

    def message(self, text: str, **parts: Any) -> Json:
        """What a message of the app's bot consists of."""
        return {
            "user": self.bot_user_id,
            "bot_id": self.bot_id,
            "app_id": self.app_id,
            "team": self.workspace.team_id,
            "bot_profile": self.profile(),
            "text": text,
            **{name: part for name, part in parts.items() if part not in (None, [], "")},
        }
