"""What the process has imported from which tests/warm.py forks: torch, and the server with all that it imports itself.

None of it reads the environment when it is imported. What it computes there it computes on one thread: a fork would
lose the others.
"""

import torch

_THREADS = torch.get_num_threads()
torch.set_num_threads(1)

from app import main  # noqa: E402, F401
from app.cli import server, settings  # noqa: E402, F401

torch.set_num_threads(_THREADS)
