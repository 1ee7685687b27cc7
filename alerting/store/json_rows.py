"""Many rows to and from the database in one step, as JSON.

The work on them is then one statement, done outside of Python's lock: a thread that steps through rows one by one
waits for the event loop at each of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Subquery,
    Text,
    bindparam,
    cast,
    column,
    func,
    select,
)

Row = TypeVar("Row", bound=msgspec.Struct)
Kind = type[Text] | type[BigInteger]


def given(connection: Connection, columns: dict[str, Kind], rows: Sequence[Sequence[Any]]) -> Subquery:
    """`rows` as a table to select from and join with; values in the order of `columns`."""
    document = msgspec.json.encode(rows).decode()
    if connection.dialect.name == "postgresql":
        one = func.json_array_elements(cast(bindparam(None, document, Text), JSON)).table_valued(column("value", JSON))
        parts: list[ColumnElement[Any]] = [
            cast(one.c.value.op("->>")(place), kind) for place, kind in enumerate(columns.values())
        ]
    else:
        one = func.json_each(bindparam(None, document, Text)).table_valued(column("value", JSON))
        parts = [
            func.json_extract(one.c.value, f"$[{place}]", type_=kind) for place, kind in enumerate(columns.values())
        ]
    return select(*(part.label(name) for part, name in zip(parts, columns, strict=True))).subquery()


def listed(connection: Connection, names: Collection[str]) -> Select[Any]:
    """`names` to look in: a statement with a place for each of thousands would be made anew every time."""
    document = bindparam(None, msgspec.json.encode(list(names)).decode(), Text)
    if connection.dialect.name == "postgresql":
        return select(func.json_array_elements_text(cast(document, JSON)).column_valued())
    return select(func.json_each(document).table_valued(column("value", Text)).c.value)


def fetched(connection: Connection, query: Select[Any], kind: type[Row]) -> list[Row]:
    """The rows of a query, each as `kind` makes of the list of its columns; in no promised order."""
    rows = query.subquery()
    columns: Sequence[ColumnElement[Any]] = list(rows.c)
    if connection.dialect.name == "postgresql":
        text = select(cast(func.json_agg(func.json_build_array(*columns)), Text))
    else:
        text = select(func.json_group_array(func.json_array(*columns), type_=Text))
    return msgspec.json.decode(connection.scalar(text.select_from(rows)) or b"[]", type=list[kind])  # type: ignore[valid-type]  # known when called
