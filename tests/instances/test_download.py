import contextlib
import gzip
import http.server
import threading

import pytest

from boundwise.core.errors import InputError, NotAvailableError
from boundwise.instances import library
from boundwise.instances.download import cached, download
from boundwise.instances.reader import read

DATA = gzip.compress(
    b"NAME t\nROWS\n N c\n L r\nCOLUMNS\n x r 1 c 1\nRHS\n s r 4\nENDATA\n", mtime=0
)


class Site(http.server.BaseHTTPRequestHandler):
    requests: list[str]
    cut: int

    def do_GET(self):
        cls = type(self)
        cls.requests.append(self.headers.get("Range", "all"))
        if not self.path.endswith("/tiny.mps.gz"):
            self.send_error(404)
            return
        start = 0
        if self.headers.get("If-Range") == '"one"':
            start = int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        self.send_header("ETag", '"one"')
        self.send_header("Content-Length", str(len(DATA) - start))
        self.end_headers()
        end = cls.cut or len(DATA)
        self.wfile.write(DATA[start:end])

    def log_message(self, *_):
        pass


@pytest.fixture
def site():
    handler = type("Handler", (Site,), {"requests": [], "cut": 0})
    server = http.server.HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/files", handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_download_is_verified_on_second_use(tmp_path, site):
    url, handler = site
    seen = []
    path = download(
        "tiny", tmp_path, site=url, progress=lambda *pair: seen.append(pair)
    )
    assert path.read_bytes() == DATA
    assert seen[-1] == (len(DATA), len(DATA))
    assert download("tiny", tmp_path, site=url) == path
    assert len(handler.requests) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "tiny.mps.gz",
        "tiny.mps.gz.sha256",
    ]
    path.write_bytes(DATA[:-1])
    with pytest.raises(InputError, match="not the one that was downloaded"):
        cached("tiny", tmp_path)


def test_an_interrupted_download_goes_on_where_it_stopped(tmp_path, site, monkeypatch):
    url, handler = site
    monkeypatch.setattr("boundwise.instances.download._CHUNK", 10)
    handler.cut = 30
    with pytest.raises(NotAvailableError, match="cannot be downloaded"):
        download("tiny", tmp_path, site=url)
    assert cached("tiny", tmp_path) is None
    handler.cut = 0
    assert download("tiny", tmp_path, site=url).read_bytes() == DATA
    assert handler.requests == ["all", "bytes=30-"]


def test_an_unknown_name_and_a_missing_network_are_told(tmp_path, site):
    url, _ = site
    with pytest.raises(NotAvailableError, match="is not an instance"):
        download("other", tmp_path, site=url)
    with pytest.raises(NotAvailableError, match="BOUNDWISE_MIPLIB"):
        download("tiny", tmp_path, site="http://127.0.0.1:9/files")


def test_a_folder_that_cannot_be_written_is_told(tmp_path, site):
    url, _ = site
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write"):
        download("tiny", tmp_path / "file", site=url)


def test_a_bare_name_is_downloaded_when_it_is_not_here(tmp_path, site, monkeypatch):
    url, _ = site
    monkeypatch.delenv("BOUNDWISE_MIPLIB", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    @contextlib.contextmanager
    def silent(_):
        yield None

    monkeypatch.setattr(library, "progress_bar", silent)
    monkeypatch.setattr(
        library, "download", lambda name, progress: download(name, site=url)
    )
    problem = read("tiny")
    assert problem.names == ("x",)
    assert tmp_path in problem.path.parents
    assert library.find_local("tiny") == problem.path
