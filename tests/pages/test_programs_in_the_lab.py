"""What the course shows as a program can be pasted into the lab, which prints what the course says it prints."""

import pytest

from adelante.tensors.call import Limits
from adelante.tensors.program.execute import run_program
from app.pages.lessons.exercises import EXERCISES
from app.pages.lessons.pieces import PIECES, LabPiece
from app.pages.lessons.program import Body, run, source
from app.pages.lessons.programs import PROGRAMS

LIMITS = Limits(steps=256, tensor_elements=16_384, elements=65_536)
# They ask for a GPU, catch errors, build layers of torch.nn, look at addresses, or make a million numbers.
BEYOND = {"where", "which-fits", "who-copies", "count-parameters", "bytes-moved", "doubled-side"}
SHOWN = {**PROGRAMS, **{name: exercise.program for name, exercise in EXERCISES.items()}}


@pytest.mark.parametrize("name", [name for name in SHOWN if name not in BEYOND])
def test_a_program_of_the_course_prints_the_same(name: str) -> None:
    body: Body = SHOWN[name]
    outcome = run_program(source(body), LIMITS)
    refused = [line.failure.words for line in outcome.lines if line.failure is not None]
    assert refused == [error for error in [run(body).error] if error]
    explicit = [line for line in outcome.lines if "print(" in line.line.text]
    shown = "".join(line.printed for line in explicit).rstrip("\n").splitlines()
    assert shown == [line for line in run(body).text.splitlines() if not line.startswith("RuntimeError")]


@pytest.mark.parametrize("name", sorted(BEYOND))
def test_a_program_beyond_the_lab_is_told_so_at_its_line(name: str) -> None:
    outcome = run_program(source(SHOWN[name]), LIMITS)
    failures = [line.failure for line in outcome.lines if line.failure is not None]
    assert failures
    assert any(failure.fault is not None for failure in failures)


@pytest.mark.parametrize("name", [name for name, piece in PIECES.items() if isinstance(piece, LabPiece)])
def test_a_scenes_tensors_are_those_of_its_program(name: str) -> None:
    piece = PIECES[name]
    assert isinstance(piece, LabPiece)
    for scene in piece.scenes:
        outcome = run_program(scene.program, LIMITS)
        failed = {line.line.text for line in outcome.lines if line.failure is not None}
        # The one shape error is what the lesson is about.
        assert failed <= {"total = torch.mm(features, weights)"}
        assert set(scene.show) - ({"total"} if failed else set()) == set(outcome.values) & set(scene.show)
