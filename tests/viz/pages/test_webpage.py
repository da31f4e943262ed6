import json
import re

import pytest

from viz.pages import webpage


def test_no_tag_begins_in_the_data_and_only_the_own_script_is_allowed():
    data = webpage.as_json(["</script><b>"])
    page = webpage.document("<t>", "<main></main>", data, style="", script="let a = 1;")
    assert page.count("</script>") == 2
    assert "<title>&lt;t&gt;</title>" in page
    assert "script-src 'sha256-" in page
    (found,) = re.findall(r'id="data">(.*?)</script>', page)
    assert json.loads(found) == ["</script><b>"]
    assert "img-src data:" not in page
    assert "img-src data:" in webpage.document("", "", "[]", style="", script="", images=True)


def test_pages_are_saved_and_framed(tmp_path):
    assert webpage.save("<p>", tmp_path / "a.html").read_text(encoding="utf-8") == "<p>"
    assert 'srcdoc="&lt;p&gt;" title="a &amp; b"' in webpage.framed("<p>", "a & b")
    with pytest.raises(ValueError, match=r"a page is saved as an \.html file, not 'a.svg'"):
        webpage.save("<p>", "a.svg")
    with pytest.raises(TypeError, match="save takes the path of a file, not"):
        webpage.save("<p>", 3)
