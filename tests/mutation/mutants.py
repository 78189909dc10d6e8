"""Mutants: one small change each to one function or constant of a module, as AST.

Not changed is what nothing but a reader sees: annotations and aliases of types, docstrings, what
is said in a raise or a line of the log, and values that go nowhere else than there.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change to a module.

    Attributes:
        module: its import name; path: its file, from the repository.
        where: the function's qualified name, or a constant's name.
        line: in the file as it is.
        before, after: the changed piece of source.
        tree: the whole module, changed.
    """

    module: str
    path: str
    where: str
    is_constant: bool
    line: int
    before: str
    after: str
    tree: ast.Module

    @property
    def key(self) -> str:
        """What names it in the list of equivalent ones, whatever its line."""
        return f"{self.path}::{self.where}: {self.before} → {self.after}"


def mutants_of(path: Path, root: Path) -> Iterator[Mutant]:
    """Every mutant of a module below a folder called src."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    parts = path.relative_to(root).with_suffix("").parts
    module = ".".join(parts[parts.index("src") + 1 :]).removesuffix(".__init__")
    named = str(path.relative_to(root))
    for where, is_constant, holder in _places(tree, ""):
        for node, changed in _changes(holder):
            mutated = _with(tree, node, changed)
            before, after = _told(node), _told(changed)
            if before != after:
                yield Mutant(module, named, where, is_constant, node.lineno, before, after, mutated)


def places_of(tree: ast.Module) -> list[tuple[str, bool, ast.stmt]]:
    """Name, whether it is a constant, and node of everything that may be changed."""
    return list(_places(tree, ""))


def _places(node: ast.AST, prefix: str) -> Iterator[tuple[str, bool, ast.stmt]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, FUNCTIONS):
            if not any(_is_overload(each) for each in child.decorator_list):
                yield f"{prefix}{child.name}", False, child
        elif isinstance(child, ast.ClassDef):
            yield from _places(child, f"{prefix}{child.name}.")
        elif (
            isinstance(child, ast.Assign)
            and not prefix
            and isinstance(child.targets[0], ast.Name)
            and not _is_alias(child.targets[0].id, child.value)
        ):
            yield child.targets[0].id, True, child


def _is_alias(name: str, value: ast.expr) -> bool:
    """Whether a module gives a type another name: Handler = Callable[[Call], Reply]."""
    is_cap_words = name.lstrip("_")[:1].isupper() and not name.isupper()
    return is_cap_words and isinstance(value, ast.Subscript)


def _is_overload(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "overload"


def _changes(holder: ast.stmt) -> Iterator[tuple[ast.expr | ast.stmt, ast.expr | ast.stmt]]:
    """Pairs of a node within holder and what takes its place."""
    for node in _inside(holder, _only_said(holder)):
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            if (other := COMPARED.get(type(node.ops[0]))) is not None:
                yield node, _altered(node, ops=[other()])
        elif isinstance(node, ast.Compare):
            for at, op in enumerate(node.ops):
                if (other := COMPARED.get(type(op))) is not None:
                    ops = [*node.ops[:at], other(), *node.ops[at + 1 :]]
                    yield node, _altered(node, ops=ops)
        elif isinstance(node, ast.BoolOp):
            other_op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield node, _altered(node, op=other_op)
            for at in range(len(node.values)):
                rest = node.values[:at] + node.values[at + 1 :]
                yield node, rest[0] if len(rest) == 1 else _altered(node, values=rest)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield node, node.operand
        elif isinstance(node, ast.BinOp):
            if (computed := COMPUTED.get(type(node.op))) is not None:
                yield node, _altered(node, op=computed())
        elif isinstance(node, ast.Constant):
            yield from _constants(node)
        elif isinstance(node, ast.Name) and node.id in NAMES:
            yield node, _altered(node, id=NAMES[node.id])
        elif isinstance(node, ast.Raise) or _is_call(node):
            assert isinstance(node, ast.stmt)
            yield node, ast.copy_location(ast.Pass(), node)
        elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
            yield node, _altered(node, value=ast.Constant(None))
        elif isinstance(node, (ast.If, ast.While, ast.IfExp)):
            test = node.test
            if not isinstance(test, (ast.Compare, ast.UnaryOp, ast.BoolOp)):
                yield test, ast.copy_location(ast.UnaryOp(ast.Not(), test), test)


def _constants(node: ast.Constant) -> Iterator[tuple[ast.expr, ast.expr]]:
    value = node.value
    if isinstance(value, bool):
        yield node, _altered(node, value=not value)
    elif isinstance(value, int):
        yield node, _altered(node, value=value + 1)
    elif isinstance(value, bytes):
        yield node, _altered(node, value=value + b"x")


def _is_call(node: ast.AST) -> bool:
    """A call whose result nobody looks at: a check, or a change."""
    if not isinstance(node, ast.Expr):
        return False
    value = node.value.value if isinstance(node.value, ast.Await) else node.value
    if not isinstance(value, ast.Call):
        return False
    return not _is_logging(value)


def _is_logging(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    told = node.func.value
    return isinstance(told, ast.Name) and told.id in ("log", "_log")


def _only_said(holder: ast.AST) -> frozenset[str]:
    """Names of values that are read in raises and lines of the log, and nowhere else."""
    said = [
        name
        for node in ast.walk(holder)
        if isinstance(node, ast.Raise) or _is_logging(node)
        for name in _read(node)
    ]
    everywhere = Counter(_read(holder))
    return frozenset(name for name, count in Counter(said).items() if count == everywhere[name])


def _read(holder: ast.AST) -> list[str]:
    return [
        node.id
        for node in ast.walk(holder)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    ]


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _inside(node: ast.AST, said: frozenset[str]) -> Iterator[ast.AST]:
    """Nodes that change what happens: no annotation, docstring, message or decorator."""
    if isinstance(node, ast.Assign) and _is_named(node.targets, said):
        return
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "args", "type_comment") and not (
            name == "args" and isinstance(node, ast.Call)
        ):
            continue
        if isinstance(node, ast.Raise):
            continue
        children = value if isinstance(value, list) else [value]
        for child in children:
            if not isinstance(child, ast.AST) or isinstance(child, (ast.JoinedStr, ast.Assert)):
                continue
            if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                continue
            yield from _inside(child, said)


def _is_named(targets: list[ast.expr], names: frozenset[str]) -> bool:
    return len(targets) == 1 and isinstance(targets[0], ast.Name) and targets[0].id in names


def _altered(node: ast.AST, **fields: object) -> ast.expr:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    assert isinstance(changed, (ast.expr, ast.stmt))
    return changed  # type: ignore[return-value]  # of the kind that node is


def _with(tree: ast.Module, node: ast.AST, changed: ast.AST) -> ast.Module:
    class Replace(ast.NodeTransformer):
        def visit(self, here: ast.AST) -> ast.AST:
            return changed if here is node else self.generic_visit(here)

    mutated = Replace().visit(_copied(tree, node))
    assert isinstance(mutated, ast.Module)
    return ast.fix_missing_locations(mutated)


def _copied(tree: ast.AST, kept: ast.AST) -> ast.AST:
    """A copy in which kept, and everything below it, is still itself."""
    if tree is kept:
        return tree
    made = copy.copy(tree)
    for name, value in ast.iter_fields(tree):
        if isinstance(value, ast.AST):
            setattr(made, name, _copied(value, kept))
        elif isinstance(value, list):
            setattr(made, name, [_copied(v, kept) if isinstance(v, ast.AST) else v for v in value])
    return made


def _told(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:160]
