"""Lines and tables of text, as wide and as high as the terminal is."""

from collections.abc import Sequence
from typing import NamedTuple

GAP = "  "
# What stands at the end of what was cut.
MARK = ".."
# Columns that the first column of a table keeps, and lines of rows that every table keeps.
LEAST_WIDTH = 12
LEAST_ROWS = 2
# How ill something is.
WELL, DOUBTFUL, ILL, HEADING = "", "doubtful", "ill", "heading"


class Line(NamedTuple):
    text: str
    level: str = WELL


class Row(NamedTuple):
    cells: Sequence[str]
    level: str = WELL


class Table(NamedTuple):
    """Rows below a heading. The columns that are named begin at the left; others hold numbers."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Row]
    left: Sequence[str]


# What a screen is made of, from above.
Part = Line | Table


def layout(parts: Sequence[Part], width: int | None, height: int | None) -> list[Line]:
    """The lines of parts, none wider than `width`, and not more than `height`; None if there is no limit."""
    tables = [part for part in parts if isinstance(part, Table)]
    shown = {id(table): len(table.rows) for table in tables}
    if height is not None:
        # An empty line and the heading of each table.
        fixed = len(parts) - len(tables) + sum(2 + bool(table.title) for table in tables)
        shown = dict(zip(shown, share_rows([len(table.rows) for table in tables], height - fixed), strict=True))
    lines: list[Line] = []
    for part in parts:
        lines += [part] if isinstance(part, Line) else _lines_of(part, shown[id(part)], width)
    if width is not None:
        lines = [Line(cut(line.text, width), line.level) for line in lines]
    return lines if height is None else lines[:height]


def share_rows(wanted: Sequence[int], room: int) -> list[int]:
    """How many lines each table gets: all that it wants, or as many as the others that want more, but some at least."""
    given = [min(each, LEAST_ROWS) for each in wanted]
    left = room - sum(given)
    while left > 0 and (hungry := [index for index, each in enumerate(wanted) if given[index] < each]):
        part = max(1, left // len(hungry))
        for index in hungry:
            more = min(wanted[index] - given[index], part, left)
            given[index] += more
            left -= more
    return given


def cut(text: str, width: int) -> str:
    if len(text) <= width:
        return text
    return text[:width] if width <= len(MARK) else text[: width - len(MARK)] + MARK


def _lines_of(table: Table, room: int, width: int | None) -> list[Line]:
    rows = list(table.rows)
    # The line that says how many more there are takes the place of one.
    kept = len(rows) if room >= len(rows) else max(0, room - 1)
    shown = rows[:kept]
    widths = [
        max([len(column), *(len(row.cells[index]) for row in shown)]) for index, column in enumerate(table.columns)
    ]
    if width is not None:
        others = sum(widths[1:]) + len(GAP) * (len(widths) - 1)
        widths[0] = min(widths[0], max(LEAST_WIDTH, width - others))
    at_left = [column in table.left for column in table.columns]

    def written(cells: Sequence[str]) -> str:
        cells = [cut(cells[0], widths[0]), *cells[1:]]
        padded = [
            cell.ljust(size) if is_left else cell.rjust(size)
            for cell, size, is_left in zip(cells, widths, at_left, strict=True)
        ]
        return GAP.join(padded).rstrip()

    title = [Line(""), *([Line(table.title)] if table.title else [])]
    if not rows and table.title:
        return title
    lines = [*title, Line(written(table.columns), HEADING)]
    lines += [Line(written(row.cells), row.level) for row in shown]
    if kept < len(rows):
        hidden = rows[kept:]
        level = next((level for level in (ILL, DOUBTFUL) if any(row.level == level for row in hidden)), WELL)
        lines.append(Line(f"and {len(hidden):,} more", level))
    return lines
