from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from nnfs_cli.data.source import Source, Unavailable
from nnfs_cli.data.sources.archive import Archive


@dataclass
class Server:
    """Serves the tiny files; a path's first part says how it misbehaves."""

    url: str
    files: dict[str, bytes]
    asked: list[str] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        _, manner, file = request.path.split("/")
        self.asked.append(f"{manner}/{file}")
        body = self.files[file]
        if manner == "absent":
            request.send_error(404)
            return
        if manner == "silent":
            self.release.wait(10)
            return
        if manner == "late":
            self.release.wait(10)
        request.send_response(200)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if manner == "wrong":
            body = bytes(len(body))
        if manner == "cut":
            body = body[: len(body) // 2]
        if manner == "slow":
            request.wfile.flush()
            time.sleep(0.4)
        request.wfile.write(body)


@pytest.fixture
def server(tiny_files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "*")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        state = Server(f"http://127.0.0.1:{http.server_port}", tiny_files)
        thread = threading.Thread(target=http.serve_forever, args=(0.02,))
        thread.start()
        yield state
        state.release.set()
        http.shutdown()
        thread.join()


def source(tmp_path: Path, server: Server, *manners: str, patience: float = 5.0) -> Source:
    mirrors = tuple(f"{server.url}/{manner}/" for manner in manners)
    return Source(cache_dir=tmp_path / "cache", mirrors=mirrors, patience=patience)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("manners", [("good",), ("absent", "good"), ("wrong", "good"), ("slow",)])
def test_downloads_once(
    tmp_path: Path, server: Server, tiny_archive: Archive, manners: tuple[str, ...]
) -> None:
    there = source(tmp_path, server, *manners, patience=0.3 if manners == ("slow",) else 5.0)
    paths = tiny_archive.fetch(there)
    assert {name: path.read_bytes() for name, path in paths.items()} == server.files
    assert contents(there.cache) == {f"tiny/{k}": v for k, v in server.files.items()}
    asked = len(server.asked)
    assert tiny_archive.fetch(there) == paths
    assert len(server.asked) == asked


@pytest.mark.parametrize(
    ("manner", "reason"),
    [("wrong", "whose hash is wrong"), ("cut", "failed|hash is wrong"), ("absent", "answered 404")],
)
def test_a_bad_download_leaves_the_cache_as_it_was(
    tmp_path: Path, server: Server, tiny_archive: Archive, manner: str, reason: str
) -> None:
    there = source(tmp_path, server, manner)
    kept = there.cache / "tiny" / next(iter(server.files))
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"was here")
    with pytest.raises(Unavailable, match=reason):
        tiny_archive.fetch(there)
    assert contents(there.cache) == {f"tiny/{kept.name}": b"was here"}
    assert [path.name for path in there.cache.iterdir()] == ["tiny"]


def test_silent_servers_cost_no_more_than_the_patience(
    tmp_path: Path, server: Server, tiny_archive: Archive
) -> None:
    there = source(tmp_path, server, "silent", "silent", patience=0.6)
    began = time.monotonic()
    with pytest.raises(Unavailable, match="did not answer"):
        tiny_archive.fetch(there)
    assert time.monotonic() - began < 2
    assert len(server.asked) == 2


def test_a_hanging_name_lookup_costs_no_more_than_the_patience(
    tmp_path: Path, tiny_archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        release.wait(10)
        raise OSError("no such name")

    monkeypatch.setattr("socket.getaddrinfo", hang)
    there = Source(cache_dir=tmp_path / "cache", mirrors=("http://nowhere.invalid/",), patience=0.3)
    began = time.monotonic()
    with pytest.raises(Unavailable, match=r"nowhere\.invalid did not answer"):
        tiny_archive.fetch(there)
    assert time.monotonic() - began < 2
    release.set()


def test_a_refused_connection_is_quick(tmp_path: Path, tiny_archive: Archive) -> None:
    there = Source(cache_dir=tmp_path / "cache", mirrors=("http://127.0.0.1:9/",))
    began = time.monotonic()
    with pytest.raises(Unavailable, match="no copy of tiny"):
        tiny_archive.fetch(there)
    assert time.monotonic() - began < 5


def test_a_cache_that_cannot_be_written_is_named(
    tmp_path: Path, server: Server, tiny_archive: Archive
) -> None:
    (tmp_path / "cache").write_text("a file in its place")
    with pytest.raises(Unavailable, match="cannot write into"):
        tiny_archive.fetch(source(tmp_path, server, "good"))


def test_progress_is_reported(tmp_path: Path, server: Server, tiny_archive: Archive) -> None:
    seen: dict[str, tuple[int, int]] = {}

    def progress(description: str, done: int, total: int) -> None:
        seen[description] = (done, total)

    there = Source(
        cache_dir=tmp_path / "cache", mirrors=(f"{server.url}/good/",), progress=progress
    )
    tiny_archive.fetch(there)
    expected = {f"tiny/{k}": (len(v), len(v)) for k, v in server.files.items()}
    assert seen == expected


def test_environment_names_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNFS_DATA", str(tmp_path))
    assert Source.from_environment().data_dir == tmp_path
    assert Source.from_environment(tmp_path.parent).data_dir == tmp_path.parent
    monkeypatch.setenv("NNFS_DATA", str(tmp_path / "absent"))
    with pytest.raises(Exception, match="does not exist"):
        Source.from_environment()
    monkeypatch.delenv("NNFS_DATA")
    assert Source.from_environment().data_dir is None


def test_what_arrives_after_it_was_given_up_is_not_kept(
    tmp_path: Path, server: Server, tiny_archive: Archive
) -> None:
    with pytest.raises(Unavailable, match="did not answer"):
        tiny_archive.fetch(source(tmp_path, server, "late", patience=0.2))
    server.release.set()
    for thread in [t for t in threading.enumerate() if "_receive" in t.name]:
        thread.join(10)
    assert [*(tmp_path / "cache").iterdir()] == []


def test_without_a_thread_the_caller_receives_itself(
    tmp_path: Path, server: Server, tiny_archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if "_receive" in thread.name:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    there = source(tmp_path, server, "absent", "good")
    paths = tiny_archive.fetch(there)
    assert {name: path.read_bytes() for name, path in paths.items()} == server.files
    with pytest.raises(Unavailable, match="answered 404"):
        tiny_archive.fetch(source(tmp_path / "other", server, "absent"))
