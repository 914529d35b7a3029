"""The lessons' figures and programs: the notebook's, each computed by torch, each printed in the page's language."""

import re

import numpy as np
import pytest
import torch
from babel.numbers import get_decimal_symbol
from starlette.testclient import TestClient

from adelante.locale import LANGUAGES
from app.pages.lessons import figures
from app.pages.lessons.course import LESSONS
from app.pages.lessons.exercises import EXERCISES
from app.pages.lessons.pieces import PIECES, StudioPiece
from app.pages.lessons.program import run, source
from app.pages.lessons.programs import PROGRAMS
from tests import notebook
from tests.pages.course import VALUE, lesson_pages


def test_numbers_are_written_in_the_pages_language(client: TestClient) -> None:
    for language, lesson, page in lesson_pages(client):
        mark = get_decimal_symbol(language)
        for exact, printed in VALUE.findall(page):
            assert re.fullmatch(rf"−?\d{{1,4}}(?:{re.escape(mark)}\d+)?|\d{{1,3}}(?:\u202f\d{{3}})+", printed), printed
            as_number = float(printed.replace("−", "-").replace(mark, ".").replace("\u202f", ""))
            digits = len(printed.partition(mark)[2])
            assert as_number == pytest.approx(float(exact), abs=0.51 * 10**-digits), (lesson.key, printed)
        # Beside the figures no sentence holds a number with the other language's mark.
        prose = re.sub(r"(?s)<(pre|code|script|style|data|table|math)\b.*?</\1>|<[^>]+>|Safari \d+\.\d+", " ", page)
        wrong = r"\d,\d" if mark == "." else r"\d\.\d"
        assert re.findall(rf"{wrong}|\d{{5}}", prose) == [], lesson.key


def test_the_first_values_of_a_piece_are_in_the_page(client: TestClient) -> None:
    for language, lesson, page in lesson_pages(client):
        for name in lesson.pieces:
            piece = PIECES[name]
            if not isinstance(piece, StudioPiece):
                continue
            preset = figures.pass_of(piece.network).preset
            a = preset.inputs
            for layer in preset.network.layers:
                a = layer.activation.function(a @ layer.weights + layer.biases)
                shown = [float(exact) for exact, _ in VALUE.findall(page)]
                for value in a.tolist():
                    assert min(abs(value - each) for each in shown) < 1e-6, (language, name)


def printed(name: str) -> str:
    return run(PROGRAMS[name]).text


def test_one_neuron(client: TestClient) -> None:
    p = figures.pass_of("one-neuron")
    assert p.x == pytest.approx(notebook.ONE_NEURON_FEATURES, abs=5e-5)
    assert [row[0] for row in p.w(1)] == pytest.approx(notebook.ONE_NEURON_WEIGHTS, abs=5e-5)
    assert p.a(1)[0] == pytest.approx(0.1595, abs=5e-5)
    assert EXERCISES["notebook-sum"].answer == pytest.approx((0.1595,), abs=5e-5)
    assert EXERCISES["notebook-view"].answer[1] == pytest.approx(0.1595, abs=5e-5)
    assert "0.1595" in client.get(LESSONS[3].address("en")).text
    assert "0,1595" in client.get(LESSONS[3].address("es")).text


def test_a_seed_fixes_the_numbers_of_a_draw_only_with_its_shape(client: TestClient) -> None:
    """Lesson 3 says: up to 15 numbers a longer draw begins like a shorter one, from 16 on it does not."""

    def drawn(count: int) -> list[float]:
        return torch.randn(count, generator=torch.Generator().manual_seed(7)).tolist()

    assert all(drawn(count) == drawn(15)[:count] for count in range(1, 16))
    assert all(drawn(count)[0] != drawn(15)[0] for count in range(16, 40))
    fifteen, sixteen = printed("fifteen-and-sixteen").splitlines()
    assert fifteen.startswith("tensor([-0.1468,")
    assert sixteen != fifteen
    for language in LANGUAGES:
        page = client.get(LESSONS[2].address(language)).text
        assert fifteen in page
        assert sixteen in page


def test_the_sums_and_their_sigmoids(client: TestClient) -> None:
    wanted = {"features": (2.1626, 0.8968), "weights": (-1.5621, 0.1733), "bias": (0.3177, 0.5788)}
    for name, values in wanted.items():
        assert figures.sums()[name] == pytest.approx(values, abs=5e-5)
    assert printed("neuron-sums") == (
        "tensor(2.1626) tensor(-1.5621) tensor(0.3177)\ntensor(0.8968)\ntensor(0.1733)\ntensor(0.5788)"
    )
    english, spanish = (client.get(LESSONS[3].address(language)).text for language in ("en", "es"))
    for figure in ("2.1626", "−1.5621", "0.3177", "0.8968", "0.1733", "0.5788"):
        assert f">{figure}</data>" in english
        assert f">{figure.replace('.', ',')}</data>" in spanish


def test_the_network(client: TestClient) -> None:
    assert EXERCISES["notebook-network"].answer == pytest.approx((notebook.OUTPUT,), abs=5e-7)
    assert figures.pass_of("multilayer").a(1) == pytest.approx(notebook.HIDDEN_ACTIVATIONS, abs=5e-7)
    assert printed("hidden-product").startswith("tensor([[0.6813, 0.4355]])")
    assert "tensor([[0.3171]])" in client.get(LESSONS[6].address("es")).text


def test_the_shape_error_in_torchs_own_words(client: TestClient) -> None:
    with pytest.raises(RuntimeError) as error:
        torch.mm(torch.randn(1, 5), torch.randn(1, 5))
    assert str(error.value) == "mat1 and mat2 shapes cannot be multiplied (1x5 and 1x5)"
    assert printed("does-not-fit").endswith(f"RuntimeError: {error.value}")
    for language in LANGUAGES:
        page = client.get(LESSONS[4].address(language)).text
        assert str(error.value) in page
        assert "size mismatch, m1: [1 x 5], m2: [1 x 5]" in page


def test_the_shared_memory() -> None:
    wanted = np.array(
        [
            [2.6829993, 3.61865328, 1.84514124],
            [2.04923646, 0.75342916, 1.73886697],
            [0.89355934, 3.05528112, 2.69623291],
            [3.31728218, 2.62490371, 0.1486072],
        ]
    )
    ((array,),) = run(PROGRAMS["numpy-shared"]).printed
    assert array == pytest.approx(wanted, abs=5e-8)


@pytest.mark.parametrize("name", [*PROGRAMS, *EXERCISES])
def test_what_is_shown_is_what_runs(name: str) -> None:
    """The text on the page, copied into a file and run, prints what the page says it prints."""
    body = PROGRAMS[name] if name in PROGRAMS else EXERCISES[name].program
    lines: list[str] = []

    def show(*items: object) -> None:
        lines.append(" ".join(map(str, items)))

    state = torch.random.get_rng_state()
    try:
        exec(source(body), {"print": show})  # the product's own text
    except RuntimeError as error:
        lines.append(f"RuntimeError: {error}")
    finally:
        torch.random.set_rng_state(state)
    assert "\n".join(lines) == run(body).text


def test_running_a_program_leaves_the_generator_alone() -> None:
    before = torch.random.get_rng_state()
    run.__wrapped__(PROGRAMS["drawn"])
    assert torch.equal(before, torch.random.get_rng_state())


def test_a_product_is_measured(client: TestClient) -> None:
    answer = client.get("/lessons/product/64").json()
    assert answer["products"] == 64**3
    assert 0 < answer["milliseconds"] < 1000
    assert client.get("/lessons/product/65").status_code == 404
    assert client.get("/lessons/product/x").status_code == 404


def test_the_race_of_the_last_lesson() -> None:
    race = figures.race()
    assert race.products == race.size**3
    assert race.loop > race.torch > 0
