"""What is wrong with a JSON text is told where it is: its encoding, its line and column, a name that comes twice."""

import pytest

from adelante.network.errors import Fault, NetworkError
from app.api.read.decode import SHORT_TEXT, decode_json

DEPTH = 8


def refusal(text: bytes | str) -> Fault:
    with pytest.raises(NetworkError) as refused:
        decode_json(text, DEPTH)
    (fault,) = refused.value.faults
    assert (fault.type, fault.pointer) == ("invalid-json", "")
    return fault


@pytest.mark.parametrize("lines", [0, 1, 7, 40_000])
def test_a_text_that_stops_being_json_says_in_which_line_and_column(lines: int) -> None:
    text = '{"a": [' + "1,\n" * lines + '"é€😀", x]}'
    right = {"line": lines + 1, "column": 8 if lines else 15, "reason": "Expecting value"}
    for body in (text, text.encode()):
        fault = refusal(body)
        assert (fault.key, fault.values) == ("not-json", right)


@pytest.mark.parametrize("length", [0, 1, 3, SHORT_TEXT - 2, SHORT_TEXT, SHORT_TEXT + 1, 2 * SHORT_TEXT])
def test_a_text_of_white_space_is_empty_and_one_that_stops_early_is_not(length: int) -> None:
    space = (" \n\t\r" * length)[:length]
    assert refusal(space).key == "empty-body"
    fault = refusal("[7" + space)
    column = len(("[7" + space).rpartition("\n")[2]) + 1
    right = {"line": 1 + space.count("\n"), "column": column, "reason": "Expecting ',' delimiter"}
    assert (fault.key, fault.values) == ("not-json", right)


@pytest.mark.parametrize("length", [1, SHORT_TEXT])
def test_half_a_surrogate_is_a_letter_that_stands_where_it_stands(length: int) -> None:
    with pytest.raises(NetworkError) as refused:
        decode_json(" \ud800" + " " * length, DEPTH)
    (fault,) = refused.value.faults
    assert (fault.key, fault.values["line"], fault.values["column"]) == ("not-json", 1, 2)


@pytest.mark.parametrize("text", ['{"inputs": [1]}', '{"inputs": [' + "1," * 50_000 + "1]}"])
def test_a_byte_order_mark_is_ignored_and_utf_16_named(text: str) -> None:
    assert decode_json(b"\xef\xbb\xbf" + text.encode(), DEPTH) == decode_json(text.encode(), DEPTH)
    # Windows writes them with their mark, programs often without.
    for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        for mark in ("\ufeff", ""):
            with pytest.raises(NetworkError) as refused:
                decode_json((mark + text).encode(encoding), DEPTH)
            (fault,) = refused.value.faults
            assert (fault.key, fault.values) == ("utf-16", {"got": encoding[:6].upper()})


@pytest.mark.parametrize("before", [10, 65_000, 65_534, 65_535, 65_536, 200_000])
def test_the_first_byte_that_is_not_utf_8_is_named(before: int) -> None:
    body = b'{"a":"' + b"x" * before + "é".encode() + b'\xe9"}'
    with pytest.raises(NetworkError) as refused:
        decode_json(body, DEPTH)
    assert refused.value.faults[0].values == {"position": before + 8}


@pytest.mark.parametrize("before", [10, SHORT_TEXT, 2 * SHORT_TEXT])
def test_a_letter_that_is_cut_off_at_the_end_is_not_utf_8(before: int) -> None:
    fault = refusal(b'{"a":"' + b"x" * before + "€".encode()[:2])
    assert (fault.key, fault.values) == ("not-utf-8", {"position": before + 6})


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", ["7", "{}"])
def test_a_very_short_text_of_wider_letters_is_named_too(text: str, encoding: str) -> None:
    fault = refusal(text.encode(encoding))
    assert (fault.key, fault.values) == ("utf-16", {"got": encoding[:6].upper()})
