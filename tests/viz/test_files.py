import json
import os
import re

import pytest

from viz.files import as_json, document, framed, save


def written(path, make=lambda: "σ"):
    return save(path, {".txt": make, ".bin": lambda: b"\x00"}, "a text", "; or print it")


def test_the_ending_says_what_is_written(tmp_path):
    assert written(tmp_path / "a.TXT").read_bytes() == "σ".encode()
    assert written(str(tmp_path / "a.bin")).read_bytes() == b"\x00"


@pytest.mark.parametrize(
    ("path", "error", "message"),
    [
        (3, TypeError, r"path: got an int \(3\); allowed: the path of a file"),
        ("a", ValueError, r"a text is saved by .*, \.txt or \.bin, not 'a', which has none; or"),
        ("a.b", ValueError, r"not \.b \(in 'a\.b'\); or print it"),
        ("no/a.txt", FileNotFoundError, "there is no folder 'no'; make it first"),
    ],
)
def test_what_is_no_file_is_refused_before_anything_is_made(
    tmp_path, monkeypatch, path, error, message
):
    monkeypatch.chdir(tmp_path)
    made = []
    with pytest.raises(error, match=message):
        written(path, lambda: made.append(1) or "")
    assert made == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_rendering_leaves_the_old_file(tmp_path, error):
    old = tmp_path / "a.txt"
    old.write_text("old")

    def broken():
        raise error

    with pytest.raises(error):
        written(old, broken)
    assert old.read_text() == "old"
    assert list(tmp_path.iterdir()) == [old]


def test_a_full_disk_leaves_the_old_file_and_is_named(tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    old = tmp_path / "a.txt"
    old.write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"cannot write a text: No space left on device: '.*a\.txt'"):
        written(old)
    assert old.read_text() == "old"
    assert list(tmp_path.iterdir()) == [old]


def test_no_tag_begins_in_the_data_and_only_the_own_script_is_allowed():
    data = as_json(["</script><b>"])
    page = document("<t>", "<main></main>", data, style="", script="let a = 1;")
    assert page.count("</script>") == 2
    assert "<title>&lt;t&gt;</title>" in page
    assert "script-src 'sha256-" in page
    (found,) = re.findall(r'id="data">(.*?)</script>', page)
    assert json.loads(found) == ["</script><b>"]
    assert "img-src data:" not in page
    assert "img-src data:" in document("", "", "[]", style="", script="", images=True)


def test_pages_are_framed():
    assert 'srcdoc="&lt;p&gt;" title="a &amp; b"' in framed("<p>", "a & b")


def test_no_half_of_a_surrogate_pair_is_in_a_page():
    page = document("", "a\ud800", as_json(["\udfff"]), style="", script="")
    assert "a\ufffd" in page
    assert '["\ufffd"]' in page
