"""The digits of a picture are the studio's: as `formatNumber` and `Print.within` there print them."""

import math

import pytest

from adelante.diagram.numbers import printed, within

NAN, INFINITY = math.nan, math.inf


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0000"),
        (-0.0, "0.0000"),
        (0.31712, "0.3171"),
        (-0.5, "−0.5000"),
        # A tie of the number itself goes up, as in JavaScript, where Python's own formats go to the even digit.
        (0.03125, "0.0313"),
        (1.00005, "1.0001"),
        (99999.99994, "99999.9999"),
        (99999.99996, "1.00e5"),
        (-1.2e11, "−1.20e11"),
        (8e-10, "8.00e−10"),
        (-1.2e-5, "−1.20e−5"),
        (9.999e9, "1.00e10"),
        (0.00005, "0.0001"),
        (0.00004999, "5.00e−5"),
        (NAN, "NaN"),
        (INFINITY, "∞"),
        (-INFINITY, "−∞"),
        (1.7976931348623157e308, "1.80e308"),
        (5e-324, "4.94e−324"),
    ],
)
def test_the_page_prints_the_same(value: float, text: str) -> None:
    assert printed("en", value) == text
    assert printed("es", value) == text.replace(".", ",")


def test_a_number_that_has_no_room_has_fewer_digits_and_then_a_power_of_ten() -> None:
    written = [within("en", value, 6) for value in (322, 1234.5, 50614.5, 99999.5, 123456.7, 1.2e11)]
    assert written == ["322.00", "1234.5", "50615", "1.00e5", "1.23e5", "1.2e11"]
    assert within("en", 50614.5, 4, 2) == "5e4"
    assert within("en", 8e-10, 4, 2) == "8e−10"
    assert within("es", -0.14682, 6) == "−0,1468"
    assert within("en", NAN, 2) == "NaN"
    assert within("en", 0.0, 1, 4) == "0"
