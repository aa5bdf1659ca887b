"""METEOR's tables: found, compiled, kept and looked up, over an archive of our own words."""

import meteor_own
import pytest

from diptych.data.errors import InputError
from diptych.measure import meteor_data
from diptych.measure.meteor_data import VARIABLE, cache_folder, find_data, load_tables


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(VARIABLE, raising=False)
    load_tables.cache_clear()
    yield meteor_own.write(tmp_path / "pycocoevalcap" / "meteor")
    load_tables.cache_clear()


def test_found_by_path_or_variable(folder, monkeypatch):
    for given in (folder, folder.parent, folder.parent.parent, folder / "meteor-1.5.jar"):
        assert find_data(given) == folder
    monkeypatch.setenv(VARIABLE, str(folder))
    assert find_data() == folder
    monkeypatch.setenv(VARIABLE, str(folder / "data" / "nowhere"))
    with pytest.raises(InputError, match=r"no METEOR tables in .*pycocoevalcap"):
        find_data()


def test_nothing_installed_is_none(folder, monkeypatch):
    def absent(name):
        raise meteor_data.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(meteor_data.metadata, "distribution", absent)
    assert find_data() is None


def test_look_ups(folder):
    tables = load_tables(folder)
    assert tables.function == frozenset(meteor_own.FUNCTION) and tables.prefixes == {"Mr": False, "No": True}
    assert tables.number("zebra") == -1 and tables.number("") == -1
    assert tables.synonym_sets("dog") == [2, 3] and tables.synonym_sets("zebra") == []
    assert tables.synonym_sets("dogs") == [2, 3]  # by ending
    assert tables.synonym_sets("running") == [4] and tables.synonym_sets("children") == [5]  # by exception
    assert tables.synonym_sets("houses") == [6] and tables.synonym_sets("dogss") == []


def node_of(tables, phrase):
    first, *rest = map(tables.number, phrase.split())
    for word in rest:
        first = tables.child(first, word)
    return first


def test_the_tree_holds_every_paraphrase_and_nothing_else(folder):
    tables = load_tables(folder)
    phrases = {one for pair in meteor_own.PARAPHRASES for one in pair}
    said = {phrase: {node_of(tables, other) for one, other in meteor_own.PARAPHRASES if one == phrase} for phrase in phrases}
    assert -1 not in {node_of(tables, phrase) for phrase in phrases}
    assert len({node_of(tables, phrase) for phrase in phrases}) == len(phrases)
    assert {phrase: set(tables.paraphrases(node_of(tables, phrase))) for phrase in phrases} == said
    assert tables.child(tables.number("close"), tables.number("near")) == -1
    assert tables.paraphrases(node_of(tables, "a group")) == []  # the beginning of a phrase is no phrase


def test_compiled_once_and_again_when_the_data_change(folder, tmp_path, monkeypatch, capsys):
    load_tables(folder)
    assert f"compiling METEOR's tables from {folder}" in capsys.readouterr().err
    (kept,) = cache_folder().iterdir()
    monkeypatch.setattr("diptych.measure.meteor_build.build", lambda *_: pytest.fail("compiled twice"))
    load_tables.cache_clear()
    assert load_tables(folder).number("car") >= 0 and not capsys.readouterr().err
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    other = meteor_own.write(tmp_path / "other", [*meteor_own.PARAPHRASES, ("house", "home")])
    assert load_tables(other).number("home") >= 0
    assert len(list(cache_folder().iterdir())) == 2 and kept.exists()


@pytest.mark.parametrize("damage", [lambda data: data[:-10], lambda data: b"x" * 100, lambda data: data[:20], lambda data: b""])
def test_a_damaged_file_is_made_again(folder, damage):
    load_tables(folder)
    (kept,) = cache_folder().iterdir()
    whole = kept.read_bytes()
    load_tables.cache_clear()
    kept.write_bytes(damage(whole))
    assert load_tables(folder).synonym_sets("dog") == [2, 3]
    assert kept.read_bytes() == whole


def test_a_folder_that_may_not_be_written_compiles_each_time(folder, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert load_tables(folder).synonym_sets("dog") == [2, 3]
