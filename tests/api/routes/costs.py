"""What work is said to cost before it is done."""

from typing import Any

import pytest

from app.compute.service import ComputeService


def costs_told(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list to which, from now on, what each piece of work is said to cost is added, in multiply-adds."""
    costs: list[int] = []
    run = ComputeService.run

    async def counted(self: ComputeService, work: Any, *, cost: int, **more: Any) -> Any:
        costs.append(cost)
        return await run(self, work, cost=cost, **more)

    monkeypatch.setattr(ComputeService, "run", counted)
    return costs
