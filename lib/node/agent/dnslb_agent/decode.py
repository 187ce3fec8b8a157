"""Decodes parsed JSON to NamedTuples, by the type hints of their fields."""

import re
from collections.abc import Callable
from functools import cache
from types import UnionType
from typing import (
    Annotated,
    Literal,
    NamedTuple,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from .errors import Failure

T = TypeVar("T")
Json = object
Decoder = Callable[[Json], object]
# Larger ones have no exact value in JSON (RFC 8259, section 6), and no time or size needs them.
LARGEST_NUMBER = 2**53 - 1


class Pattern(NamedTuple):
    """A constraint for `Annotated[str, ...]`: the whole text must match."""

    pattern: str
    # Describes such a text, for messages.
    noun: str


class Range(NamedTuple):
    """A constraint for `Annotated[int, ...]`: the minimum and, unless None, the maximum."""

    low: int
    high: int | None = None


def decode(data: Json, wanted: type[T], source: str) -> T:
    """Decodes a NamedTuple; the failure names the place in the source that does not fit."""
    try:
        return cast(T, _decoder(wanted)(data))
    except _DecodeError as wrong:
        place = f"'{wrong.place}'" if wrong.place else "it"
        raise Failure(f"{source}: {place} is not {wrong.wanted}") from None


def key(field: str) -> str:
    """The JSON name of a field: `virtualAddresses` for `virtual_addresses`."""
    first, *others = field.split("_")
    return first + "".join(word.capitalize() for word in others)


class _DecodeError(Exception):
    """A value does not fit. Each decoder that it passes through puts its own part before the place."""

    def __init__(self, wanted: str) -> None:
        super().__init__(wanted)
        self.wanted = wanted
        self.place = ""

    def prefixed(self, part: str) -> "_DecodeError":
        self.place = f"{part}.{self.place}" if self.place and not self.place.startswith("[") else part + self.place
        return self


# A manifest has thousands of values of a few types.
@cache
def _decoder(wanted: object) -> Decoder:
    origin, arguments = get_origin(wanted), get_args(wanted)
    if origin is Annotated:
        return _constrained(_decoder(arguments[0]), arguments[1])
    if origin is list:
        return _list_of(_decoder(arguments[0]))
    if origin is dict:
        return _dict_of(_decoder(arguments[1]))
    if origin is Literal:
        return _accepting(lambda data: data in arguments, " or ".join(str(each) for each in arguments))
    # `A | B` is a UnionType for classes, and a Union where A or B comes from `typing`.
    if origin in (Union, UnionType):
        return _one_of(arguments)
    if wanted is bool:
        return _accepting(lambda data: isinstance(data, bool), "true or false")
    if wanted is int:
        return _accepting(_is_whole_number, "a whole number")
    if wanted is str:
        return _accepting(_is_text, "a text")
    return _record(wanted)


def _is_whole_number(data: Json) -> bool:
    return isinstance(data, int) and not isinstance(data, bool) and abs(data) <= LARGEST_NUMBER


def _is_text(data: Json) -> bool:
    """Neither NUL, which no argument or file holds, nor half of a character, which nothing can write."""
    return isinstance(data, str) and "\0" not in data and re.search("[\ud800-\udfff]", data) is None


def _accepting(accepts: Callable[[Json], bool], noun: str) -> Decoder:
    def decoder(data: Json) -> object:
        if not accepts(data):
            raise _DecodeError(noun)
        return data

    return decoder


def _constrained(base: Decoder, constraint: Pattern | Range) -> Decoder:
    if isinstance(constraint, Pattern):
        pattern = re.compile(constraint.pattern)
        return _checked(base, lambda value: pattern.fullmatch(cast(str, value)) is not None, constraint.noun)
    low, high = constraint
    noun = f"a number of at least {low}" if high is None else f"a number of {low} to {high}"
    return _checked(base, lambda value: low <= cast(int, value) and (high is None or cast(int, value) <= high), noun)


def _checked(base: Decoder, accepts: Callable[[object], bool], noun: str) -> Decoder:
    def decoder(data: Json) -> object:
        value = base(data)
        if not accepts(value):
            raise _DecodeError(noun)
        return value

    return decoder


def _list_of(item: Decoder) -> Decoder:
    def decoder(data: Json) -> object:
        if not isinstance(data, list):
            raise _DecodeError("a list")
        values: list[object] = []
        for index, each in enumerate(cast(list[Json], data)):
            try:
                values.append(item(each))
            except _DecodeError as wrong:
                raise wrong.prefixed(f"[{index}]") from None
        return values

    return decoder


def _dict_of(value: Decoder) -> Decoder:
    def decoder(data: Json) -> object:
        values: dict[str, object] = {}
        for name, each in _object(data).items():
            if not _is_text(name):
                raise _DecodeError("an object whose names are texts")
            try:
                values[name] = value(each)
            except _DecodeError as wrong:
                raise wrong.prefixed(name) from None
        return values

    return decoder


def _one_of(alternatives: "tuple[object, ...]") -> Decoder:
    """Chooses between NamedTuples by their field `kind`, and between other types by the type of the value."""
    if len(alternatives) == 2 and type(None) in alternatives:
        return _decoder(next(each for each in alternatives if each is not type(None)))
    records = {_kind_of(each): _decoder(each) for each in alternatives if _is_record(each)}
    # None means that the field may be absent, which `_record` handles.
    simple = [(each, _decoder(each)) for each in alternatives if each is not type(None) and not _is_record(each)]

    def decoder(data: Json) -> object:
        if not records:
            return next((read for wanted, read in simple if _has_type(data, wanted)), simple[0][1])(data)
        kind = _object(data).get("kind")
        if not isinstance(kind, str) or kind not in records:
            raise _DecodeError(f"one of {', '.join(records)}").prefixed("kind")
        return records[kind](data)

    return decoder


def _record(wanted: object) -> Decoder:
    make = cast(Callable[..., object], wanted)
    absent = cast(dict[str, object], getattr(wanted, "_field_defaults"))
    fields = [(field, key(field), _decoder(hint)) for field, hint in _fields_of(wanted).items()]

    def decoder(data: Json) -> object:
        entries = _object(data)
        values: dict[str, object] = {}
        for field, name, read in fields:
            try:
                if name in entries:
                    values[field] = read(entries[name])
                elif field not in absent:
                    raise _DecodeError("there")
            except _DecodeError as wrong:
                raise wrong.prefixed(name) from None
        return make(**values)

    return decoder


def _object(data: Json) -> "dict[str, Json]":
    if not isinstance(data, dict):
        raise _DecodeError("an object")
    return cast("dict[str, Json]", data)


def _fields_of(record: object) -> dict[str, object]:
    return get_type_hints(record, include_extras=True)


def _is_record(wanted: object) -> bool:
    return isinstance(wanted, type) and hasattr(wanted, "_fields")


def _kind_of(record: object) -> str:
    return str(get_args(_fields_of(record)["kind"])[0])


def _has_type(data: Json, wanted: object) -> bool:
    base = get_args(wanted)[0] if get_origin(wanted) is Annotated else wanted
    if get_origin(base) is Literal:
        return isinstance(data, str)
    return isinstance(base, type) and isinstance(data, base)
