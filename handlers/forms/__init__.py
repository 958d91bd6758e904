"""Forms and conversations a person can open by name: every file here adds those it defines."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

from handlers.flow import Flow

if TYPE_CHECKING:
    from handlers.registering import Kind


T = TypeVar("T")


@cache
def conversations() -> Mapping[str, Flow]:
    """Give every conversation defined in this folder by its name."""
    return {flow.name: flow for flow in _defined(Flow)}


@cache
def kinds() -> Mapping[str, Kind]:
    """Give every kind of registration defined in this folder by its stored name."""
    from handlers.registering import Kind

    return {kind.name: kind for kind in _defined(Kind)}


def _defined(wanted: type[T]) -> list[T]:
    modules = (import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    return [value for module in modules for value in vars(module).values() if isinstance(value, wanted)]
