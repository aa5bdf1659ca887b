"""Progress goes to stderr: a bar on a terminal, lines now and then elsewhere, nothing when told so."""

import pytest
from engine_parts import Say, go, source

from diptych.engine import progress
from diptych.engine.progress import Progress


def test_lines_where_there_is_no_terminal(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(progress, "LINE_EVERY", 0.0)
    go((Say(),), source(8), tmp_path / "a", batch=4, progress=True)
    told = capsys.readouterr()
    assert told.out == "" and [line.split(" rows")[0] for line in told.err.splitlines()] == ["1/1 Say: 4 of 8", "1/1 Say: 8 of 8"]
    go((Say(),), source(8), tmp_path / "b", batch=4, progress=False)
    assert capsys.readouterr().err == ""


def test_short_work_says_nothing(tmp_path, capsys):
    go((Say(),), source(8), tmp_path, progress=True)
    assert capsys.readouterr() == ("", "")


def test_a_bar_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    shown = Progress()
    shown.stage("stage 2 of 3", 10, 2)
    shown.advance(5)
    assert shown.bar is not None and (shown.bar.tasks[0].completed, shown.bar.tasks[0].total) == (7, 10)
    shown.close()
    assert shown.bar is None


@pytest.mark.parametrize("total", [None, 4])
def test_unknown_totals_are_left_out(capsys, monkeypatch, total):
    monkeypatch.setattr(progress, "LINE_EVERY", -1.0)
    shown = Progress()
    shown.stage("reading", total)
    shown.advance(2)
    assert capsys.readouterr().err.startswith("reading: 2 of 4 rows, " if total else "reading: 2 rows, ")
