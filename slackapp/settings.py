"""What the environment decides. Nothing else reads it."""

from functools import cached_property
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from slackapp.domain.privacy import Retention


class BadSettingsError(Exception):
    """The environment cannot be used. The message says which variable, and what it needs."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    slack_signing_secret: SecretStr
    slack_bot_token: SecretStr | None = None  # one workspace; without it, workspaces install by themselves
    slack_api_url: str = "https://slack.com/api/"
    mutual_secret_keys: SecretStr  # Fernet keys, comma-separated; the first encrypts, all decrypt
    database_url: str | None = None  # None: an embedded PostgreSQL in `mutual_home`
    mutual_home: Path = Path(".local")
    mutual_timezone: str = "UTC"  # of a workspace until an admin chooses
    mutual_clock_file: Path | None = None  # the sandbox's: how far its time is ahead
    mutual_public_url: str | None = None  # where Slack can fetch pictures; None: pages go without
    mutual_metrics_token: SecretStr | None = None  # None: no /metrics
    mutual_post_interval: float = Field(default=1.0, ge=0)  # seconds between two digests in one workspace
    mutual_note_days: int = Field(default=90, ge=1)  # then the words of a gesture are removed
    mutual_gesture_days: int = Field(default=730, ge=90)  # then the gesture is
    mutual_grace_days: int = Field(default=30, ge=0)  # from uninstalling to removing everything
    mutual_log_level: str = "INFO"
    host: str = Field(default="127.0.0.1", validation_alias="MUTUAL_HOST")
    port: int = 3000

    @field_validator("slack_signing_secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr) -> SecretStr:
        if len(secret.get_secret_value()) < 32:
            raise ValueError("it must be the 32 characters from the app's “Basic Information” page")
        return secret

    @field_validator("mutual_secret_keys")
    @classmethod
    def _fernet(cls, keys: SecretStr) -> SecretStr:
        try:
            [Fernet(key.strip()) for key in keys.get_secret_value().split(",")]
        except ValueError:
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
            name = str(problem["loc"][0]).upper()
            missing = problem["type"] == "missing"
            lines.append(
                f"{name} is missing."
                if missing
                else f"{name}: {problem['msg'].removeprefix('Value error, ')}."
            )
        raise BadSettingsError("\n".join(lines)) from None
