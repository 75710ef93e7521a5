"""Settings refuse what is missing or weak, and say which."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from slackapp.settings import BadSettingsError, read_settings
from tests import heard

GOOD = {
    "SLACK_SIGNING_SECRET": "0123456789abcdef0123456789abcdef",
    "MUTUAL_SECRET_KEYS": Fernet.generate_key().decode(),
}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"SLACK_SIGNING_SECRET": ""}, "SLACK_SIGNING_SECRET is missing."),
        ({"SLACK_SIGNING_SECRET": "short"}, "SLACK_SIGNING_SECRET: it must be the 32 characters"),
        ({"SLACK_SIGNING_SECRET": "8f742231b10e8888abcd99yyyzzz85a5"}, "SLACK_SIGNING_SECRET: it must"),
        ({"SLACK_SIGNING_SECRET": "a" * 32}, "SLACK_SIGNING_SECRET: it must"),
        ({"MUTUAL_SECRET_KEYS": "not a key"}, "MUTUAL_SECRET_KEYS: it must hold keys made by"),
        ({"MUTUAL_SECRET_KEYS": "A" * 43 + "="}, "MUTUAL_SECRET_KEYS: it must hold keys made by"),
        (
            {"SLACK_BOT_TOKEN": "xoxb-your-token-goes-here-please"},
            "SLACK_BOT_TOKEN: it must be a whole token",
        ),
        ({"SLACK_APP_TOKEN": "xoxb-1234567890-abcdefghij"}, "SLACK_APP_TOKEN: it must be a whole token"),
        (
            {"SLACK_CLIENT_ID": "1.2"},
            "SLACK_CLIENT_SECRET and MUTUAL_PUBLIC_URL must be given too",
        ),
        ({"SLACK_CLIENT_SECRET": "abc"}, "SLACK_CLIENT_SECRET: it must be the 32 characters"),
        ({"MUTUAL_PUBLIC_URL": "http://mutual.test"}, "MUTUAL_PUBLIC_URL: it must begin with https://"),
        ({"MUTUAL_METRICS_TOKEN": "changeme-changeme"}, "MUTUAL_METRICS_TOKEN: it must have 16 random"),
        ({"DATABASE_URL": "mysql://mutual:hidden@db/mutual"}, "DATABASE_URL: it must begin with postgresql"),
        ({"MUTUAL_TIMEZONE": "Middle-Earth"}, "MUTUAL_TIMEZONE: it must be a time zone like Europe/Berlin."),
        ({"MUTUAL_TIMEZONE": "right/UTC"}, "MUTUAL_TIMEZONE: it must be a time zone like Europe/Berlin."),
        ({"MUTUAL_TIMEZONE": "localtime"}, "MUTUAL_TIMEZONE: it must be a time zone like Europe/Berlin."),
        ({"MUTUAL_SUPPORT_EMAIL": "the help desk"}, "MUTUAL_SUPPORT_EMAIL: it must be an address like"),
        ({"MUTUAL_HOST": "mutual.test"}, "MUTUAL_HOST: it must be a number like 127.0.0.1"),
        ({"PORT": "700000"}, "PORT: Input should be less than or equal to 65535."),
    ],
)
def test_a_setting_that_is_weak_or_cannot_be_used_is_named_and_never_quoted(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], says: str
) -> None:
    for name, value in {**GOOD, **given}.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(BadSettingsError) as refused:
        read_settings()

    assert says in str(refused.value)
    assert not any(value in str(refused.value) for value in given.values() if len(value) > 4)


def test_what_slack_run_names_in_its_own_way_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {
        **GOOD,
        "SLACK_CLI_XOXB": "xoxb-1234567890-abcdefghij",
        "SLACK_CLI_XAPP": "xapp-1234567890-abcdefghij",
    }
    for name, value in said.items():
        monkeypatch.setenv(name, value)

    assert read_settings().slack_app_token is not None
    assert read_settings().slack_bot_token is not None


def test_serving_under_a_powerful_database_role_is_refused(database_url: str) -> None:
    powerful = database_url.replace("//mutual@", "//postgres@")
    if powerful == database_url:
        pytest.skip("this database has no superuser to try")
    ended = heard.slackapp("serve", env={**GOOD, "DATABASE_URL": powerful})

    assert ended.returncode == 2
    assert "superuser or bypasses row-level security" in ended.stderr


def test_starting_with_a_time_zone_that_the_database_lacks_is_refused(
    database_url: str, tmp_path: Path, new_zone: str
) -> None:
    env = {**GOOD, "DATABASE_URL": database_url, "MUTUAL_TIMEZONE": new_zone}

    ended = heard.slackapp("worker", env={**env, "PYTHONTZPATH": str(tmp_path)})

    assert ended.returncode == 2
    assert ended.stderr.strip() == "MUTUAL_TIMEZONE: the database does not know this time zone."


def test_where_there_is_no_database_and_no_place_for_one_it_says_so() -> None:
    ended = heard.slackapp("migrate", env={**GOOD, "MUTUAL_HOME": "/dev/null/mutual"})

    assert ended.returncode == 2
    assert ended.stderr.strip() == (
        "DATABASE_URL is missing, and an embedded PostgreSQL cannot keep its files in MUTUAL_HOME "
        "(/dev/null/mutual): Not a directory."
    )


@pytest.mark.parametrize(
    "command", ["migrate", "digest preview U0ANA", "keys rotate", "export gestures --workspace T0"]
)
def test_a_database_that_does_not_answer_is_told_in_a_sentence(command: str) -> None:
    elsewhere = "postgresql://mutual:hidden-word@127.0.0.1:9/nowhere"
    ended = heard.slackapp(*command.split(), env={**GOOD, "DATABASE_URL": elsewhere})

    assert ended.returncode == 1
    assert "The database does not answer" in ended.stderr
    assert "Look at DATABASE_URL." in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "hidden-word" not in ended.stderr
