"""Forms and conversations a person can open by name: every file here adds those it defines."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

from handlers.flow import Flow


@cache
def conversations() -> Mapping[str, Flow]:
    """Give every conversation defined in this folder by its name."""
    modules = (import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    flows = [value for module in modules for value in vars(module).values() if isinstance(value, Flow)]
    return {flow.name: flow for flow in flows}
