import json
import re

import pytest

from viz import webpage


def test_no_tag_begins_in_the_data_and_only_the_own_script_is_allowed():
    page = webpage.document("<t>", "<main></main>", ["</script><b>"], style="", script="let a = 1;")
    assert page.count("</script>") == 2
    assert "<title>&lt;t&gt;</title>" in page
    assert "script-src 'sha256-" in page
    (data,) = re.findall(r'id="data">(.*?)</script>', page)
    assert json.loads(data) == ["</script><b>"]


def test_pages_are_saved_and_framed(tmp_path):
    assert webpage.save("<p>", tmp_path / "a.html").read_text(encoding="utf-8") == "<p>"
    assert 'srcdoc="&lt;p&gt;" title="a &amp; b"' in webpage.framed("<p>", "a & b")
    with pytest.raises(ValueError, match=r"a page is saved as an \.html file, not 'a.svg'"):
        webpage.save("<p>", "a.svg")
    with pytest.raises(TypeError, match="save takes the path of a file, not"):
        webpage.save("<p>", 3)
