"""What a pass has the process keep of freed memory, in a process of its own: it is the process's."""

import subprocess
import sys

import pytest
import torch

from adelante.network import pages

PASSES = """
import resource, torch
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.forward import forward

n = 64
network = DenseNetwork([DenseLayer(torch.zeros(n, n), torch.zeros(n)) for _ in range(4)])
inputs = torch.zeros(32_768, n)
faults = []
for _ in range(6):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    forward(network, inputs)
    faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
print(faults[0], min(faults[2:]))  # page faults of a first pass, and the fewest of a later one
"""
# A trace of 64 MiB.
TRACE_PAGES = 8 * 64 * 32_768 * 4 // 4096


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's pages")
def test_a_trace_that_is_let_go_of_leaves_its_pages_to_the_next() -> None:
    done = subprocess.run([sys.executable, "-c", PASSES], capture_output=True, text=True, check=True, env={"PATH": ""})
    first, later = map(int, done.stdout.split())
    assert first > TRACE_PAGES // 2
    assert later < TRACE_PAGES // 4


def test_who_set_glibc_s_own_threshold_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "131072")
    assert pages._mallopt.__wrapped__() is None


def test_small_traces_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_mallopt", lambda: pytest.fail("asked"))
    pages.keep_pages(pages.LEAST_BYTES - 1, torch.device("cpu"))
    pages.keep_pages(pages.MOST_BYTES, torch.device("meta"))
