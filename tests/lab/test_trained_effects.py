import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import seeds

from diptych.cli.catalogue import recipe
from diptych.data.errors import InputError, RunError
from diptych.lab.lab import Lab
from diptych.lab.trained import Asked, judged

ASKED = {"method": "better", "baseline": "plain", "metric": "score"}


def lab(first: int = 0, count: int = 3, budget: str = "full") -> Lab:
    return Lab("try", tuple(range(first, first + count)), 1, budget, quiet=True)


def test_differences_are_paired_by_seed_with_a_t_interval(capfd: pytest.CaptureFixture[str]) -> None:
    sweep = {"share": [(0.5, "half", "plain"), (1.0, "better", "plain")]}
    made = lab().trained(
        seeds.steady,
        **ASKED,
        guards={"kept": -0.02, "error": 0.0},
        lower=("error",),
        sweep=sweep,
        how="cached tokens",
        notes={"oracle": "reads minds"},
    )
    # differences 1, 2, 3: mean 2, standard deviation 1, t(2) = 4.303
    half = 4.302652729911275 / math.sqrt(3)
    assert (made.difference.value, made.difference.low, made.difference.high) == pytest.approx((2, 2 - half, 2 + half))
    assert made.difference.method == "better" and made.seeds == (0, 1, 2) and made.seconds > 0
    assert not made.shown and made.why == "the interval includes zero"
    assert [(arm.name, arm.value, arm.n) for arm in made.arms] == [("plain", 1.0, 3), ("better", 3.0, 3)]  # half is in the sweep alone
    assert made.oracle.value == 50 and made.chance.value == 0
    assert made.guards["kept"]["difference"] == pytest.approx(-0.01) and made.guards["kept"]["held"]
    assert made.guards["error"]["difference"] == pytest.approx(0.1) and made.guards["error"]["held"]  # a lower error is a gain
    errors = {result.name: result for result in made.others["plain"]}
    assert errors["error"].better == "lower" and errors["kept"].better == "higher" and "cached tokens" in errors["kept"].how
    assert made.oracle.how.startswith("reads minds; cached tokens; t interval over 3 seeds") and made.chance.how.startswith("guesses; ")
    assert [point["value"] for point in made.sweep["share"]] == [0.5, 1.0]
    assert made.sweep["share"][0]["score better"] == pytest.approx(1.5) and made.sweep["share"][0]["score difference"] == pytest.approx(0.5)
    assert capfd.readouterr() == ("", "")


def test_a_small_budget_reaches_the_seed_and_is_said_to_be_smoke() -> None:
    made = lab(count=5, budget="small").trained(seeds.steady, **ASKED)
    assert made.seeds == (0, 1) and made.arms[1].value == 101.0 and made.why.startswith("smoke run (small budget): ")


def test_workers_have_one_thread_and_a_process_of_their_own() -> None:
    found = lab(count=1).trained(seeds.threads, **ASKED)
    one = {result.name: result for result in found.others["plain"]}
    assert found.arms[0].value == 1 and one["blas"].value == 1
    assert one["process"].value != os.getpid()


def test_a_failing_seed_is_named_with_its_traceback() -> None:
    with pytest.raises(RunError, match=r"seed 1 failed: ValueError: no such word") as error:
        lab().trained(seeds.failing, **ASKED)
    assert "in failing" in str(error.value)


def test_without_workers_the_seeds_run_here() -> None:
    here = Lab("try", (0, 1, 2), 1, quiet=True, workers=0)
    assert here.trained(seeds.steady, **ASKED).arms == lab().trained(seeds.steady, **ASKED).arms
    assert {r.name: r.value for r in Lab("try", (0,), 1, quiet=True, workers=0).trained(seeds.threads, **ASKED).others["plain"]}[
        "process"
    ] == os.getpid()
    with pytest.raises(RunError, match="seed 1 failed"):
        here.trained(seeds.failing, **ASKED)


def test_a_killed_worker_is_told() -> None:
    with pytest.raises(RunError, match="was killed"):
        lab(count=1).trained(seeds.dying, **ASKED)


ENDLESS = """
import seeds
from diptych.lab.lab import Lab
Lab("try", (0, 1, 2), 1, quiet=True).trained(seeds.endless, method="better", baseline="plain", metric="score")
"""


def running(pid: int) -> bool:
    """Whether a process does anything any more; one that only waits to be taken note of does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], check=False, capture_output=True, text=True).stdout.strip()
    return bool(state) and not state.startswith("Z")


@pytest.mark.parametrize(("sent", "to_all"), [(signal.SIGINT, False), (signal.SIGINT, True), (signal.SIGKILL, False)])
def test_interrupted_or_killed_it_ends_with_all_its_workers(sent: signal.Signals, to_all: bool, tmp_path: Path) -> None:
    about = os.environ | {"SEEDS_BEGUN": str(tmp_path), "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    process = subprocess.Popen([sys.executable, "-c", ENDLESS], env=about, stderr=subprocess.PIPE, text=True, start_new_session=True)
    until, workers = time.monotonic() + 60, []
    while len(workers) < min(2, os.cpu_count() or 1) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
        workers = [int(told) for path in tmp_path.iterdir() if (told := path.read_text())]
    assert workers and all(running(pid) for pid in workers)
    (os.killpg if to_all else os.kill)(process.pid, sent)  # as a terminal does, or to one alone
    try:
        told = process.communicate(timeout=20)[1]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    assert process.returncode != 0 and ("KeyboardInterrupt" in told) == (sent == signal.SIGINT) and "RunError" not in told
    until = time.monotonic() + 20
    while any(running(pid) for pid in workers) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(running(pid) for pid in workers)


def test_what_does_not_fit_is_refused() -> None:
    def found(**changed: object) -> object:
        return judged("try", Asked(**(ASKED | changed)), {seed: seeds.steady(seed, "full") for seed in (0, 1)})  # type: ignore[arg-type]

    with pytest.raises(InputError, match="no arm best: one_seed gave plain, better"):
        found(method="best")
    with pytest.raises(InputError, match="arm 'better' of seed 0 has no speed"):
        found(guards={"speed": 0.0})
    with pytest.raises(InputError, match="the same arms, seed 1"):
        judged("try", Asked(**ASKED), {seed: seeds.uneven(seed, "full") for seed in (0, 1)})
    with pytest.raises(InputError, match="at the top of its module"):
        lab().trained(lambda seed, budget: {}, **ASKED)


def test_a_recipe_that_is_a_file_is_found_by_the_workers(tmp_path: Path) -> None:
    path = tmp_path / "mine_of_a_file.py"
    path.write_text(
        "def one_seed(seed, budget):\n    one = {'score': seed}\n    return dict.fromkeys(('a', 'b', 'oracle', 'chance'), one)\n"
    )
    made = lab(count=2).trained(recipe(str(path)).one_seed, method="a", baseline="b", metric="score")
    assert made.arms[0].value == 0.5 and made.difference.value == 0
