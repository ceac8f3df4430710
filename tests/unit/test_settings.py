"""Settings are refused with every mistake at once; each has its line, and its effect."""

import re
from pathlib import Path

import pytest

from server.settings import (
    SETTINGS_FILE,
    Settings,
    SettingsRefused,
    as_environment,
    describe,
    load,
)
from server.settings.groups import Group, Media

REFERENCE = Path(__file__).parents[2] / "docs" / "ref" / "settings.md"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in [n for n in os.environ if n.startswith("ILOTIER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ILOTIER_DATA_DIR", str(tmp_path))


def test_all_mistakes_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ILOTIER_HTTP__PORT", "99999")
    monkeypatch.setenv("ILOTIER_HTP__PORT", "1")
    monkeypatch.setenv("ILOTIER_RETENTION__STILLS_DAYS", "31")

    with pytest.raises(SettingsRefused) as refused:
        load()

    assert [line.split(":")[0] for line in str(refused.value).splitlines()] == [
        "ILOTIER_HTP__PORT",
        "http.port",
        "retention.stills_days",
    ]


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"ILOTIER_HTTP__CERTIFICATE": "/c.pem"}, "http.private_key"),
        ({"ILOTIER_HTTP__PORT": "0", "ILOTIER_HTTP__PLAIN_PORT": "0"}, "http.plain_port"),
        ({"ILOTIER_MEDIA__UDP_PORT": "65536"}, "media.udp_port"),
        (
            {"ILOTIER_MEDIA__PROCESSES": "2", "ILOTIER_MEDIA__URL": "http://media.example"},
            "media.url",
        ),
        (
            {"ILOTIER_MEDIA__PROCESSES": "3", "ILOTIER_MEDIA__LISTEN_PORT": "65534"},
            "media.listen_port",
        ),
        ({"ILOTIER_TURN_URLS": '["turn:t.example:3478"]'}, "turn_secret"),
        ({"ILOTIER_DATABASE_URL": "mysql://x"}, "database_url"),
        ({"ILOTIER_MEDIA__ICE_ADDRESSES": '["10.0.0.5"'}, "media"),
        ({SETTINGS_FILE: "/nowhere/ilotier.toml"}, "/nowhere/ilotier.toml"),
    ],
)
def test_what_can_not_be_meant_is_refused_by_name(
    environment: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SettingsRefused, match=named):
        load()


def test_the_environment_wins_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "ilotier.toml"
    file.write_text('log_level = "DEBUG"\n[http]\nport = 1111\nplain_port = 2222\n')
    monkeypatch.setenv(SETTINGS_FILE, str(file))
    monkeypatch.setenv("ILOTIER_HTTP__PORT", "3333")

    settings = load()

    assert (settings.http.port, settings.http.plain_port) == (3333, 2222)
    assert settings.log_level == "DEBUG"


def test_a_file_that_is_no_toml_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "ilotier.toml"
    file.write_text("port = = 3")
    monkeypatch.setenv(SETTINGS_FILE, str(file))

    with pytest.raises(SettingsRefused):
        load()


def test_a_child_process_reads_the_same_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = load(
        {
            "database_url": "postgresql://a:secret@/ilotier?host=/run/x",
            "turn_secret": "quiet",
            "http": {"names": ("csu.example.org",), "trusted_proxies": ("10.0.0.0/8",)},
            "media": {"ice_addresses": ("10.0.0.5", "2001:db8::5")},
        }
    )
    for name, value in as_environment(settings).items():
        monkeypatch.setenv(name, value)

    assert load() == settings


def test_secrets_are_masked_where_settings_are_shown() -> None:
    settings = load({"database_url": "postgresql://a:hushhush@db/x", "turn_secret": "hushhush"})

    assert not any("hushhush" in value for _, value, _ in describe(settings))


def test_an_edge_s_key_is_masked_checked_and_handed_on_whole() -> None:
    settings = load({"edge": {"key": "ab" * 32}})

    assert not any("abab" in value for _, value, _ in describe(settings))
    assert as_environment(settings)["ILOTIER_EDGE__KEY"] == "ab" * 32
    with pytest.raises(SettingsRefused, match=r"edge\.key.*ilotier edge-key"):
        load({"edge": {"key": "a word"}})
    with pytest.raises(SettingsRefused, match=r"edge\.urls.*https://HOST:PORT"):
        load({"edge": {"urls": ["http://edge.example"]}})


def test_the_reference_names_every_setting_with_its_meaning() -> None:
    text = REFERENCE.read_text()
    for name, field in Settings.model_fields.items():
        nested = isinstance(field.annotation, type) and issubclass(field.annotation, Group)
        inner = field.annotation.model_fields if nested else {}  # type: ignore[union-attr]  # a Group
        rows = {f"{name}.{n}": f for n, f in inner.items()} or {name: field}
        for row, meaning in rows.items():
            assert f"| `{row}` |" in text
            assert (meaning.description or "?") in text


def test_every_setting_is_read_somewhere() -> None:
    server = Path(__file__).parents[2] / "server"
    sources = [file for file in server.rglob("*.py") if file.parent.name != "settings"]
    text = "\n".join(file.read_text() for file in sources)
    for name, field in Settings.model_fields.items():
        nested = isinstance(field.annotation, type) and issubclass(field.annotation, Group)
        inner = field.annotation.model_fields if nested else {}  # type: ignore[union-attr]  # a Group
        for one in [*inner] or [name]:
            is_read_at_home = one in {"public_url", "names"}  # by functions of server.settings
            assert is_read_at_home or re.search(rf"\.{one}\b", text), one


def test_each_media_process_of_a_host_has_ports_of_its_own() -> None:
    media = Media(processes=3, listen_port=7000, url="http://10.0.0.2:7100", udp_port=8189)

    assert [(one.listen_port, one.url, one.udp_port) for one in map(media.of, (1, 3))] == [
        (7000, "http://10.0.0.2:7100", 8189),
        (7002, "http://10.0.0.2:7102", 8191),
    ]
    assert Media(processes=2).of(2).listen_port == 0  # any free one
