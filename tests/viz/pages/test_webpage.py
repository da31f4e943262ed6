import json
import re

from viz import files as webpage


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


def test_pages_are_framed():
    assert 'srcdoc="&lt;p&gt;" title="a &amp; b"' in webpage.framed("<p>", "a & b")


def test_no_half_of_a_surrogate_pair_is_in_a_page():
    page = webpage.document("", "a\ud800", webpage.as_json(["\udfff"]), style="", script="")
    assert "a\ufffd" in page
    assert '["\ufffd"]' in page
