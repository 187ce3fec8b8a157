"""JSON as the types of a program: what a class says of its fields is what must be there."""

import re
from functools import cache
from typing import Annotated, Callable, Dict, List, Literal, NamedTuple, Type, TypeVar, Union, cast, get_args, get_origin
from typing import get_type_hints

from .errors import Failure

T = TypeVar("T")
Json = object


class Pattern(NamedTuple):
    """Of a text: it must match as a whole. For `Annotated[str, ...]`."""

    pattern: str
    # What such a text is, for errors.
    noun: str


class Range(NamedTuple):
    """Of a number: the least and, if there is one, the greatest. For `Annotated[int, ...]`."""

    low: int
    high: Union[int, None] = None


def decode(data: Json, wanted: Type[T], source: str) -> T:
    """Takes a NamedTuple out of parsed JSON, or says in which place of the source something else stands."""
    return cast(T, _Decoder(source).value(data, wanted, ""))


def key(field: str) -> str:
    """The name in JSON of a field: `virtualAddresses` for `virtual_addresses`."""
    first, *others = field.split("_")
    return first + "".join(word.capitalize() for word in others)


class _Decoder:
    def __init__(self, source: str) -> None:
        self._source = source

    def value(self, data: Json, wanted: object, place: str) -> object:
        origin, arguments = get_origin(wanted), get_args(wanted)
        if origin is Annotated:
            return self._constrained(data, arguments[0], arguments[1], place)
        if origin is list:
            if not isinstance(data, list):
                return self._fail(place, "a list")
            items = enumerate(cast(List[Json], data))
            return [self.value(each, arguments[0], f"{place}[{index}]") for index, each in items]
        if origin is dict:
            entries = self._object(data, place)
            return {name: self.value(each, arguments[1], self._at(place, name)) for name, each in entries.items()}
        if origin is Literal:
            return data if data in arguments else self._fail(place, " or ".join(str(each) for each in arguments))
        if origin is Union:
            return self._one_of(data, arguments, place)
        if wanted is bool:
            return data if isinstance(data, bool) else self._fail(place, "true or false")
        if wanted is int:
            return data if isinstance(data, int) and not isinstance(data, bool) else self._fail(place, "a whole number")
        if wanted is str:
            return data if isinstance(data, str) and "\0" not in data else self._fail(place, "a text")
        return self._record(data, cast("Type[NamedTuple]", wanted), place)

    def _constrained(self, data: Json, wanted: object, constraint: object, place: str) -> object:
        value = self.value(data, wanted, place)
        if isinstance(constraint, Pattern) and re.fullmatch(constraint.pattern, str(value)) is None:
            self._fail(place, constraint.noun)
        if isinstance(constraint, Range) and isinstance(value, int):
            if value < constraint.low or (constraint.high is not None and value > constraint.high):
                limit = f"at least {constraint.low}" if constraint.high is None else f"{constraint.low} to {constraint.high}"
                self._fail(place, f"a number of {limit}")
        return value

    def _one_of(self, data: Json, alternatives: "tuple[object, ...]", place: str) -> object:
        """Records are told apart by the one value that their field `kind` may have, other values by their type."""
        records = {_kind_of(each): each for each in alternatives if _is_record(each)}
        if not records:
            # A number or a word, and nothing where there is none.
            simple = [each for each in alternatives if each is not type(None)]
            return self.value(data, next((each for each in simple if _may_be(data, each)), simple[0]), place)
        kind = self._object(data, place).get("kind")
        if not isinstance(kind, str) or kind not in records:
            return self._fail(self._at(place, "kind"), f"one of {', '.join(records)}")
        return self.value(data, records[kind], place)

    def _record(self, data: Json, wanted: "Type[NamedTuple]", place: str) -> object:
        entries = self._object(data, place)
        make = cast(Callable[..., object], wanted)
        absent = cast(Dict[str, object], getattr(wanted, "_field_defaults"))
        values: Dict[str, object] = {}
        for field, hint in _fields_of(wanted).items():
            name = key(field)
            if name in entries:
                values[field] = self.value(entries[name], hint, self._at(place, name))
            elif field not in absent:
                self._fail(self._at(place, name), "there")
        return make(**values)

    def _object(self, data: Json, place: str) -> "Dict[str, Json]":
        return cast("Dict[str, Json]", data if isinstance(data, dict) else self._fail(place, "an object"))

    def _at(self, place: str, name: str) -> str:
        return f"{place}.{name}" if place else name

    def _fail(self, place: str, wanted: str) -> object:
        raise Failure(f"{self._source}: '{place}' is not {wanted}" if place else f"{self._source}: it is not {wanted}")


def _is_record(wanted: object) -> bool:
    return isinstance(wanted, type) and hasattr(wanted, "_fields")


# A release has thousands of records, and few types of them.
@cache
def _fields_of(record: object) -> Dict[str, object]:
    return get_type_hints(record, include_extras=True)


def _kind_of(record: object) -> str:
    return str(get_args(_fields_of(record)["kind"])[0])


def _may_be(data: Json, wanted: object) -> bool:
    base = get_args(wanted)[0] if get_origin(wanted) is Annotated else wanted
    if get_origin(base) is Literal:
        return isinstance(data, str)
    return isinstance(base, type) and isinstance(data, base)
