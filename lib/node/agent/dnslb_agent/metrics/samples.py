"""What was collected, and its text in the format of Prometheus."""

from .families import BY_NAME, FAMILIES


class Samples:
    """Values of metrics by their labels. What is unknown is left out."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {}

    def add(self, name: str, value: float | None, *labels: str) -> None:
        """Adds a value with the values of the labels in the order of the table."""
        self.add_labelled(name, value, label_text(name, *labels))

    def add_labelled(self, name: str, value: float | None, labels: str) -> None:
        """The same with labels that `label_text` has made, of a metric with the same names of labels."""
        if value is not None:
            self._lines.setdefault(name, []).append(f"{BY_NAME[name].full_name}{labels} {_number(value)}\n")

    def lines(self, name: str) -> list[str]:
        """The lines of a metric, to which many may be added at once, each with its end."""
        return self._lines.setdefault(name, [])

    def text(self) -> str:
        """All metrics in the order of the table."""
        parts: list[str] = []
        for family in FAMILIES:
            lines = self._lines.get(family.name)
            if lines:
                parts.append(head(family.name))
                parts += lines
        return "".join(parts)


def head(name: str) -> str:
    """What stands before the values of a metric."""
    family = BY_NAME[name]
    return f"# HELP {family.full_name} {family.help}\n# TYPE {family.full_name} {family.kind}\n"


def label_text(name: str, *values: str) -> str:
    """The labels of a metric with these values, in the order of the table."""
    words = [f'{label}="{_escape(value)}"' for label, value in zip(BY_NAME[name].labels, values, strict=True)]
    return f"{{{','.join(words)}}}" if words else ""


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
