"""Numbers as people read them."""

import math


def count(n: int) -> str:
    """1,234."""
    return f"{n:,}"


def several(n: int, noun: str) -> str:
    """1 row, 2 rows."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def figure(value: float) -> str:
    """Three digits: 0.612, 8.30, 15.9, 1,234; - for no number."""
    if not math.isfinite(value):
        return "-" if math.isnan(value) else f"{value}".replace("-", "−")
    size = abs(value)
    digits = 3 if size < 1 else 2 if size < 10 else 1 if size < 100 else 0
    text = f"{value:.2g}" if 0 < size < 0.001 else f"{value:,.{digits}f}"
    return text.replace("-", "−")


def share(part: int, whole: int) -> str:
    """12 %, or 0.4 % where rounding would hide it; - of nothing."""
    if not whole:
        return "-"
    percent = 100 * part / whole
    return f"{percent:.1f} %" if 0 < percent < 1 or 99 < percent < 100 else f"{percent:.0f} %"


def duration(seconds: float) -> str:
    """850 ms, 12.3 s, 4 min 05 s, 2 h 07 min."""
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
