"""What every app of a test would make again and is the same each time: compiled routes and compiled templates, once a process.

Owns nothing that runs in production. What is kept is werkzeug's and Jinja's own answer, by everything that it depends on.
"""

from collections.abc import Callable
from types import CodeType
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule


def make_once() -> None:
    """From here on a route or a template that was compiled before, in this process, is not compiled again."""
    Rule._compile_builder = _kept_builder  # type: ignore[method-assign]
    Flask.jinja_options = {"bytecode_cache": _CompiledTemplates()}
    Engine._compiled_cache = property(lambda _: _statements, lambda *_: None)  # type: ignore[assignment]
    for dialect in (SQLiteDialect, PGDialect):
        dialect.__eq__ = _same_kind  # type: ignore[method-assign, assignment]
        dialect.__hash__ = _hash_of_kind  # type: ignore[method-assign]


_compile: Callable[[Rule, bool], Any] = Rule._compile_builder
_builders: dict[tuple[object, ...], Any] = {}


def _kept_builder(rule: Rule, append_unknown: bool = True) -> Any:
    """A builder gets its rule as `self` when it is called, so equal rules share it."""
    if rule.defaults:
        return _compile(rule, append_unknown)
    asked = (rule.rule, tuple(rule._trace), append_unknown)
    if asked not in _builders:
        _builders[asked] = _compile(rule, append_unknown)
    return _builders[asked]


class _CompiledTemplates(BytecodeCache):
    """In memory. The key is of the template's name and file, the checksum of its text."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._kept[bucket.key, bucket.checksum] = bucket.code


# A statement is kept by its dialect and its own key: engines of one kind are set up alike, so they share what was compiled.
_statements: LRUCache[Any, Any] = LRUCache(20_000)


def _same_kind(one: object, other: object) -> bool:
    return type(one) is type(other)


def _hash_of_kind(one: object) -> int:
    return hash(type(one))
