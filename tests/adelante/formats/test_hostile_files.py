"""Real files of each format with some bytes changed; `python -m tests.bench mutated` reads ten thousand of each."""

import random

import pytest

from tests.adelante.formats.hostile_files import FORMATS, changed, seeds, survives
from tests.long import examples

# A program of torch.export takes a third of a second where it opens.
_COUNTS = {"exported": examples(4, 12)}
_COUNT = examples(120, 500)


@pytest.mark.parametrize("format", FORMATS)
def test_a_changed_file_opens_or_is_refused_in_words_and_nothing_else_happens(format: str) -> None:
    opened = sum(survives(format, data) for data in seeds(format))
    assert opened == len(seeds(format))
    draw = random.Random(0)
    for _ in range(_COUNTS.get(format, _COUNT)):
        survives(format, changed(draw.choice(seeds(format)), draw))
