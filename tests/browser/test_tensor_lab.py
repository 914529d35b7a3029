"""The tensor lab in real Chromium: programs of the learner's own, drawn as torch has them."""

import re

import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from adelante.locale import LANGUAGES, translate
from app.pages.lessons.course import LESSONS
from app.pages.lessons.lab import OPERATION_GROUPS
from app.pages.lessons.pieces import PIECES, LabPiece
from tests.browser.lesson_page import awake, numbers, open_lesson, pixels
from tests.long import LONG, long, some


def opened(page: Page, server_url: str, language: str = "en") -> Locator:
    page.goto(f"{server_url}/{language}/{translate(language, 'lessons.lab-path')}")
    return awake(page, "lab")


def test_a_program_of_ones_own_is_drawn_as_torch_has_it(page: Page, server_url: str) -> None:
    figure = opened(page, server_url)
    program = (
        "import torch\n"
        "torch.manual_seed(7)\n"
        "features = torch.randn((1, 5))\n"
        "weights = torch.randn_like(features)\n"
        "bias = torch.randn((1, 1))\n"
        "y = torch.sigmoid(torch.sum(features * weights) + bias)\n"
        "weights.view(5, 1)\n"
        "weights.T.mul_(2.)"
    )
    figure.locator("textarea").fill(program)
    torch.manual_seed(7)
    features = torch.randn((1, 5))
    weights = torch.randn_like(features)
    y = torch.sigmoid(torch.sum(features * weights) + torch.randn((1, 1)))
    expect(figure.locator("[data-tensor]")).to_have_count(5)
    assert numbers(figure, "y") == pytest.approx(y.flatten().tolist(), abs=1e-6)
    assert numbers(figure, "weights") == pytest.approx((weights * 2).flatten().tolist(), abs=1e-6)
    expect(figure.locator("[data-tensor='line7']")).to_have_attribute("data-shape", "(5, 1)")
    expect(figure.locator("[data-tensor='line7'] .sharing")).to_contain_text("shares its memory with weights")
    # The results within a line have no name of the learner's, so nothing is said of them.
    expect(figure.locator("text=/part\\d/")).to_have_count(0)
    expect(figure.locator("[role=alert]")).to_have_count(0)


def test_each_number_is_within_its_cell(page: Page, server_url: str) -> None:
    """In the tensors and in the memory that they read; what the lessons' texts look like does not reach in."""
    figure = opened(page, server_url)
    for name in ("mm", "RGB"):
        figure.get_by_label(name, exact=True).check()
        expect(figure.locator("[data-memory] [data-at]").first).to_be_visible()
        outside = figure.locator("[data-at]").evaluate_all(
            """cells => cells.filter(cell => {
              const text = document.createRange();
              text.selectNodeContents(cell);
              const [inner, outer] = [text.getBoundingClientRect(), cell.getBoundingClientRect()];
              return inner.left < outer.left || inner.right > outer.right;
            }).map(cell => cell.textContent)"""
        )
        assert outside == [], name
        starts = figure.locator("[data-memory] .line").evaluate_all(
            "all => all.map(line => line.firstElementChild.offsetLeft - line.offsetLeft)"
        )
        assert set(starts) <= {1}, name


@pytest.mark.parametrize("language", some(LANGUAGES, "es"))
def test_what_is_wrong_is_told_at_its_line_and_the_rest_is_drawn(page: Page, server_url: str, language: str) -> None:
    figure = opened(page, server_url, language)
    field, alert = figure.locator("textarea"), figure.locator("[role=alert]")
    field.fill("a = torch.ones(2, 3)\nb = torch.ones(2, 3)\nc = torch.mm(a, b) + 1")
    expect(alert).to_contain_text("RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)")
    expect(figure.locator(".outcomes [data-line]")).to_contain_text(translate(language, "lessons.script-line", line=3))
    expect(figure.locator("[data-tensor]")).to_have_count(2)
    field.fill("a = torch.ones(2)\nb = torch.sum(torch.mm(a, a))\nc = b + 1\nd = torch.ones(3)")
    expect(alert).to_have_count(2)
    expect(alert.last).to_contain_text(translate(language, "lab.needs-line", name="b", line=2))
    expect(figure.locator("[data-tensor]")).to_have_count(2)
    field.fill(
        "a = torch.ones(2)\nb = torch.mm(a, w)\nc = torch.ones(2\nd = torch.conv2d(a)\ne = torch.view(a, 2)\n"
        "f = a\nassert f.sum() < 2"
    )
    expect(alert).to_contain_text(
        [
            "NameError: name 'w' is not defined",
            "SyntaxError: '(' was never closed",
            translate(language, "fault.lab-lacks-name", name="torch.conv2d"),
            "AttributeError: module 'torch' has no attribute 'view'",
            "AssertionError",
        ]
    )
    expect(alert.last.locator("code")).to_have_text("AssertionError")
    expect(alert.nth(1)).to_contain_text(translate(language, "lessons.script-place", line=3, column=15))
    expect(figure.locator("[data-tensor]")).to_have_count(2)


@pytest.mark.parametrize("language", some(LANGUAGES, "es"))
def test_a_notebooks_commands_are_passed_over_and_said_to_be(page: Page, server_url: str, language: str) -> None:
    figure = opened(page, server_url, language)
    figure.locator("textarea").fill("%matplotlib inline\n!pip install torch\nx = torch.ones(2).to('cpu')")
    outcomes, note = figure.locator(".outcomes [data-line]"), translate(language, "lab.note.command")
    expect(outcomes).to_have_text(
        [re.compile(rf"%matplotlib inline\s+{re.escape(note)}"), re.compile("!pip install torch")]
    )
    expect(figure.locator("[role=alert]")).to_have_count(0)
    expect(figure.locator("[data-tensor]")).to_have_count(1)


@pytest.mark.long
@pytest.mark.refusals
def test_a_program_that_is_not_run_leaves_no_tensors_of_another(page: Page, server_url: str) -> None:
    figure = opened(page, server_url)
    expect(figure.locator("[data-tensor]")).not_to_have_count(0)
    figure.locator("textarea").fill("a = torch.ones(2)\n" * 1001)
    expect(figure.locator("[role=alert]")).to_contain_text("Lines in the program")
    expect(figure.locator("[data-tensor]")).to_have_count(0)
    page.route("**/api/v1/tensors", lambda route: route.abort("connectionrefused"))
    figure.locator("textarea").fill("a = torch.ones(3)")
    expect(figure.locator("[role=alert]")).to_contain_text("not answering")
    expect(figure.locator("textarea")).to_have_value("a = torch.ones(3)")


def test_what_a_line_prints_stands_at_it(page: Page, server_url: str) -> None:
    figure = opened(page, server_url)
    figure.locator("textarea").fill("a = torch.ones(2) > 0\nprint('a:', a)\na.shape\na.zero_()")
    expect(figure.locator(".printed")).to_have_text(["a: tensor([True, True])", "torch.Size([2])"])
    expect(figure.locator("[data-tensor='a'] .cell")).to_have_text(["False", "False"])
    figure.get_by_role("button", name="Change the program").click()
    expect(figure.locator(".lines li").nth(1).locator(".printed")).to_have_text("a: tensor([True, True])")
    figure.locator(".lines button").nth(0).click()
    expect(figure.locator(".printed")).to_have_count(0)
    expect(figure.locator("[data-tensor='a'] .cell")).to_have_text(["True", "True"])


def test_a_program_is_stepped_through_kept_and_given_back(page: Page, server_url: str) -> None:
    figure = opened(page, server_url, "es")
    write = figure.get_by_role("button", name="Cambiar el programa")
    back = figure.get_by_role("button", name="Restablecer")
    expect(write).to_have_attribute("aria-pressed", "true")
    expect(back).to_have_count(0)
    figure.locator("textarea").fill("a = torch.zeros(2)\na.add_(1)\na.resize_(3)")
    expect(figure.locator(".empty")).to_have_count(2)
    write.press("Enter")
    expect(figure.locator(".lines li")).to_have_count(3)
    figure.locator(".lines button").nth(1).click()
    expect(figure.locator(".empty")).to_have_count(0)
    assert numbers(figure, "a") == [1, 1]
    figure.locator(".scenes input").last.check()
    expect(figure.locator("[data-picture='2×3']")).to_have_count(2)
    figure.locator(".scenes input").first.check()
    expect(figure.locator("[data-tensor='a']")).to_have_count(1)
    write.click()
    expect(figure.locator("textarea")).to_have_value(re.compile(r"^a = torch\.zeros\(2\)"))
    back.click()
    expect(figure.locator("textarea")).to_have_value(re.compile(r"^torch\.manual_seed\(7\)"))
    expect(figure.locator("[data-tensor='y']")).to_be_visible()


@pytest.mark.parametrize("build", [long("image"), "image.permute(2, 0, 1)"])
def test_a_picture_with_its_colours_first_or_last_is_one_picture(page: Page, server_url: str, build: str) -> None:
    figure = opened(page, server_url, "es")
    figure.locator("textarea").fill(
        "image = torch.tensor([[[1.0, 0, 0], [0, 1.0, 0]], [[0, 0, 1.0], [1.0, 1.0, 1.0]]])\n"
        f"picture = {build}\nwhole = torch.rand(3, 28, 28)\nsigned = torch.randn(3, 2, 2)"
    )
    drawn = figure.locator("[data-tensor='picture']")
    assert pixels(drawn) == [255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255, 255, 255, 255]
    expect(drawn.get_by_role("img", name="picture como imagen de 2 filas y 2 columnas")).to_be_visible()
    slices = [f"[{c}]" if "permute" in build else f"[:, :, {c}]" for c in range(3)]
    expect(drawn.locator(".slice")).to_have_text([f"{c} picture{s}" for c, s in zip("RGB", slices, strict=True)])
    red, green, blue = drawn.locator(".table").all()
    for colour, values in ((red, "1001"), (green, "0101"), (blue, "0011")):
        expect(colour.locator(".cell")).to_have_text(list(values))
    # Too many numbers to read are seen as the picture all the same; numbers that are no brightness are slices.
    expect(figure.locator("[data-tensor='whole'] [data-picture='28×28']")).to_be_visible()
    expect(figure.locator("[data-tensor='whole'] .cell")).to_have_count(0)
    expect(figure.locator("[data-tensor='signed'] .slice")).to_have_text(["signed[0]", "signed[1]", "signed[2]"])
    expect(figure.locator("[data-tensor='signed'] [data-picture]")).to_have_count(0)


@pytest.mark.long
def test_a_reset_program_can_be_had_back(page: Page, server_url: str) -> None:
    figure = opened(page, server_url, "es")
    own = "a = torch.zeros(2)\na.add_(1)"
    figure.locator("textarea").fill(own)
    figure.get_by_role("button", name="Restablecer").press("Enter")
    expect(figure.locator("textarea")).to_have_value(re.compile(r"^torch\.manual_seed\(7\)"))
    undo = figure.get_by_role("button", name="Deshacer")
    expect(undo).to_be_focused()
    undo.press("Enter")
    expect(figure.locator("textarea")).to_have_value(own)
    expect(figure.locator("[data-tensor='a'] .cell")).to_have_text(["1", "1"])
    figure.get_by_role("button", name="Restablecer").click()
    figure.locator("textarea").fill("b = torch.ones(1)")
    expect(undo).to_have_count(0)


def test_what_the_page_says_can_be_written_is_run(page: Page, server_url: str) -> None:
    figure = opened(page, server_url)
    calls = [call for _, group in OPERATION_GROUPS for call in group]
    known = page.locator(".known dd code")
    expect(known).to_have_text(calls)
    start = "a = torch.ones(2, 3)\nb = torch.ones(3, 2)\n"
    # Each runs on tensors that fit it: cell by cell on one shape, from_numpy on an array.
    fitting = {f"a {sign} b": f"a {sign} a" for sign in "+-*/"} | {
        "torch.from_numpy(a)": "torch.from_numpy(b.numpy())",
        "np.add(n, 1, out=n)": "n = b.numpy()\nnp.add(n, 1, out=n)",
    }
    # The short form writes every fourth.
    for call in calls if LONG else calls[::4]:
        with page.expect_response("**/api/v1/tensors") as answer:
            figure.locator("textarea").fill(start + fitting.get(call, call))
        told = answer.value.json()
        assert all(line["ok"] for line in told["lines"]), (call, told["lines"])
        expect(figure.locator("[role=alert]")).to_have_count(0)


def test_infinity_and_nan_are_numbers_and_not_uninitialised(page: Page, server_url: str) -> None:
    figure = opened(page, server_url, "es")
    figure.locator("textarea").fill("a = torch.tensor([-0.5, 1000.0]).exp()\nb = a * 0\nb.resize_(3)")
    cells = figure.locator("[data-tensor='b'] .cell")
    expect(cells).to_have_text(["0", "nan", ""])
    expect(figure.locator("[data-tensor='b'] .empty")).to_have_count(1)
    expect(figure.locator("[data-tensor='a'] .cell")).to_have_text(["0,6065", "∞"])
    expect(figure.locator("[data-tensor='a'] .cell").first).to_have_attribute("aria-label", "a[0], 0,6065")


@pytest.mark.refusals
def test_more_cells_than_anyone_reads_are_counted(page: Page, server_url: str) -> None:
    figure = opened(page, server_url)
    figure.locator("textarea").fill("a = torch.zeros(100, 100)")
    expect(figure.locator("[data-tensor='a']")).to_contain_text("10\u202f000 numbers")
    expect(figure.locator(".cell")).to_have_count(0)
    figure.locator("textarea").fill("a = torch.zeros(1000, 1000)")
    expect(figure.locator("[role=alert]")).to_contain_text("ADELANTE_MAX_LAB_TENSOR_ELEMENTS")


@pytest.mark.parametrize("key", [long("tensors"), long("shapes"), long("reshape"), "numpy"])
def test_a_scenes_program_can_be_changed(page: Page, server_url: str, key: str) -> None:
    """The first change, which is none, draws what was drawn before it."""
    open_lesson(page, server_url, "en", key)
    (name,) = next(lesson for lesson in LESSONS if lesson.key == key).pieces
    figure, piece = awake(page, name), PIECES[name]
    assert isinstance(piece, LabPiece)
    figure.get_by_role("button", name="Change the program").click()
    for place, scene in enumerate(piece.scenes):
        figure.locator(".scenes input").nth(place).check()
        field = figure.locator("textarea")
        expect(field).to_have_value(scene.program)
        shown = figure.locator("[data-tensor]").evaluate_all("all => all.map(each => each.dataset.tensor)")
        assert [each for each in scene.show if each in shown] == shown
        with page.expect_response("**/api/v1/tensors") as answer:
            field.press("Control+End")
            field.press("Enter")
        assert (
            answer.value.json()
            == page.request.post(f"{server_url}/api/v1/tensors", data={"program": scene.program}).json()
        )
