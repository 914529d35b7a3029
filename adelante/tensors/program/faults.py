"""What stops a line of a program, beside the errors that torch, NumPy and Python raise themselves."""

from typing import Any

from adelante.tensors.call import Hint


class Lacks(Exception):
    """Python, torch or NumPy has it and the lab does not, or not so much of it. `key` names the sentence for it."""

    def __init__(self, key: str, hint: Hint | None = None, **values: Any) -> None:
        super().__init__(key)
        self.key, self.values, self.hint = key, values, hint


class Needs(Exception):
    """A name that an earlier line should have given, and did not."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Hinted(Exception):
    """Carries an error of Python's own together with a way out that was found where it arose."""

    def __init__(self, error: Exception, hint: Hint) -> None:
        super().__init__(str(error))
        self.error, self.hint = error, hint
