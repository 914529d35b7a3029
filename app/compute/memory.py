"""Memory that a pass found missing, in the several ways in which that is said."""

import torch

from app.compute.placement import leave_devices


def out_of_memory(error: BaseException) -> bool:
    """Whether it says that memory was missing: Python's and NumPy's, a GPU's, or the CPU's as torch has it."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)


def free_devices() -> None:
    """Gives back what networks that are kept on devices take there, and what torch holds for later."""
    leave_devices()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
