"""Numbers within sentences: each language's own mark, digits in threes, no mark that the other language misreads."""

import pytest

from adelante.locale.numbers import in_words
from adelante.network.errors import Fault
from app.api.http.problems import problem_document


@pytest.mark.parametrize(
    ("value", "english", "spanish"),
    [
        (0.05, "0.05", "0,05"),
        (20.0, "20", "20"),
        (-1.5, "−1.5", "−1,5"),
        (0, "0", "0"),
        (9999, "9999", "9999"),
        (10_000, "10\u202f000", "10\u202f000"),
        (-4_194_304, "-4\u202f194\u202f304", "-4\u202f194\u202f304"),
        (10**27, "1" + "\u202f000" * 9, "1" + "\u202f000" * 9),
        (True, True, True),
        ("0.5", "0.5", "0.5"),
    ],
)
def test_a_number_in_a_sentence(value: object, english: object, spanish: object) -> None:
    assert (in_words("en", value), in_words("es", value)) == (english, spanish)


@pytest.mark.parametrize(("language", "seconds"), [("en", "2.5 seconds"), ("es", "2,5 segundos")])
def test_an_api_problem_writes_its_numbers_in_its_language(language: str, seconds: str) -> None:
    faults = [
        Fault("body-timeout", "body-timeout", "", {"seconds": 2.5}),
        Fault("too-large", "lab-tensor-too-large", "", {"size": 123_456, "limit": 16_384, "setting": "S"}),
    ]
    slow, large = problem_document(language, "body-timeout", faults)["errors"]
    assert seconds in slow["detail"]
    assert "123\u202f456" in large["detail"]
    assert "16\u202f384" in large["detail"]
    assert large["limit"] == 16_384
