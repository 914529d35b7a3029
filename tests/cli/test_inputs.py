"""--inputs as people have them: what was decided is told on standard error, what can mean two things is asked about."""

import json
from pathlib import Path

import pytest
import torch

from adelante.network.forward import forward
from adelante.network.presets import chain_named
from tests.cli.conftest import Adelante


def outputs(adelante: Adelante, *arguments: object) -> tuple[list[list[float]], str]:
    """The outputs, a row for each input vector, and standard error."""
    result = adelante("forward", "multilayer", "--json", *arguments)
    assert result.status == 0, result.err
    found = json.loads(result.out)["outputs"]
    return (found if isinstance(found[0], list) else [found]), result.err


@pytest.mark.parametrize(
    ("text", "rows", "note"),
    [
        ('"0,5","1,25","3,5"\n1,2,3\n', [[0.5, 1.25, 3.5], [1, 2, 3]], ""),
        ('x1,x2,x3\n"0,5","1,25",3\n', [[0.5, 1.25, 3]], "Row 1 was read as headings: x1, x2, x3."),
        ("1,234\t0.5\t3.2\n", [[1234, 0.5, 3.2]], "“1,234” was read as 1234"),
        ('"1,234",0.5,3.2\n', [[1234, 0.5, 3.2]], "“1,234” was read as 1234"),
        ("sep=;\n1;2;3\n", [[1, 2, 3]], ""),
        ("1;2;3;\n4;5;6;\n", [[1, 2, 3], [4, 5, 6]], ""),
        ("# x1 x2 x3\n0.5 -1 2\n", [[0.5, -1, 2]], "Row 1 was read as headings"),
        ("# made by hand\n0.5 -1 2\n", [[0.5, -1, 2]], "Left out as comments, beginning with #: row 1."),
        ("\tx1\tx2\tx3\n0\t0.5\t-1\t2\n1\t1.25\t0\t-3\n", [[0.5, -1, 2], [1.25, 0, -3]], "left out, as an index"),
        ("0,1,2\n0.5,-1,2\n", [[0, 1, 2], [0.5, -1, 2]], "Row 1 is 0, 1, 2: if these are only column labels"),
        ('[{"x3": 2, "x1": 0.5, "x2": -1}]', [[0.5, -1, 2]], ""),
        (
            '{"a": {"0": 1}, "b": {"0": 2}, "c": {"0": 3}}',
            [[1, 2, 3]],
            "The columns were taken in their order: a, b, c.",
        ),
        ("tensor([[-0.1468,  0.7861,  0.9468]])\n", [[-0.1468, 0.7861, 0.9468]], ""),
    ],
)
def test_a_table_is_read_and_what_was_decided_is_told(
    adelante: Adelante, tmp_path: Path, text: str, rows: list[list[float]], note: str
) -> None:
    path = tmp_path / "table.txt"
    path.write_text(text)
    found, told = outputs(adelante, "--inputs", f"@{path}")
    assert torch.allclose(
        torch.tensor(found), forward(chain_named("multilayer").network, torch.tensor(rows).float()).outputs
    )
    assert (note in told) if note else told == ""


@pytest.mark.parametrize(
    ("text", "language", "part"),
    [
        ('[{"a": 1, "b": 2}]', "en", "The columns are a, b (2); the network takes 3: x1, x2, x3."),
        ('{"a": {"b": 1}}', "es", "No se distinguen sus columnas de sus filas"),
        ("nan,nan,nan\n1,2,3\n", "en", "In row 1, “nan” is not a number"),
        (",,\n1,2,3\n", "en", "In row 1, number 1 is missing."),
        ("#N/A;#N/A;#N/A\n1;2;3\n", "es", "En la fila 1, «#N/A» no es un número"),
        ("1,234;2,345;3,456\n", "en", "“1,234” can be read in two ways: write 1.2340 or 1234."),
        ("1.234;2.345;3.456\n", "es", "«1.234» se puede leer de dos maneras: escribe 1,2340 o 1234."),
        ("# a\n1,2,3\n4,5\n", "en", "Row 3 has 2 numbers; the network takes 3."),
        ("[[1. 2. 3.]\n ...\n [4. 5. 6.]]\n", "en", "numbers were left out when it was printed"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_row(
    adelante: Adelante, tmp_path: Path, text: str, language: str, part: str
) -> None:
    path = tmp_path / "table.txt"
    path.write_text(text)
    result = adelante("forward", "multilayer", "--lang", language, "--inputs", f"@{path}")
    assert (result.status, result.out) == (1, b"")
    assert part in result.err


def test_the_languages_decimal_mark_is_its_own(adelante: Adelante) -> None:
    result = adelante("forward", "multilayer", "--json", "--lang", "es", "--inputs", "1,234; 2,5; 3")
    assert (result.status, result.err) == (0, "")
    expected = forward(chain_named("multilayer").network, torch.tensor([1.234, 2.5, 3])).outputs
    assert json.loads(result.out)["outputs"] == pytest.approx(expected.tolist())


NETWORK = b'{"network":"multilayer","inputs":[1,0,-1]}'


def test_a_byte_order_mark_is_no_part_of_a_file(adelante: Adelante, tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.write_bytes(b"\xef\xbb\xbf" + NETWORK)
    for arguments in ([path], ["multilayer", "--inputs", f"@{path}"]):
        result = adelante("forward", *arguments, "--json")
        assert json.loads(result.out)["outputs"] == pytest.approx([0.584926], abs=1e-6)
    assert adelante("forward", "-", "--json", stdin=path.read_bytes()).status == 0


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", ["net.json", "net"])
def test_utf_16_is_called_by_its_name(adelante: Adelante, tmp_path: Path, encoding: str, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(NETWORK.decode().encode(encoding))
    for arguments in (["forward", path], ["forward", "multilayer", "--inputs", f"@{path}"]):
        result = adelante(*arguments)
        assert result.status == 1
        assert f"{name} is UTF-16 text; UTF-8 is needed." in " ".join(result.err.split())
        assert "The body" not in result.err


def test_a_file_that_is_no_text_is_called_a_file(adelante: Adelante, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes("año;edad;peso\n1;2;3\n".encode("cp1252"))
    result = adelante("forward", "multilayer", "--inputs", f"@{path}")
    assert result.status == 1
    assert "table.csv is not UTF-8 text: byte 1" in result.err


@pytest.mark.parametrize("arguments", [["/dev/zero"], ["multilayer", "--inputs", "@/dev/zero"], ["-"]])
def test_no_more_is_read_than_the_limit(
    adelante: Adelante, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, arguments: list[str]
) -> None:
    from app.settings import settings_from_environment

    request.addfinalizer(settings_from_environment.cache_clear)
    monkeypatch.setenv("ADELANTE_MAX_BODY_BYTES", "2048")
    settings_from_environment.cache_clear()
    result = adelante("forward", *arguments, stdin=b" " * 4096)
    assert result.status == 1
    assert "more than 2048 bytes" in result.err
    assert "ADELANTE_MAX_BODY_BYTES" in result.err
