"""Static files are packed once, whole, under a name that changes with them."""

import gzip
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event

import pytest
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.test import Client

from chauban.config import packing
from chauban.config.packing import KEPT_SETS, digest_of, pack


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "app" / "static"
    (folder / "ui").mkdir(parents=True)
    (folder / "ui" / "face.css").write_text("p { margin: 0 } " * 50)
    (folder / "ui" / "mark.png").write_bytes(b"\x89PNG" + b"\0" * 500)
    return folder


def test_the_digest_is_of_names_and_contents(folder):
    before = digest_of([folder])
    assert digest_of([folder]) == before
    (folder / "ui" / "face.css").write_text("p { margin: 1 } " * 50)
    changed = digest_of([folder])
    (folder / "ui" / "face.css").rename(folder / "ui" / "other.css")
    assert len({before, changed, digest_of([folder])}) == 3


def test_what_gzip_makes_smaller_lies_packed_beside_itself(folder, tmp_path):
    pack([folder], tmp_path / "static" / "set")
    made = tmp_path / "static" / "set" / "ui"
    assert gzip.decompress((made / "face.css.gz").read_bytes()) == (made / "face.css").read_bytes()
    assert not (made / "mark.png.gz").exists()
    assert (made / "mark.png").read_bytes() == (folder / "ui" / "mark.png").read_bytes()


def test_a_set_that_is_there_is_left_as_it_is(folder, tmp_path):
    there = tmp_path / "static" / "set"
    there.mkdir(parents=True)
    pack([folder], there)
    assert list(there.iterdir()) == []


def test_of_several_at_once_one_makes_the_set_and_the_others_wait(folder, tmp_path, monkeypatch):
    put, began, goes_on, names = packing._put, Event(), Event(), []

    def put_slowly(file, to):
        names.append(file.name)
        began.set()
        assert goes_on.wait(10)
        put(file, to)

    monkeypatch.setattr(packing, "_put", put_slowly)
    into = tmp_path / "static" / "set"
    with ThreadPoolExecutor() as servers:
        first = servers.submit(pack, [folder], into)
        assert began.wait(10)
        second = servers.submit(pack, [folder], into)
        assert not wait([second], timeout=0.2).done
        goes_on.set()
        first.result()
        second.result()
    assert sorted(names) == ["face.css", "mark.png"]
    assert [one.name for one in into.parent.iterdir()] == ["set"]


def test_some_former_sets_are_kept_for_pages_that_are_open(folder, tmp_path):
    for number in range(KEPT_SETS + 2):
        pack([folder], tmp_path / "static" / f"{number}")
    kept = [one.name for one in (tmp_path / "static").iterdir()]
    assert len(kept) == KEPT_SETS
    assert f"{KEPT_SETS + 1}" in kept


def test_a_file_of_ours_may_be_kept_for_ever_and_travels_packed():
    answer = Client().get(static("ui/components.css"), headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert "immutable" in answer["Cache-Control"]
    assert answer["Content-Encoding"] == "gzip"
    content = b"".join(answer.streaming_content)
    with open(finders.find("ui/components.css"), "rb") as file:
        assert gzip.decompress(content) == file.read()


def test_a_file_of_another_set_is_not_ours():
    other = static("ui/mark.svg").replace("/static/", "/static/0")
    assert Client().get(other).status_code == 404


def test_a_page_travels_packed_and_a_document_does_not():
    packed = Client().get("/sign-in", headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in Client().get("/sign-in")
