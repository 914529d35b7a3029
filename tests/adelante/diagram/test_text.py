"""Names where there is little room, and what is written of them."""

import xml.etree.ElementTree as ET

import pytest

from adelante.diagram.svg import element, number, opening, text, text_of
from adelante.diagram.text import cut, symbol, text_width, two_lines


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("x1", ("x", "1")),
        ("h2.13", ("h", "2,13")),
        ("y", ("y", "")),
        ("edad", ("edad", "")),
        ("x1y", ("x1y", "")),
        ("ñ2", ("ñ", "2")),
        ("12", ("12", "")),
    ],
)
def test_a_letter_with_an_index(name: str, parts: tuple[str, str]) -> None:
    assert symbol(name) == parts


def test_what_has_no_room_is_cut_or_goes_on_in_a_second_line() -> None:
    assert cut("humidity", 12, 200) == "humidity"
    short = cut("humidity of the air", 12, 60)
    assert short.endswith("…")
    assert text_width(12, short) <= 60
    assert "humidity of the air".startswith(short[:-1])
    assert two_lines("petal width", 13, 300) == ["petal width"]
    assert two_lines("average temperature of May", 13, 120) == ["average", "temperature of…"]
    assert two_lines("a_name_without_spaces", 13, 90)[0].endswith("_")
    # Of a name of any length no more is looked at than has room.
    assert len(cut("x" * 10**6, 12, 100)) < 20
    assert len("".join(two_lines("x" * 10**6, 13, 100))) < 40


def test_numbers_have_two_decimals_at_most_and_zero_no_sign() -> None:
    assert [number(value) for value in (1, 1.5, 1.005, -0.001, 100, 12.3456)] == ["1", "1.5", "1", "0", "100", "12.35"]


HOSTILE = "</text><script>alert(1)</script>\x00\x1b & \"quoted\" 'too' \ud800 \ufffe"


def test_nothing_goes_in_unescaped() -> None:
    written = element("svg", text(0, 1, HOSTILE, 12, 'red" onload="alert(1)'), element("title", text_of(HOSTILE)))
    whole = ET.fromstring(written.encode())
    assert [each.tag for each in whole.iter()] == ["svg", "text", "title"]
    assert whole[0].attrib == {"x": "0", "y": "1", "font-size": "12", "fill": 'red" onload="alert(1)'}
    said = "</text><script>alert(1)</script>\ufffd\ufffd & \"quoted\" 'too' \ufffd \ufffd"
    assert whole[0].text == whole[1].text == said


def test_an_attribute_without_a_value_is_left_out() -> None:
    assert opening("g", fill=None, stroke_width=1.0) == '<g stroke-width="1">'
    assert element("g", fill=None) == "<g/>"
