"""Fetching: from the mirror or the web, checked, and never half."""

import errno
import hashlib
import http.server
import os
import threading

import pytest

from proofread.errors import InputError
from proofread.files import download as files_download
from proofread.files.download import fetch, mirror_folder

CONTENT = b">one\nACGT\n" * 60_000  # more than two chunks
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(http.server.ThreadingHTTPServer):
    """A loopback server that may fail, or break off, a number of times."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.failures = self.breaks = self.requests = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/some.fa"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests += 1
        if self.path != "/some.fa":
            self.send_error(404)
        elif self.server.failures:
            self.server.failures -= 1
            self.send_error(503)
        else:
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            content = CONTENT[:1000] if self.server.breaks else CONTENT
            self.server.breaks = max(0, self.server.breaks - 1)
            self.wfile.write(content)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def server():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def download(url, mirror=None, sha256=SHA256):
    return {"url": url, "mirror": mirror, "sha256": sha256}


def test_from_the_web(server, tmp_path):
    path = tmp_path / "data" / "some.fa"
    assert fetch(download(server.url), path) == server.url
    assert path.read_bytes() == CONTENT


def test_from_a_file_address(tmp_path):
    source = tmp_path / "source.fa"
    source.write_bytes(CONTENT)
    fetch(download(source.as_uri()), tmp_path / "some.fa")
    assert (tmp_path / "some.fa").read_bytes() == CONTENT


def test_the_mirror_comes_first(server, tmp_path):
    (tmp_path / "mirror" / "set").mkdir(parents=True)
    copy = tmp_path / "mirror" / "set" / "copy.fa"
    copy.write_bytes(CONTENT)
    wanted = download(server.url, "set/copy.fa")
    origin = fetch(wanted, tmp_path / "some.fa", mirror=tmp_path / "mirror")
    assert origin == str(copy)
    assert server.requests == 0
    copy.unlink()
    origin = fetch(wanted, tmp_path / "some.fa", mirror=tmp_path / "mirror")
    assert (origin, server.requests) == (server.url, 1)


@pytest.mark.parametrize("kind", ["failures", "breaks"])
def test_a_connection_that_fails_is_tried_again(server, tmp_path, kind):
    setattr(server, kind, 2)
    fetch(download(server.url), tmp_path / "some.fa", waits=(0, 0))
    assert (tmp_path / "some.fa").read_bytes() == CONTENT
    assert server.requests == 3


def test_tries_are_bounded_and_leave_nothing(server, tmp_path):
    server.failures = 10
    with pytest.raises(InputError) as error:
        fetch(download(server.url), tmp_path / "some.fa", waits=(0, 0))
    assert server.requests == 3
    assert list(tmp_path.iterdir()) == []
    for part in (server.url, "503", SHA256, "PROOFREAD_DATA", "mirror: some.fa"):
        assert part in str(error.value)


def test_a_full_disk_is_no_fault_of_the_connection(server, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("proofread.files.download._copy", full)
    with pytest.raises(InputError, match="no space left on the disk") as caught:
        fetch(download(server.url), tmp_path / "some.fa", waits=(0, 0))
    assert caught.value.where == str(tmp_path / "some.fa")
    assert "delete files" in caught.value.remedy
    assert server.requests == 1


def test_an_address_that_is_not_there_is_asked_once(server, tmp_path):
    url = server.url.replace("some.fa", "other.fa")
    with pytest.raises(InputError, match="404"):
        fetch(download(url, "set/other.fa"), tmp_path / "some.fa", waits=(0, 0))
    assert server.requests == 1


@pytest.mark.parametrize("from_mirror", [True, False])
def test_another_file_is_refused(server, tmp_path, from_mirror):
    target = tmp_path / "result" / "some.fa"
    (tmp_path / "copy.fa").write_bytes(CONTENT)
    wanted = download(server.url, "copy.fa" if from_mirror else None, "0" * 64)
    with pytest.raises(InputError) as error:
        fetch(wanted, target, mirror=tmp_path)
    assert list(target.parent.iterdir()) == []
    origin = str(tmp_path / "copy.fa") if from_mirror else server.url
    for part in (origin, f"sha256 {SHA256}", "sha256 " + "0" * 64, "PROOFREAD_DATA"):
        assert part in str(error.value)


def test_an_older_file_survives_a_failure(server, tmp_path):
    (tmp_path / "some.fa").write_text("older")
    with pytest.raises(InputError):
        fetch(download(server.url, sha256="0" * 64), tmp_path / "some.fa")
    assert (tmp_path / "some.fa").read_text() == "older"


def test_which_folder_is_the_mirror(tmp_path, monkeypatch):
    monkeypatch.setenv("PROOFREAD_DATA", str(tmp_path))
    assert mirror_folder() == tmp_path
    monkeypatch.setenv("PROOFREAD_DATA", str(tmp_path / "absent"))
    with pytest.raises(InputError, match="PROOFREAD_DATA"):
        mirror_folder()
    monkeypatch.delenv("PROOFREAD_DATA")
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    assert mirror_folder() is None
    (tmp_path / "shared" / "data").mkdir(parents=True)
    assert mirror_folder() == files_download.SIBLING_MIRROR
