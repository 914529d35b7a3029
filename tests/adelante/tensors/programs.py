"""Short words for tests of programs: what one comes to, prints, and fails with."""

from adelante.tensors.program.execute import ProgramOutcome, run_program
from tests.adelante.tensors.lab import LIMITS


def run(program: str) -> ProgramOutcome:
    return run_program(program, LIMITS)


def done(program: str) -> ProgramOutcome:
    """A program that nothing fails in."""
    outcome = run(program)
    assert [(line.line.text, line.failure) for line in outcome.lines if line.failure] == []
    return outcome


def printed(program: str) -> list[str]:
    return [line.printed.rstrip("\n") for line in done(program).lines if line.printed]


def errors(program: str) -> list[str]:
    """The last line of each error, as Python writes it; a fault of the lab's own by its key."""
    told = []
    for line in run(program).lines:
        failure = line.failure
        if failure is None:
            continue
        if failure.needs is not None:
            told.append(f"needs {failure.needs[0]} of line {failure.needs[1]}")
        else:
            told.append(failure.fault.key if failure.fault else f"{failure.raised}: {failure.words}")
    return told
