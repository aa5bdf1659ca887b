"""The PTB-style tokeniser against what the reference gave, and its paths against each other."""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.data.errors import InputError
from diptych.language import ptb, ptb_lines, token_table
from diptych.language.ptb import ptb_tokenise
from diptych.language.ptb_lines import breaking, lines, plain
from diptych.language.ptb_pieces import pieces
from diptych.language.token_table import TokenTable, interned

HERE = Path(__file__).parent
SCRIPTS = HERE.parents[1] / "scripts"
SHARED = HERE.parents[2] / "shared" / "data"
SIGNS = "abAITt1205 \n\r\v\f\x00\x85\xa0\xad\u2028\u2003'`’‘\"“.,;:!?-–_/\\<>()[]{}@#$&*%=^~é\u0301٠€½😀\ud800"
ODD = st.sampled_from([*SIGNS, "&amp;", "'s", "n't"])
TEXT = st.lists(st.one_of(ODD, st.characters(exclude_categories=[])), max_size=12).map("".join)


def stored() -> list[list[tuple[str, str]]]:
    """Documents of captions with the reference's tokens; scripts/ptb_reference.py made them."""
    documents = defaultdict(list)
    for line in (HERE / "ptb_cases.jsonl").read_text(encoding="ascii").splitlines():
        record = json.loads(line)
        documents[record["document"]].append((record["caption"], record["tokens"]))
    return list(documents.values())


def compiled(captions: list[str], *, each: bool) -> list[str]:
    """The compiled path's tokens, whatever the size of the set."""
    taken = pieces(captions, each=each)
    words = [taken.tokens[n] for n in taken.numbers_T]
    return [" ".join(filter(None, words[a:b])).rstrip() for a, b in zip(taken.offsets, taken.offsets[1:], strict=False)]


def test_hard_captions_equal_the_reference_one_by_one() -> None:
    wrong = [
        (caption, tokens, got)
        for document in stored()
        for (caption, tokens), got in zip(document, ptb_tokenise([caption for caption, _ in document]), strict=True)
        if tokens != got
    ]
    assert not wrong


@pytest.mark.skipif(not SHARED.is_dir(), reason="shared data absent")
def test_tokens_of_captions_beside_the_checkout_are_the_references(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    from ptb_reference import digest, read  # noqa: PLC0415

    kept = json.loads((HERE / "ptb_digests.json").read_text(encoding="ascii"))
    assert len(kept) > 10
    assert {name: digest(ptb_tokenise(read(SHARED / name))) for name in kept} == kept


def test_the_stored_cases_are_those_the_script_asks_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    from ptb_cases import documents  # noqa: PLC0415

    asked = [[caption for caption, _ in document] for document in stored()]
    assert asked == documents()


def test_compiled_equals_plain_on_the_hard_captions_in_both_modes() -> None:
    for document in stored():
        captions = [caption for caption, _ in document]
        for each in (False, True):
            assert compiled(captions, each=each) == lines(captions, each=each)


@pytest.mark.parametrize(
    ("caption", "tokens"),
    [
        ("A man, in red, isn't here.", "a man in red is n't here"),
        ("He (left) the U.S. at 5 p.m.", "he -lrb- left -rrb- the u.s. at 5 p.m."),
        ("£5, €6 or 50¢ for ½ a dog's 1 1/2 cups", "# 5 $ 6 or 50 cents for 1/2 a dog 's 1\xa01/2 cups"),
        ("call (415) 555-1234 now", "call -lrb-415-rrb-\xa0555-1234 now"),
        ("a😀b I cannot; gonna?!", "a b i can not gon na ?!"),
        ("", ""),
        (" ... ", ""),
    ],
)
def test_what_a_reader_may_expect(caption: str, tokens: str) -> None:
    assert ptb_tokenise([caption]) == [tokens]
    assert ptb_tokenise([caption], mode="each") == [tokens]


def test_an_end_of_line_inside_a_caption_shifts_the_reference_but_not_mode_each() -> None:
    captions = ["a man\ron a horse", "two dogs"]
    assert ptb_tokenise(captions) == ["a man", "on a horse"]
    assert ptb_tokenise(captions, mode="each") == ["a man on a horse", "two dogs"]
    assert breaking([*captions, "a\nb"]) == 1


def test_the_reference_looks_into_the_next_caption_and_mode_each_does_not() -> None:
    captions = ["seat no.", "5 cats", "letter p.", "The man"]
    assert ptb_tokenise(captions) == ["seat no.", "5 cats", "letter p", "the man"]
    assert ptb_tokenise(captions, mode="each") == ["seat no", "5 cats", "letter p.", "the man"]


@given(st.lists(TEXT, max_size=6))
@settings(max_examples=300, deadline=None)
def test_any_text_is_tokenised_and_compiled_equals_plain(captions: list[str]) -> None:
    for each in (False, True):
        found = lines(captions, each=each)
        assert len(found) == len(captions)
        assert compiled(captions, each=each) == found


@given(TEXT, TEXT, TEXT)
@settings(max_examples=200, deadline=None)
def test_mode_each_does_not_depend_on_neighbours(before: str, caption: str, after: str) -> None:
    assert ptb_tokenise([before, caption, after], mode="each")[1] == ptb_tokenise([caption], mode="each")[0]


@given(st.text("abT no.p,", max_size=15), st.sampled_from(["", "The x", "5 x"]))
@settings(max_examples=300, deadline=None)
def test_the_short_way_for_plain_captions_is_never_wrong(caption: str, after: str) -> None:
    if (short := plain(caption)) is not None:
        text = f"{caption}\n{after}"
        families = ptb_lines.automaton().families(text)
        assert short == ptb_lines._joined(ptb_lines.lexemes(text, families, 0, len(caption)))


def test_spaces_are_taken_together_on_both_paths() -> None:
    captions = ["see \xa0foo.org/bar now", " \u3000example.com", "a  \u2003~b.com/xy"]
    assert compiled(captions, each=False) == lines(captions, each=False) == ["see foo.org/bar now", "example.com", "a ~b.com/xy"]


def test_chunks_see_what_follows_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diptych.language.ptb_pieces.CHUNK", 4)
    captions = ["p.", "", " ", "The man", "no.", "5", "a\rb", "p.", "The", "J.", "Mr. X", ""] * 3
    for each in (False, True):
        assert compiled(captions, each=each) == lines(captions, each=each)


def equal(left: TokenTable, right: TokenTable) -> bool:
    """Whether two tables are the same in everything."""
    arrays = zip((left.ids_T, left.offsets, left.glued_T), (right.ids_T, right.offsets, right.glued_T), strict=True)
    return left.words == right.words and all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in arrays)


@pytest.mark.parametrize("mode", ["wrapper", "each"])
def test_the_token_table_is_the_same_on_both_paths(mode: ptb.Mode, monkeypatch: pytest.MonkeyPatch) -> None:
    for document in stored():
        captions = [caption for caption, _ in document]
        slow = token_table.token_table(captions, mode=mode)
        assert equal(slow, interned(ptb_tokenise(captions, mode=mode)))
        with monkeypatch.context() as patch:
            patch.setattr(token_table, "pays", lambda captions: True)
            assert equal(token_table.token_table(captions, mode=mode), slow)


def test_a_glued_token_is_parted_and_marked() -> None:
    table = interned(["1\xa01/2 cups", "", "cups 1"])
    assert table.words == ("1", "1/2", "cups")
    assert table.ids_T.tolist() == [0, 1, 2, 2, 0]
    assert table.glued_T.tolist() == [True, False, False, False, False]
    assert table.offsets.tolist() == [0, 3, 3, 5]
    assert len(table) == 3


@pytest.mark.parametrize(
    ("captions", "said"), [("a man", "must be a list"), (["a", None], "number 1 is None"), ([float("nan")], "number 0")]
)
def test_what_is_no_list_of_texts_is_refused(captions: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        ptb_tokenise(captions)


def test_no_captions_give_an_empty_table() -> None:
    assert ptb_tokenise([]) == []
    assert len(interned([])) == 0
    assert len(pieces([], each=True).numbers_T) == 0


def test_the_automaton_is_what_the_rules_give(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import build_ptb  # noqa: PLC0415

    shipped = build_ptb.OUT
    monkeypatch.setattr(build_ptb, "OUT", tmp_path / "again.npz")
    build_ptb.main()
    with np.load(shipped) as left, np.load(tmp_path / "again.npz") as right:
        assert sorted(left) == sorted(right)
        assert all(np.array_equal(left[name], right[name]) for name in left)


def test_small_sets_need_no_compiler() -> None:
    code = "import sys; from diptych.language.token_table import token_table; token_table(['a (b'] * 10); sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
