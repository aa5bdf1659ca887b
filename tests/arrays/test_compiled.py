import numba
import pytest

from diptych.arrays import compiled as module
from diptych.arrays.compiled import compiled, fingerprint

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
