"""Limits on what may be asked."""

import pytest

from app.network.checks import check_size
from app.network.errors import NetworkError


def test_past_a_limit_the_setting_is_named() -> None:
    check_size(8, 8, "too-large-terms", "max_terms")
    with pytest.raises(NetworkError) as caught:
        check_size(9, 8, "too-large-terms", "max_terms")
    assert caught.value.faults[0].values == {"size": 9, "limit": 8, "setting": "ADELANTE_MAX_TERMS"}
