"""JSON as the types of a program: what a class says of its fields is what must be there."""

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


class Pattern(NamedTuple):
    """Of a text: it must match as a whole. For `Annotated[str, ...]`."""

    pattern: str
    # What such a text is, for errors.
    noun: str


class Range(NamedTuple):
    """Of a number: the least and, if there is one, the greatest. For `Annotated[int, ...]`."""

    low: int
    high: int | None = None


def decode(data: Json, wanted: type[T], source: str) -> T:
    """Takes a NamedTuple out of parsed JSON, or says in which place of the source something else stands."""
    try:
        return cast(T, _decoder(wanted)(data))
    except _Wrong as wrong:
        place = f"'{wrong.place}'" if wrong.place else "it"
        raise Failure(f"{source}: {place} is not {wrong.wanted}") from None


def key(field: str) -> str:
    """The name in JSON of a field: `virtualAddresses` for `virtual_addresses`."""
    first, *others = field.split("_")
    return first + "".join(word.capitalize() for word in others)


class _Wrong(Exception):
    """Something else stands in a place, which grows on the way out to the whole."""

    def __init__(self, wanted: str) -> None:
        super().__init__(wanted)
        self.wanted = wanted
        self.place = ""

    def within(self, part: str) -> "_Wrong":
        self.place = f"{part}.{self.place}" if self.place and not self.place.startswith("[") else part + self.place
        return self


# A release has thousands of values, and few types of them.
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
        return _plain(lambda data: data in arguments, " or ".join(str(each) for each in arguments))
    # `A | B` is of one type or the other, by what A and B are.
    if origin in (Union, UnionType):
        return _one_of(arguments)
    if wanted is bool:
        return _plain(lambda data: isinstance(data, bool), "true or false")
    if wanted is int:
        return _plain(lambda data: isinstance(data, int) and not isinstance(data, bool), "a whole number")
    if wanted is str:
        return _plain(lambda data: isinstance(data, str) and "\0" not in data, "a text")
    return _record(wanted)


def _plain(accepts: Callable[[Json], bool], noun: str) -> Decoder:
    def decoder(data: Json) -> object:
        if not accepts(data):
            raise _Wrong(noun)
        return data

    return decoder


def _constrained(base: Decoder, constraint: Pattern | Range) -> Decoder:
    if isinstance(constraint, Pattern):
        pattern = re.compile(constraint.pattern)
        return _both(base, lambda value: pattern.fullmatch(cast(str, value)) is not None, constraint.noun)
    low, high = constraint
    noun = f"a number of at least {low}" if high is None else f"a number of {low} to {high}"
    return _both(base, lambda value: low <= cast(int, value) and (high is None or cast(int, value) <= high), noun)


def _both(base: Decoder, accepts: Callable[[object], bool], noun: str) -> Decoder:
    def decoder(data: Json) -> object:
        value = base(data)
        if not accepts(value):
            raise _Wrong(noun)
        return value

    return decoder


def _list_of(item: Decoder) -> Decoder:
    def decoder(data: Json) -> object:
        if not isinstance(data, list):
            raise _Wrong("a list")
        values: list[object] = []
        for index, each in enumerate(cast(list[Json], data)):
            try:
                values.append(item(each))
            except _Wrong as wrong:
                raise wrong.within(f"[{index}]") from None
        return values

    return decoder


def _dict_of(value: Decoder) -> Decoder:
    def decoder(data: Json) -> object:
        values: dict[str, object] = {}
        for name, each in _object(data).items():
            try:
                values[name] = value(each)
            except _Wrong as wrong:
                raise wrong.within(name) from None
        return values

    return decoder


def _one_of(alternatives: "tuple[object, ...]") -> Decoder:
    """Records are told apart by the one value that their field `kind` may have, other values by their type."""
    records = {_kind_of(each): _decoder(each) for each in alternatives if _is_record(each)}
    # A number or a word, and nothing where there is none.
    simple = [(each, _decoder(each)) for each in alternatives if each is not type(None) and not _is_record(each)]

    def decoder(data: Json) -> object:
        if not records:
            return next((read for wanted, read in simple if _may_be(data, wanted)), simple[0][1])(data)
        kind = _object(data).get("kind")
        if not isinstance(kind, str) or kind not in records:
            raise _Wrong(f"one of {', '.join(records)}").within("kind")
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
                    raise _Wrong("there")
            except _Wrong as wrong:
                raise wrong.within(name) from None
        return make(**values)

    return decoder


def _object(data: Json) -> "dict[str, Json]":
    if not isinstance(data, dict):
        raise _Wrong("an object")
    return cast("dict[str, Json]", data)


def _fields_of(record: object) -> dict[str, object]:
    return get_type_hints(record, include_extras=True)


def _is_record(wanted: object) -> bool:
    return isinstance(wanted, type) and hasattr(wanted, "_fields")


def _kind_of(record: object) -> str:
    return str(get_args(_fields_of(record)["kind"])[0])


def _may_be(data: Json, wanted: object) -> bool:
    base = get_args(wanted)[0] if get_origin(wanted) is Annotated else wanted
    if get_origin(base) is Literal:
        return isinstance(data, str)
    return isinstance(base, type) and isinstance(data, base)
