from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from diptych.report.html import Html, clean, join, prose, tag


class Reader(HTMLParser):
    """Collects tags, attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_text_is_escaped_and_markup_is_not() -> None:
    assert tag("p", "a < b", tag("b", "&")) == "<p>a &lt; b<b>&amp;</b></p>"
    assert isinstance(join("<"), Html)


def test_attributes() -> None:
    made = tag("i", class_="a", data_x="\"'<&", hidden=True, title=None, lang=False, tabindex=0)
    assert made == '<i class="a" data-x="&quot;&#x27;&lt;&amp;" hidden tabindex="0"></i>'
    assert tag("img", src="x") == '<img src="x">'


def test_long_text_is_cut_with_a_note() -> None:
    shown = Reader(prose("x" * 100_000, 50)).text
    assert shown == "x" * 50 + " … 99,950 more characters not shown"
    assert Reader(prose("short", 5)).text == "short"


def test_what_html_cannot_hold_is_replaced() -> None:
    assert clean("a\x00b\ud800c\x1bd\ne\tf") == "a\ufffdb\ufffdc\ufffdd\ne\tf"
    tag("p", "\udcff").encode("utf-8")


@given(st.text(alphabet=st.characters(exclude_characters="\r"), max_size=60))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    read = Reader(tag("p", text, data_t=text))
    assert read.text == clean(text)
    assert [name for name, _ in read.tags] == ["p"]
    assert read.tags[0][1]["data-t"] == clean(text)
