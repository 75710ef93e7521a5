"""What the environment decides. Nothing else reads it."""

import re
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, MultiFernet
from pydantic import (
    AliasChoices,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from slackapp.domain.privacy import Retention
from slackapp.domain.weeks import is_zone


class BadSettingsError(Exception):
    """The environment cannot be used. The message says which variable, and what it needs."""


#: From documentation and examples, so known to everybody. The second is in Slack's page about signatures.
KNOWN = (
    "example",
    "changeme",
    "change-me",
    "secret",
    "your-",
    "xxxxxxxx",
    "8f742231b10e8888abcd99yyyzzz85a5",
    "…",
    "...",
)


def _strong(secret: SecretStr, length: int) -> bool:
    """Long enough, of many different characters, and not copied from an example."""
    said = secret.get_secret_value()
    return len(said) >= length and len(set(said)) >= 8 and not any(known in said.lower() for known in KNOWN)


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_file=".env",
        extra="ignore",
        env_ignore_empty=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    slack_signing_secret: SecretStr
    # One workspace; without it, workspaces install by themselves. `slack run` names its tokens in its own way.
    slack_bot_token: SecretStr | None = Field(
        None, validation_alias=AliasChoices("SLACK_BOT_TOKEN", "SLACK_CLI_XOXB")
    )
    slack_app_token: SecretStr | None = Field(
        None, validation_alias=AliasChoices("SLACK_APP_TOKEN", "SLACK_CLI_XAPP")
    )  # for `serve --socket`
    slack_client_id: str | None = (
        None  # with its secret and a public address, workspaces install at /slack/install
    )
    slack_client_secret: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"
    mutual_secret_keys: SecretStr  # Fernet keys, comma-separated; the first encrypts, all decrypt
    database_url: str | None = None  # None: an embedded PostgreSQL in `mutual_home`
    mutual_home: Path = Path(".local")
    mutual_timezone: str = "UTC"  # of a workspace until an admin chooses
    mutual_clock_file: Path | None = None  # the sandbox's: how far its time is ahead
    mutual_public_url: str | None = None  # where Slack can fetch pictures; None: they are uploaded to it
    mutual_support_email: str | None = None  # on the support page
    mutual_metrics_token: SecretStr | None = None  # None: no /metrics
    mutual_post_interval: float = Field(default=1.0, ge=0)  # seconds between two digests in one workspace
    mutual_note_days: int = Field(default=90, ge=1)  # then the words of a gesture are removed
    mutual_gesture_days: int = Field(default=730, ge=90)  # then the gesture is
    mutual_grace_days: int = Field(default=30, ge=0)  # from uninstalling to removing everything
    mutual_log_level: str = "INFO"
    host: str = Field(default="127.0.0.1", validation_alias="MUTUAL_HOST")
    port: int = Field(default=3000, ge=1, le=65535)

    @field_validator("slack_signing_secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr) -> SecretStr:
        if not _strong(secret, 32):
            raise ValueError("it must be the 32 characters from the app's “Basic Information” page")
        return secret

    @field_validator("slack_bot_token", "slack_app_token")
    @classmethod
    def _of_its_kind(cls, token: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        start = "xoxb-" if info.field_name == "slack_bot_token" else "xapp-"
        if token is not None and not (token.get_secret_value().startswith(start) and _strong(token, 20)):
            raise ValueError(f"it must be a whole token, which begins with {start}")
        return token

    @field_validator("slack_client_secret")
    @classmethod
    def _whole(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and not _strong(secret, 32):
            raise ValueError("it must be the 32 characters from the app's “Basic Information” page")
        return secret

    @field_validator("mutual_metrics_token")
    @classmethod
    def _hard_to_guess(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and not _strong(token, 16):
            raise ValueError("it must have 16 random characters or more")
        return token

    @field_validator("database_url")
    @classmethod
    def _postgresql(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
            raise ValueError("it must begin with postgresql://")
        return url

    @field_validator("mutual_timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if not is_zone(name):
            raise ValueError("it must be a time zone like Europe/Berlin")
        return name

    @field_validator("mutual_support_email")
    @classmethod
    def _mailbox(cls, address: str | None) -> str | None:
        if address is not None and not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", address):
            raise ValueError("it must be an address like help@example.com")
        return address

    @field_validator("host")
    @classmethod
    def _number(cls, host: str) -> str:
        try:
            ip_address(host)
        except ValueError:
            raise ValueError("it must be a number like 127.0.0.1, or 0.0.0.0 for every address") from None
        return host

    @field_validator("mutual_public_url")
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "localhost"}:
            raise ValueError("it must begin with https://, because tokens travel there")
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("it must be an address like https://mutual.example.com")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        wanted = {
            "SLACK_CLIENT_ID": self.slack_client_id,
            "SLACK_CLIENT_SECRET": self.slack_client_secret,
            "MUTUAL_PUBLIC_URL": self.mutual_public_url,
        }
        missing = [name for name, value in wanted.items() if value is None]
        if missing and (self.slack_client_id or self.slack_client_secret):
            raise ValueError(f"{' and '.join(missing)} must be given too, so that workspaces can install")
        return self

    @field_validator("mutual_log_level")
    @classmethod
    def _level(cls, level: str) -> str:
        if level.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("it must be DEBUG, INFO, WARNING or ERROR")
        return level.upper()

    @field_validator("mutual_secret_keys")
    @classmethod
    def _fernet(cls, keys: SecretStr) -> SecretStr:
        try:
            [Fernet(key.strip()) for key in keys.get_secret_value().split(",")]
            guessable = any(
                not _strong(SecretStr(key.strip().rstrip("=")), 43)
                for key in keys.get_secret_value().split(",")
            )
        except ValueError:
            guessable = True
        if guessable:
            raise ValueError("it must hold keys made by `slackapp keys new`, separated by commas") from None
        return keys

    @property
    def retention(self) -> Retention:
        return Retention(self.mutual_note_days, self.mutual_gesture_days, self.mutual_grace_days)

    @cached_property
    def cipher(self) -> MultiFernet:
        return MultiFernet(
            [Fernet(key.strip()) for key in self.mutual_secret_keys.get_secret_value().split(",")]
        )


def read_settings() -> Settings:
    """Raises BadSettingsError with one line for each variable that is missing or weak."""
    try:
        return Settings.model_validate({})
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            if not problem["loc"]:
                lines.append(f"{problem['msg'].removeprefix('Value error, ')}.")
                continue
            name = str(problem["loc"][0]).upper()
            missing = problem["type"] == "missing"
            lines.append(
                f"{name} is missing."
                if missing
                else f"{name}: {problem['msg'].removeprefix('Value error, ')}."
            )
        raise BadSettingsError("\n".join(lines)) from None
