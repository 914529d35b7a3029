"""Settings as deployers write them, and the table that lists them."""

import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from adelante.locale import LANGUAGES
from app import listening, main
from app.processes import processes_told, sharing
from app.settings import SettingFault, Settings, settings_from_environment, variable, warnings_about
from app.settings_table import FILES, table

ROOT = Path(__file__).parents[1]


def read(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name in [name for name in os.environ if name.upper().startswith("ADELANTE_")]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings_from_environment.cache_clear()
    try:
        return settings_from_environment()
    finally:
        settings_from_environment.cache_clear()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_is_of_these_settings(language: str) -> None:
    text = (ROOT / FILES[language]).read_text()
    assert text == table(language), "python -m app.settings_table writes it anew"
    for name in Settings.model_fields:
        assert f"| `{variable(name)}` |" in text


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("", ()),
        ("[]", ()),
        ("https://lms.example", ("https://lms.example",)),
        ("https://lms.example/, HTTP://B.example:80 ,", ("https://lms.example", "http://b.example")),
        ('["https://lms.example/"]', ("https://lms.example",)),
        ("http://[::1]:3000,null", ("http://[::1]:3000", "null")),
    ],
)
def test_origins_as_people_write_them(monkeypatch: pytest.MonkeyPatch, text: str, origins: tuple[str, ...]) -> None:
    assert read(monkeypatch, ADELANTE_ALLOWED_ORIGINS=text).allowed_origins == origins


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("ADELANTE_ALLOWED_ORIGINS", value)
            for value in ("lms.example", "https://lms.example/course", "*", "[", "[1]", "{}", "https://", "https://a b")
        ),
        *(("ADELANTE_ALLOWED_HOSTS", value) for value in ("a b", "http://", "*.", "https://nn.example/course")),
        *(("ADELANTE_PORT", value) for value in ("many", "-1", "65536", "8000.5")),
        *(("ADELANTE_PASS_TIMEOUT_SECONDS", value) for value in ("0", "-1", "inf", "nan", "1e300", "soon")),
        *(("ADELANTE_DEVICE", value) for value in ("gpu", "cuda:", "cuda:-1")),
        ("ADELANTE_THREADS", "0"),
        ("ADELANTE_THREADS", "1000000"),
        ("ADELANTE_WORKERS", "two"),
        ("ADELANTE_MAX_DEPTH", "3"),
        ("ADELANTE_MAX_DEPTH", "65"),
        ("ADELANTE_STORE_MAX_BYTES", "1 GB"),
        ("ADELANTE_LOG_LEVEL", "loud"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_value_is_named_with_what_is_taken(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, language: str
) -> None:
    with pytest.raises(SettingFault) as caught:
        read(monkeypatch, **{name: value})
    sentence = caught.value.sentence(language)
    assert sentence.startswith(name)
    assert value in sentence
    assert "\n" not in sentence


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = {variable(name): "" for name in Settings.model_fields}
    assert read(monkeypatch, **empty) == Settings(host="")


def test_what_kubernetes_sets_for_a_service_of_that_name_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    link = "tcp://10.43.0.1:8000"
    injected = {"ADELANTE_SERVICE_HOST": "10.43.0.1", "ADELANTE_SERVICE_PORT": "8000", "ADELANTE_PORT_8000_TCP": link}
    assert read(monkeypatch, ADELANTE_PORT=link, **injected) == Settings()


@pytest.mark.parametrize(
    ("arguments", "environment", "processes"),
    [
        ("--workers 2", {}, 2),
        ("--workers=4 --port 8000", {}, 4),
        ("-w4", {}, 4),
        ("", {"WEB_CONCURRENCY": "3"}, 3),
        ("--workers 1", {"WEB_CONCURRENCY": "3"}, 1),
        ("--port 2", {}, 1),
    ],
)
def test_how_many_processes_uvicorn_was_told_to_start(
    arguments: str, environment: dict[str, str], processes: int
) -> None:
    assert processes_told(["uvicorn", "app.main:app", *arguments.split()], environment) == processes


def test_several_processes_share_their_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert sharing(read(monkeypatch), 1).store == "memory://"
    assert sharing(read(monkeypatch), 2).store == str(tmp_path / "adelante" / "networks")
    assert sharing(read(monkeypatch, ADELANTE_STORE="s3://class"), 2).store == "s3://class"
    with pytest.raises(SettingFault) as refused:
        sharing(read(monkeypatch, ADELANTE_STORE="memory://"), 2)
    assert "2 processes share" in refused.value.sentence("en")
    monkeypatch.setenv("XDG_STATE_HOME", "not/absolute")
    monkeypatch.setenv("HOME", "/home/ada")
    assert sharing(read(monkeypatch), 2).store == "/home/ada/.local/state/adelante/networks"


def test_the_application_of_several_others_refuses_memory_too(monkeypatch: pytest.MonkeyPatch) -> None:
    read(monkeypatch)
    monkeypatch.setattr(sys, "argv", ["uvicorn", "app.main:app", "--workers", "2"])
    monkeypatch.setenv("ADELANTE_STORE", "memory://")
    with pytest.raises(SystemExit) as ended:
        main._served_by_others()
    settings_from_environment.cache_clear()
    assert ended.value.code == 2


def test_words_are_read_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, ADELANTE_LOG_LEVEL="INFO", ADELANTE_DEVICE="CPU", adelante_port="9000")
    assert (settings.log_level, settings.device, settings.port) == ("info", "cpu", 9000)


def test_misspelt_variables_are_told_and_those_of_others_are_not() -> None:
    said = warnings_about(
        {
            "ADELANTE_MAX_BATHC": "3",
            "ADELANTE_QQQQ": "1",
            "ADELANTE_STUDIO_BUILT": "1",
            "ADELANTE_PORT": "tcp://10.0.0.1:8000",
            "ADELANTE_SERVICE_HOST": "10.0.0.1",
            "ADELANTE_SERVICE_PORT_HTTP": "8000",
            "ADELANTE_PORT_8000_TCP": "tcp://10.0.0.1:8000",
            "ADELANTE_PORT_8000_TCP_ADDR": "10.0.0.1",
            "ADELANTE_WEB_SERVICE_PORT": "8000",
            "ADELANTE_WEB_PORT": "tcp://10.0.0.1:8000",
            "adelante_max_batch": "3",
            "PATH": "/",
        },
        "en",
    )
    assert said == [
        "ADELANTE_MAX_BATHC is not a setting and does nothing. Did you mean ADELANTE_MAX_BATCH?",
        "ADELANTE_QQQQ is not a setting and does nothing. The settings are listed in docs/settings.md.",
    ]


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({}, None),
        ({"PORT": "8080"}, "PORT"),
        ({"PORT": "8080", "ADELANTE_PORT": "9000"}, "ADELANTE_PORT"),
        ({"PORT": "8080", "ADELANTE_PORT": ""}, "PORT"),
        ({"PORT": "8080", "ADELANTE_PORT": "tcp://10.0.0.1:8000"}, "PORT"),
        ({"ADELANTE_PORT": "tcp://10.0.0.1:8000"}, None),
    ],
)
def test_which_variable_says_the_port(environment: dict[str, str], name: str | None) -> None:
    assert listening.port_variable(environment) == name


class Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/v2/health/ready" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_the_health_check_follows_host_and_port_and_no_proxy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with HTTPServer(("127.0.0.2", 0), Ready) as server:
        port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert listening.is_ready("127.0.0.2", port, {})
        assert listening.is_ready(None, None, {"ADELANTE_HOST": "127.0.0.2", "ADELANTE_PORT": str(port)})
        assert listening.is_ready(None, None, {"ADELANTE_HOST": "127.0.0.2", "PORT": str(port)})
        assert not listening.is_ready(None, port, {})
        # What was given on the command line stands in the note alone.
        listening.leave_note("127.0.0.2", port)
        assert listening.is_ready(None, None, {"ADELANTE_HOST": "0.0.0.0"})
        assert listening.is_ready(None, None, {"ADELANTE_PORT": str(port)})
        listening.remove_note()
        assert not listening.is_ready(None, port, {})
        server.shutdown()


@pytest.mark.parametrize(("written", "host"), [("[::1]", "::1"), (" 127.0.0.1 ", "127.0.0.1"), ("::", "::"), ("", "")])
def test_a_host_may_be_written_as_addresses_write_it(monkeypatch: pytest.MonkeyPatch, written: str, host: str) -> None:
    monkeypatch.setenv("ADELANTE_HOST", written)
    assert Settings().host == host
