"""What torch loads the first time that it is asked for shapes alone: some 800 modules, in two seconds and more."""

import torch


def learn_shapes() -> None:
    """Has torch load it, so that nobody waits for that who hands over the first network of another kind."""
    torch.add(torch.empty(1, device="meta"), 1)
