"""The program as a process: exit codes, pipes, encodings, colours, and how little it imports for its help."""

import os
import pty
import select
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from app import __version__
from tests import warm
from tests.long import long

COMMAND = [sys.executable, "-m", "app.cli"]
UVICORN = [sys.executable, "-m", "uvicorn", "app.main:app"]
ROOT = Path(__file__).parents[2]


def environment(**variables: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("LC_ALL", "LC_MESSAGES", "LANG", "COLUMNS")}
    return {**kept, "PYTHONPATH": str(ROOT), **variables}


def call(*arguments: str, stdin: bytes = b"", **variables: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [*COMMAND, *arguments], input=stdin, capture_output=True, env=environment(**variables), timeout=60, cwd=ROOT
    )


def soon(*arguments: str, module: str = "app.cli", **variables: str) -> "subprocess.CompletedProcess[bytes]":
    """As `call`, from a process that has imported torch: for what says nothing of the start of Python itself."""
    return warm.run(program(*arguments, module=module, streams=None, **variables))


def program(
    *arguments: str,
    module: str = "app.cli",
    streams: tuple[str | None, str | None, str | None] | None = None,
    **variables: str,
) -> warm.Program:
    return warm.Program(
        module, arguments=arguments, environment=environment(**variables), folder=str(ROOT), streams=streams
    )


def test_statuses() -> None:
    good, bad, wrong = call("forward", "xor"), soon("forward", "xor", "-i", "1"), call("forward", "xor", "--nope")
    assert (good.returncode, bool(good.stdout), good.stderr) == (0, True, b"")
    assert (bad.returncode, bad.stdout, bool(bad.stderr)) == (1, b"", True)
    assert (wrong.returncode, wrong.stdout, bool(wrong.stderr)) == (2, b"", True)


def test_version() -> None:
    assert call("--version").stdout.decode() == f"adelante {__version__}\n"


@pytest.mark.parametrize(
    ("module", "arguments", "variables", "sentence"),
    [
        ("app.cli", ["forward", "xor"], {"ADELANTE_MAX_BATCH": "many"}, "ADELANTE_MAX_BATCH can't be many: it takes"),
        ("app.cli", ["serve"], {"ADELANTE_ALLOWED_ORIGINS": "lms.example"}, "ADELANTE_ALLOWED_ORIGINS can't be"),
        ("app.cli", ["serve"], {"ADELANTE_STORE": __file__}, "ADELANTE_STORE can't be"),
        ("uvicorn", [*UVICORN[3:], "--port", "0"], {"ADELANTE_DEVICE": "cuda:99"}, "ADELANTE_DEVICE can't be cuda:99"),
    ],
)
def test_a_setting_that_is_wrong_ends_the_start_with_one_sentence(
    module: str, arguments: list[str], variables: dict[str, str], sentence: str
) -> None:
    result = soon(*arguments, module=module, **variables)
    assert result.returncode == 2
    assert result.stdout == b""
    told = result.stderr.decode().splitlines()
    assert told[0].startswith(f"Error: {sentence}")
    assert told[1:] in ([], [f"See: adelante {arguments[-1]} --help"], ["See: adelante forward --help"])


@pytest.mark.parametrize("forked", [True, long(False)])
def test_a_setting_that_is_wrong_ends_several_workers_with_one_sentence_and_they_are_not_started_again(
    forked: bool,
) -> None:
    command, wrong = [*UVICORN, "--workers", "2", "--port", "0"], {"ADELANTE_MAX_BATCH": "many"}
    if forked:
        result = soon(*command[2:], module="tests.forked", **wrong)
    else:
        result = subprocess.run(command, capture_output=True, env=environment(**wrong), timeout=60, cwd=ROOT)
    told = [line for line in result.stderr.decode().splitlines() if not line.startswith("INFO:")]
    assert told[0] == "Error: ADELANTE_MAX_BATCH can't be many: it takes a whole number, at least 1."
    assert [line.split("[")[0] for line in told[1:]] == ["ERROR:    Child process "]
    assert told[1].endswith("failed to start, stopping the parent process.")


@contextmanager
def serving(*arguments: str, **variables: str) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """A server, really started, and the address that it printed once it took requests."""
    with subprocess.Popen(
        [*COMMAND, "serve", *arguments], stdout=subprocess.PIPE, env=environment(**variables), cwd=ROOT
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline().decode()
            yield process, line.split()[1]
        finally:
            process.kill()


@contextmanager
def serving_soon(
    folder: Path, *arguments: str, forked: bool = False, variables: Mapping[str, str]
) -> Iterator[tuple[warm.Process, str]]:
    """As `serving`, from a process that has imported torch; what it tells is in the file `told` of the folder.

    Its workers are `forked`, or started.
    """
    pipe, told = folder / "pipe", folder / "told"
    os.mkfifo(pipe)
    told.touch()
    streams = (os.devnull, str(pipe), str(told))
    module, *more = ["tests.forked", "app.cli"] if forked else ["app.cli"]
    process = warm.Process(program(*more, "serve", *arguments, module=module, streams=streams, **variables))
    try:
        with pipe.open() as printed:
            yield process, printed.readline().split()[1]
    finally:
        process.kill()
        process.wait()


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="no IPv6 here")
def test_every_address_of_both_families_on_a_free_port_that_is_printed(tmp_path: Path) -> None:
    (tmp_path / "note").mkdir()
    note = {"XDG_RUNTIME_DIR": str(tmp_path / "note")}
    note |= dict.fromkeys(("http_proxy", "HTTP_PROXY", "all_proxy"), "http://127.0.0.1:9")
    with serving_soon(tmp_path, "--port", "0", variables={"ADELANTE_HOST": "::", **note}) as (server, address):
        port = address.rpartition(":")[2]
        assert address == f"http://[::]:{port}"
        for host in ("127.0.0.1", "::1"):
            with socket.create_connection((host, int(port)), timeout=10):
                pass
        assert call("health", stdin=b"", **note).returncode == 0
        taken = soon("serve", "--port", port)
        assert (taken.returncode, taken.stdout, taken.stderr.count(b"\n")) == (3, b"", 1)
        assert f"Port {port} is taken".encode() in taken.stderr
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0
        assert call("health", "--port", port, stdin=b"", **note).returncode == 1
    assert list((tmp_path / "note").iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="no /proc here")
def test_ctrl_c_stops_it_while_it_is_still_starting() -> None:
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"], stderr=subprocess.PIPE, env=environment(), cwd=ROOT
    ) as it:
        try:
            while "libtorch_cpu" not in Path(f"/proc/{it.pid}/maps").read_text():
                assert it.poll() is None
                time.sleep(0.005)
            it.send_signal(signal.SIGINT)
            assert it.wait(20) == -signal.SIGINT
            assert it.stderr is not None
            assert it.stderr.read() == b""
        finally:
            it.kill()


@pytest.mark.parametrize("arguments", [["--help"], ["forward", "--help"], ["--version"], ["nope"], ["export", "xor"]])
def test_torch_is_not_imported_where_it_is_not_needed(arguments: list[str]) -> None:
    code = "import sys; from app.cli.program import run; run(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    result = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=60,
        cwd=ROOT,
    )
    modules = set(result.stderr.splitlines()[-1].split())
    assert "app.cli.commands" in modules
    assert not {"torch", "numpy", "fastapi", "uvicorn"} & modules


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_who_stops_reading_ends_it_quietly(tmp_path: Path, unbuffered: str) -> None:
    path, pipe, told = tmp_path / "wide.json", tmp_path / "pipe", tmp_path / "told"
    path.write_text('{"layers": [{"weights": [[' + ",".join(["1"] * 2_000) + ']]}], "inputs": [1]}')
    os.mkfifo(pipe)
    told.touch()
    streams = (os.devnull, str(pipe), str(told))
    arguments = ("forward", str(path), "--rows", "0")
    process = warm.Process(program(*arguments, streams=streams, PYTHONUNBUFFERED=unbuffered))
    with pipe.open("rb", buffering=0) as reader:
        assert reader.read(4) == str(path).encode()[:4]
    assert process.wait(60) == 141
    assert told.read_bytes() == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_told(tmp_path: Path) -> None:
    told = tmp_path / "told"
    told.touch()
    assert warm.Process(program("forward", "xor", streams=(os.devnull, "/dev/full", str(told)))).wait(60) == 1
    assert told.read_text().startswith("Error: ")
    assert told.read_text().count("\n") == 1


def test_the_locale_chooses_the_language() -> None:
    assert "Salidas" in soon("forward", "xor", LANG="es_ES.UTF-8").stdout.decode()
    assert "Outputs" in soon("forward", "xor", LANG="es_ES.UTF-8", LC_ALL="C.UTF-8").stdout.decode()


def test_an_encoding_without_the_true_minus() -> None:
    result = soon("forward", "multilayer", PYTHONIOENCODING="ascii")
    assert (result.returncode, result.stderr) == (0, b"")
    assert b"-0.1468" in result.stdout
    assert b"?" not in result.stdout


def on_a_terminal(*arguments: str, **variables: str) -> tuple[int, str]:
    """Status and what a terminal gets of both outputs."""
    terminal, end = pty.openpty()
    streams = (os.devnull, os.ttyname(end), os.ttyname(end))
    process = warm.Process(program(*arguments, streams=streams, **{"TERM": "xterm-256color", **variables}))
    received, ended = b"", False
    while not ended:
        # Until the program has it open, and has ended, the tests' own end keeps it there.
        ended = process.poll() is not None
        while select.select([terminal], [], [], 0 if ended else 0.05)[0]:
            received += os.read(terminal, 65536)
    os.close(end)
    os.close(terminal)
    return process.wait(), received.decode()


def test_colours_only_on_terminals_that_want_them() -> None:
    assert "\x1b[36m" in on_a_terminal("--help")[1]
    assert "\x1b[3" not in on_a_terminal("--help", NO_COLOR="1")[1]
    assert b"\x1b" not in call("--help").stdout
    assert b"\x1b" not in soon("forward", "xor").stdout


def test_binary_is_not_written_to_a_terminal() -> None:
    status, text = on_a_terminal("export", "xor", "--to", "safetensors")
    assert status == 2
    assert "name a file with --output" in text


@pytest.mark.parametrize(
    ("arguments", "closed", "said"),
    [
        ("forward xor --inputs -", 0, "The file - cannot be read: Bad file descriptor."),
        ("forward - --inputs 1,0", 0, "The file - cannot be read: Bad file descriptor."),
        ("export xor --to safetensors", 1, ""),
        ("forward xor --inputs 1,0", 1, ""),
    ],
)
@pytest.mark.parametrize("started", [False, long(True)])
def test_streams_that_are_closed_end_in_no_traceback(
    arguments: str, closed: int, said: str, started: bool, tmp_path: Path
) -> None:
    given, out, err = os.devnull, tmp_path / "out", tmp_path / "err"
    for each in (out, err):
        each.touch()
    if started:
        command = f"{shlex.join(COMMAND)} {arguments} <{given} >{out} 2>{err} {('<&-', '>&-')[closed]}"
        status = subprocess.run(["sh", "-c", command], env=environment(), timeout=60, cwd=ROOT).returncode
    else:
        streams = (None if closed == 0 else given, None if closed == 1 else str(out), str(err))
        status = warm.Process(program(*arguments.split(), streams=streams)).wait(60)
    assert "Traceback" not in err.read_text()
    assert said in err.read_text()
    assert status == int(bool(said))


@pytest.mark.parametrize("columns", ["0", "abc", ""])
def test_a_width_that_is_none_hides_nothing(columns: str) -> None:
    assert b"0.9904" in soon("forward", "xor", "-i", "1,0", "--outputs", COLUMNS=columns).stdout


@pytest.mark.parametrize("module", ["adelante", "adelante_cli", "app.cli"])
def test_the_command_has_modules_to_be_called_by(module: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", module, "--version"], capture_output=True, env=environment(), timeout=60, cwd=ROOT
    )
    assert (ended.stdout.decode(), ended.stderr) == (f"adelante {__version__}\n", b"")
