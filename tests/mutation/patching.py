"""Puts a mutant in the place of live code, wherever that was imported to."""

from __future__ import annotations

import ast
import builtins
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from tests.mutation.mutants import FUNCTIONS, Mutant, places_of


class NotPatchable(Exception):
    """The code is not reached by its name: made by a decorator, or held in a closure."""


def patch(mutant: Mutant) -> None:
    """Change the running program. Only in a process that ends soon after.

    Raises:
        NotPatchable: there is no live function of that name.
    """
    module = sys.modules[mutant.module]
    code = compile(mutant.tree, module.__file__ or mutant.path, "exec")
    if mutant.is_constant:
        _set_constant(module, mutant.where, code)
    else:
        function = _function(module, mutant.where)
        function.__code__ = _code(code, mutant.where)


def watch(
    path: Path, module_name: str, reached: Callable[[str, str], None], named: str
) -> list[tuple[FunctionType, CodeType]]:
    """Make every function of a module tell when it is called; cheaper than a profiler.

    Returns:
        The functions and the code they had, to be given back to them with unwatch.
    """
    module = importlib.import_module(module_name)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    places = [where for where, is_constant, _ in places_of(tree) if not is_constant]
    for where, is_constant, holder in places_of(tree):
        if not is_constant and isinstance(holder, FUNCTIONS):
            call = f"__zongheng_reached__({named!r}, {where!r})"
            holder.body.insert(0, ast.parse(call).body[0])
    vars(builtins)["__zongheng_reached__"] = reached
    code = compile(ast.fix_missing_locations(tree), str(path), "exec")
    before: list[tuple[FunctionType, CodeType]] = []
    for where in places:
        try:
            function = _function(module, where)
            watching = _code(code, where)
            had, function.__code__ = function.__code__, watching
        except (NotPatchable, ValueError):  # what cannot be watched cannot be changed either
            continue
        before.append((function, had))
    return before


def unwatch(before: list[tuple[FunctionType, CodeType]]) -> None:
    """Give functions back the code they had: what outlives the run tells nobody."""
    for function, code in before:
        function.__code__ = code


def _function(module: ModuleType, where: str) -> FunctionType:
    found: Any = module
    for name in where.split("."):
        found = vars(found).get(name)
    if isinstance(found, property):
        found = found.fget
    found = getattr(found, "__func__", found)
    while hasattr(found, "__wrapped__"):
        found = found.__wrapped__
    if not isinstance(found, FunctionType):
        raise NotPatchable(f"{module.__name__}.{where}")
    return found


def _code(code: CodeType, where: str) -> CodeType:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            if each.co_qualname == where:
                return each
            if where.startswith(f"{each.co_qualname}."):
                return _code(each, where)
    raise NotPatchable(where)


def _set_constant(module: ModuleType, name: str, code: CodeType) -> None:
    """The module is run anew beside the live one; whoever imported the constant gets the new."""
    named = f"{module.__name__}_mutated"
    scratch: dict[str, Any] = {"__name__": named, "__file__": module.__file__}
    before = getattr(module, name)
    sys.modules[named] = ModuleType(named)
    exec(code, scratch)
    after = scratch[name]
    if after == before or callable(after):
        raise NotPatchable(name)
    for each in tuple(sys.modules.values()):
        space = getattr(each, "__dict__", {})
        if name in space and type(space[name]) is type(before) and space[name] == before:
            space[name] = after
