"""Where files are kept: what can't be used is told at once, what fails later as that, and nothing is left behind."""

import errno
import fcntl
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import fsspec
import pytest

from app.store.files import NetworkFiles, StoreFull, StoreUnavailable
from app.store.folders import Folder, LocalFolder, MemoryFolder, RemoteFolder, StoreUnusable, folder_at

# Keeps a file half written until it is killed.
HOLDS_A_PART = """
import sys
from pathlib import Path
from app.store import folders

def stop(*_):
    print("written", flush=True)
    sys.stdin.read()

folders.Path.replace = stop
folders.LocalFolder(Path(sys.argv[1])).write("name", b"content")
"""


@pytest.mark.parametrize(
    ("url", "reason"),
    [("nope://x", "nope"), ("{file}", "exists"), ("{file}/below", "directory")],
)
def test_what_can_never_be_used_is_told_at_the_start(tmp_path: Path, url: str, reason: str) -> None:
    (tmp_path / "file").write_text("a file")
    with pytest.raises(StoreUnusable) as caught:
        folder_at(url.format(file=tmp_path / "file"))
    assert reason in caught.value.reason


def test_s3_without_its_package_says_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.folders.find_spec", lambda name: None)
    with pytest.raises(StoreUnusable, match=r"pip install 'adelante\[s3\]'"):
        folder_at("s3://bucket/x")


def test_a_folder_without_the_right_to_write_is_told_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(tmp_path))

    # The tests may run as root, whom no mode stops.
    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(StoreUnusable, match="Permission denied"):
        LocalFolder(tmp_path)


@pytest.mark.parametrize(("number", "no_room"), [(errno.ENOSPC, True), (errno.EROFS, False), (errno.EIO, False)])
def test_a_store_that_fails_later_is_told_and_is_ready_again_once_it_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, no_room: bool
) -> None:
    files = NetworkFiles(str(tmp_path))
    monkeypatch.setattr("app.store.files._CHECK_SECONDS", 0.0)
    files.check()

    def fails(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as broken:
        broken.setattr(LocalFolder, "_written", fails)
        for use in (files.check, lambda: files.write(b"content")):
            with pytest.raises(StoreUnavailable) as caught:
                use()
            assert (caught.value.where, caught.value.no_room) == (str(tmp_path), no_room)
    files.check()
    assert files.write(b"content")[1]


def test_a_disk_that_is_full_at_the_start_may_have_room_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as broken:
        broken.setattr(LocalFolder, "_written", full)
        files = NetworkFiles(str(tmp_path))
        with pytest.raises(StoreUnavailable):
            files.check()
    assert files.write(b"content")[1]


def test_what_a_killed_process_left_is_swept_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDS_A_PART, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"written\n"
        writer.kill()
    assert len(list(tmp_path.iterdir())) == 1
    with open(tmp_path / ".busy.part", "wb") as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        LocalFolder(tmp_path)
        assert list(tmp_path.iterdir()) == [tmp_path / ".busy.part"]
    LocalFolder(tmp_path)
    assert list(tmp_path.iterdir()) == []
    # As one that another process sweeps at the same moment.
    (tmp_path / ".gone.part").symlink_to(tmp_path / "nowhere")
    LocalFolder(tmp_path)


def test_a_part_that_was_swept_too_early_is_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = LocalFolder(tmp_path)
    written = folder._written
    swept: list[Path] = []

    def written_and_swept(data: bytes) -> Path:
        path = written(data)
        if not swept:
            swept.append(path)
            path.unlink()
        return path

    monkeypatch.setattr(folder, "_written", written_and_swept)
    folder.write("name", b"content")
    assert swept
    assert folder.read("name") == b"content"


def test_threads_that_write_list_and_delete_do_not_meet(tmp_path: Path) -> None:
    for files in (NetworkFiles("memory://"), NetworkFiles(str(tmp_path))):

        def use(k: int, files: NetworkFiles = files) -> None:
            id, _ = files.write(b"%d" % (k % 7))
            files.ids()
            files.delete(id)
            files.exists(id)

        with ThreadPoolExecutor(12) as pool:
            list(pool.map(use, range(500)))
        assert files._used.bytes >= 0


def test_small_files_in_memory_count_with_what_python_needs_around_them() -> None:
    folder = MemoryFolder()
    folder.write("name", b"x")
    assert folder.sizes()["name"] > sys.getsizeof(b"x") + sys.getsizeof("0" * 64)


def test_a_write_does_not_list_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for files in (NetworkFiles(str(tmp_path)), NetworkFiles("memory://")):
        listed: list[int] = []
        sizes = files._folder.sizes

        def counted(sizes: object = sizes, listed: list[int] = listed) -> object:
            listed.append(1)
            return sizes()  # type: ignore[operator]

        monkeypatch.setattr(files._folder, "sizes", counted)
        for k in range(100):
            files.write(b"%d" % k)
        # A shared folder is counted anew every few seconds.
        assert len(listed) < 20


def test_what_another_process_wrote_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (NetworkFiles(str(tmp_path), max_bytes=1000) for _ in range(2))
    other.write(b"x")
    one.write(b"y" * 600)
    monkeypatch.setattr(LocalFolder, "recount_seconds", 0.0)
    with pytest.raises(StoreFull):
        other.write(b"z" * 600)


def remote(where: str) -> RemoteFolder:
    fsspec.filesystem("memory").store.clear()
    return RemoteFolder(fsspec.filesystem("memory"), f"/{where}", f"thing://who:secret@host/{where}")


@pytest.mark.parametrize("kind", ["memory", "local", "remote"])
def test_every_kind_of_folder_has_what_was_written_and_nothing_else(tmp_path: Path, kind: str) -> None:
    makes: dict[str, Any] = {
        "memory": MemoryFolder,
        "local": lambda: LocalFolder(tmp_path),
        "remote": lambda: remote("a"),
    }
    folder: Folder = makes[kind]()
    assert (folder.sizes(), folder.size("one"), folder.read("one"), folder.delete("one")) == ({}, None, None, False)
    folder.write("one", b"first")
    folder.write("one", b"second")
    folder.write("two", b"x")
    folder.check()
    assert (folder.read("one"), folder.size("one")) == (b"second", 6)
    assert folder.sizes() == {"one": folder.cost(6), "two": folder.cost(1)}
    assert folder.cost(6) - folder.cost(1) == 5
    assert folder.delete("one")
    assert not folder.delete("one")
    assert (folder.sizes(), folder.read("one")) == ({"two": folder.cost(1)}, None)


def test_a_remote_folder_is_called_by_its_address_without_what_may_be_a_password() -> None:
    assert remote("a/b").name == "thing:///a/b"
    assert RemoteFolder(fsspec.filesystem("memory"), "/a", "/a").name == "/a"


def test_what_a_remote_stores_package_raises_is_a_store_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = remote("a")
    uses: dict[str, Any] = {
        "ls": folder.sizes,
        "size": lambda: folder.size("one"),
        "cat_file": lambda: folder.read("one"),
        "pipe_file": lambda: folder.write("one", b""),
        "rm_file": lambda: folder.delete("one"),
    }
    for name, use in uses.items():

        def fails(*_: object, **__: object) -> None:
            raise ValueError("quota of project x\nTraceback …")

        with monkeypatch.context() as broken:
            broken.setattr(folder._fs, name, fails)
            with pytest.raises(OSError, match=r"\[Errno 5\] quota of project x$") as caught:
                use()
        assert caught.value.errno == errno.EIO


def test_a_files_time_moves_on_and_never_back(tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path)
    folder.write("one", b"x")
    os.utime(tmp_path / "one", (500, 500))
    folder.touch("one", 400)
    assert folder.times() == {"one": 500}
    folder.touch("one", 600)
    assert folder.times() == {"one": 600}
    folder.touch("two", 600)
    assert folder.times() == {"one": 600}


def test_a_part_without_a_lock_is_swept_once_nobody_can_be_writing_it_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system that knows no locks."""
    monkeypatch.setattr("app.store.folders.fcntl", None)
    for name, age in (("old", 3700), ("new", 3500)):
        part = tmp_path / f".{name}.part"
        part.write_bytes(b"")
        os.utime(part, (time.time() - age,) * 2)
    LocalFolder(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".new.part"]


def test_a_part_that_is_swept_each_time_is_a_store_to_try_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = LocalFolder(tmp_path)
    written = folder._written
    tries: list[Path] = []

    def swept(data: bytes) -> Path:
        tries.append(written(data))
        tries[-1].unlink()
        return tries[-1]

    monkeypatch.setattr(folder, "_written", swept)
    with pytest.raises(OSError, match=str(tmp_path)) as caught:
        folder.write("name", b"content")
    assert (caught.value.errno, len(tries)) == (errno.EAGAIN, 3)


def test_a_reason_is_one_line_that_can_be_read() -> None:
    class Silent(Exception):
        pass

    from app.store.folders import _first_line

    assert _first_line(Silent()) == "Silent"
    assert _first_line(ValueError("one\ntwo")) == "one"
    assert len(_first_line(ValueError("x" * 999))) == 200
