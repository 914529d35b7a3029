"""Which tests stay together in one of pytest's processes."""

from tests.shares import Files


def test_files_stay_whole_and_servers_under_strain_come_one_after_the_other() -> None:
    of = Files.__new__(Files)._split_scope
    assert of("tests/api/test_contract.py::test_a[GET /x::y]") == "tests/api/test_contract.py"
    assert of("tests/faults/test_disk.py::test_a[b]") == of("tests/load/test_load.py::test_c") == "strain"
