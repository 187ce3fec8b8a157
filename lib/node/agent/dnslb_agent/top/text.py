"""How `top` writes numbers, and words of daemons, which must neither control a terminal nor be wider than they seem."""

from ..log import one_line

UNKNOWN = "-"
MILLISECONDS = 1000
# From here on, what stands behind the point tells nothing.
MANY = 100


def clean(text: str) -> str:
    """A word of a daemon: of printable ASCII, where each character takes one column."""
    return one_line(text).replace("\t", "\\x09").encode("ascii", "backslashreplace").decode("ascii")


def rate(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    # Seldom is not never.
    if 0 < value < 0.05:
        return "<0.1"
    return f"{value:,.1f}" if value < MANY else f"{value:,.0f}"


def count(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value:,}"


def share(part: float | None, whole: float | None) -> str:
    return UNKNOWN if part is None or not whole else f"{100 * part / whole:.1f} %"


def latency(seconds: float | None) -> str:
    if seconds is None:
        return UNKNOWN
    milliseconds = seconds * MILLISECONDS
    return f"{milliseconds:.1f} ms" if milliseconds < MANY else f"{milliseconds:,.0f} ms"


def age(seconds: float) -> str:
    return f"{int(seconds)} s"
