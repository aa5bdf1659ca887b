from report_samples import text_of

from diptych.report.funnel import account, funnel

TOTAL = {
    "in": 10,
    "made": 2,
    "kept": 8,
    "dropped": {"Keep": {"score below 0.5": 2}, "Fuse": {"nothing survived": 1}},
    "failed": {"input": {"<b>truncated</b>": 1}},
}


def test_reasons_by_step_by_reason_alone_or_as_a_number() -> None:
    assert account(TOTAL).dropped == (("Keep", "score below 0.5", 2), ("Fuse", "nothing survived", 1))
    assert account({"dropped": {"late": 2}}).dropped == (("", "late", 2),)
    assert account({"dropped": {("Keep", "late"): 2}}).dropped == (("Keep", "late", 2),)
    assert account({"dropped": 3, "failed": 0}).ended == (3, 0)


def test_the_equation_and_the_reasons_are_shown() -> None:
    shown = text_of(funnel({**TOTAL, "stages": [{**TOTAL, "name": "Split, Fuse"}, {**TOTAL, "name": "Keep"}]}))
    assert "10 in + 2 made = 8 kept + 3 dropped + 1 failed" in shown
    assert "unaccounted" not in shown
    for words in ("Split, Fuse", "Why: 3 reasons", "score below 0.5", "nothing survived", "<b>truncated</b>", "67 %"):
        assert words in shown


def test_rows_that_do_not_balance_are_flagged() -> None:
    assert "2 rows unaccounted for" in text_of(funnel({**TOTAL, "kept": 6}))


def test_a_run_without_accounts_and_one_without_rows() -> None:
    assert "unfinished" in text_of(funnel({}))
    assert "No row was dropped" in text_of(funnel({"in": 0, "made": 0, "kept": 0, "dropped": {}, "failed": {}}))


def test_rare_reasons_are_counted_together() -> None:
    shown = text_of(funnel({"in": 50, "made": 0, "kept": 0, "dropped": {"Keep": {f"reason {n}": 1 for n in range(50)}}, "failed": {}}))
    assert "and 10 rows for 10 other reasons" in shown
