import runpy
from pathlib import Path

import numba
import pytest

from diptych.arrays import compiled as module
from diptych.arrays.compiled import compiled, fingerprint, telling

LIMIT = 3


def _double(x: int) -> int:
    return 2 * x


def test_fingerprint_follows_called_functions_and_constants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "helper", compiled(_double))

    def caller(x: int) -> int:
        return helper(x) + LIMIT  # type: ignore[name-defined]  # noqa: F821

    first = fingerprint(caller)
    assert first == fingerprint(caller)
    monkeypatch.setitem(globals(), "LIMIT", 4)
    second = fingerprint(caller)
    monkeypatch.setitem(globals(), "helper", compiled(lambda x: 3 * x))
    assert len({first, second, fingerprint(caller)}) == 3


def test_works_where_nothing_may_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = numba.njit

    def refusing(*functions: object, **options: object) -> object:  # numba itself decorates without options
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return plain(*functions, **options)

    monkeypatch.setattr(module.numba, "njit", refusing)
    assert compiled(lambda x: x + 1)(1) == 2


def test_compiling_is_told_once_and_not_when_it_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "added.py"
    file.write_text("from diptych.arrays.compiled import compiled\n\n\n@compiled\ndef added(x):\n    return x + 2\n")
    with telling():
        added = runpy.run_path(str(file))["added"]
        assert (added(1), added(1.0)) == (3, 3.0)  # compiled twice
    told = capsys.readouterr().err
    assert told.startswith("compiling array code") and told.count("\n") == 1
    with telling():
        assert runpy.run_path(str(file))["added"](2) == 4  # found in the cache
    assert not capsys.readouterr().err
