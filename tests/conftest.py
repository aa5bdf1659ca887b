"""Skips are listed with their reason; under CI an unlisted one fails the run. So are the warnings of others that tests may give."""

import os
import signal
from collections import Counter

import pytest

# read when torch and tokenizers are first imported: tests train tiny things, for which threads cost more than they bring,
# a model that is not on the disk is never asked of the network, and no answer goes into the user's own cache
for name, value in (("OMP_NUM_THREADS", "1"), ("TOKENIZERS_PARALLELISM", "false"), ("HF_HUB_OFFLINE", "1"), ("DIPTYCH_ANSWERS", "off")):
    os.environ.setdefault(name, value)

# another library's warning, by the beginning of its message -> why that is all right
FOREIGN = {
    "ignore:`is_gradient_checkpointing` is deprecated:FutureWarning": "peft 0.21 asks transformers 5 by the old name",
    "ignore:'pin_memory' argument is set as true but no accelerator is found:UserWarning": "said on every machine without an accelerator",
    "ignore:`torch.jit.script` is deprecated:DeprecationWarning": "diffusers 0.42 imports all its pipelines, one of which (Kolors) uses it",
}

# reason a test may give for skipping -> why that is all right
OPTIONAL = {
    "sentencepiece not installed": "of the extra models; SigLIP's own tokenizer is built with it, all else of SigLIP is tested without",
    "shared data absent": "real photos, captions and ratings lie beside the developers' checkout and are not ours to ship",
    "no chromium": "pages are also checked without a browser; install chromium to run these",
    "datasets is not installed": "Hugging Face folders are read with pyarrow; their own library only cross-checks",
    "pycocoevalcap not installed": "METEOR's tables are another's and read where they lie; our own cases hold its digits without them",
    "diffusers not installed": "an extra: the painters of hf: are checked where it is there",
    "tesseract not installed": "a program of the system's: apt-get install tesseract-ocr to run these",
    "rapidocr not installed": "an extra, experts: words are read where it is there",
    "opencv not installed": "an extra, experts: faces are found where it is there",
    "a GPU is here": "what is said of a GPU that is not there",
    "runs as root": "root may write to read-only folders",
}


def pytest_configure(config: pytest.Config) -> None:
    for line in FOREIGN:
        config.addinivalue_line("filterwarnings", line)
    # a shell that starts the tests in the background ignores SIGINT, and what they start would inherit that
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _reason(report: pytest.TestReport) -> str:
    said = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return said.removeprefix("Skipped: ")


def _listed(reason: str) -> bool:
    return any(reason.startswith(known) for known in OPTIONAL)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter, exitstatus, config) -> None:
    skipped = Counter(_reason(report) for report in terminalreporter.stats.get("skipped", []))
    for reason, number in sorted(skipped.items()):
        why = next((why for known, why in OPTIONAL.items() if reason.startswith(known)), "NOT LISTED in tests/conftest.py")
        terminalreporter.write_line(f"skipped {number}: {reason} ({why})")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    unlisted = [r for report in reporter.stats.get("skipped", []) if not _listed(r := _reason(report))]
    if unlisted and os.environ.get("CI") and exitstatus == 0:
        session.exitstatus = 1
