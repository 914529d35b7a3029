"""Files named by the hash of their content: whole or absent."""

import errno
from pathlib import Path

import pytest

from app.store.files import NetworkFiles, StoreFull, StoreUnavailable, content_id, is_id


@pytest.fixture(params=["folder", "memory"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> NetworkFiles:
    url = str(tmp_path / "not" / "yet") if request.param == "folder" else f"memory://{tmp_path}"
    return NetworkFiles(url, max_bytes=1000)


def test_what_is_written_is_read(files: NetworkFiles) -> None:
    id, new = files.write(b"content")
    assert (id, new) == (content_id(b"content"), True)
    assert files.write(b"content") == (id, False)
    assert files.read(id) == b"content"
    assert files.exists(id)
    assert files.ids() == [id]


def test_what_is_deleted_is_gone(files: NetworkFiles) -> None:
    id, _ = files.write(b"content")
    assert files.delete(id)
    assert not files.delete(id)
    assert files.read(id) is None
    assert not files.exists(id)
    assert files.ids() == []


def test_an_empty_store_has_nothing(files: NetworkFiles) -> None:
    assert files.ids() == []
    assert files.read("0" * 64) is None


def test_a_full_store_refuses(files: NetworkFiles) -> None:
    files.write(b"x" * 600)
    with pytest.raises(StoreFull):
        files.write(b"y" * 600)
    assert files.write(b"x" * 600)[1] is False


@pytest.mark.parametrize("name", ["", "..", "../" * 3 + "etc/passwd", "A" * 64, "0" * 63, "0" * 65, "0" * 64 + "\n"])
def test_only_ids_become_paths(files: NetworkFiles, name: str) -> None:
    assert not is_id(name)
    for use in (files.read, files.delete, files.exists):
        with pytest.raises(ValueError, match="not an id"):
            use(name)


def test_a_file_half_written_or_changed_is_as_good_as_absent(tmp_path: Path) -> None:
    files = NetworkFiles(str(tmp_path), max_bytes=1000)
    id, _ = files.write(b"content")
    (path,) = tmp_path.glob("*.safetensors")
    path.write_bytes(b"cont")
    assert files.read(id) is None
    assert files.write(b"content") == (id, True)
    assert files.read(id) == b"content"
    path.write_bytes(b"CONTENT")
    assert files.read(id) is None


def test_a_write_that_breaks_off_leaves_nothing_to_see(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = NetworkFiles(str(tmp_path), max_bytes=1000)

    def break_off(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(Path, "replace", break_off)
    with pytest.raises(StoreUnavailable, match="no space"):
        files.write(b"content")
    assert files.ids() == []
    assert [path.name for path in tmp_path.iterdir()] == [".used"]
    assert files._used.bytes == 0


def test_two_see_each_others(tmp_path: Path) -> None:
    one, other = (NetworkFiles(str(tmp_path), max_bytes=1000) for _ in range(2))
    id, _ = one.write(b"content")
    assert other.read(id) == b"content"
    other.delete(id)
    assert one.read(id) is None
    assert one.shared
    assert not NetworkFiles("memory://", 1).shared
