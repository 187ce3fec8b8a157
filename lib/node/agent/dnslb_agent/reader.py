"""Reads the manifest of a release, in the current schema or in the one before."""

import json
import os
from typing import cast

from . import schema1
from .decode import decode
from .errors import Failure, UnknownSchema
from .manifest import SCHEMA, Manifest

MANIFEST = "manifest.json"


def read(release: str) -> Manifest:
    """Reads the manifest in the directory of a release; the failure names the first field that is wrong."""
    try:
        with open(os.path.join(release, MANIFEST), encoding="utf-8") as file:
            data: object = json.load(file)
    except OSError as error:
        raise Failure(f"{MANIFEST}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise Failure(f"{MANIFEST}: {error}") from error
    entries = cast(dict[str, object], data) if isinstance(data, dict) else {}
    schema = entries.get("schema")
    if schema == schema1.SCHEMA:
        entries = schema1.upgrade(entries, MANIFEST)
    elif schema != SCHEMA:
        raise UnknownSchema(f"{MANIFEST}: this agent reads the schemas {schema1.SCHEMA} and {SCHEMA} only")
    return decode(entries, Manifest, MANIFEST)
