"""The verifier as a program of its own: python3 case.zip --root FINGERPRINT, from inside a package.

Needs Python 3.11, cryptography and protobuf; no SDK, no hub and no network.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from zongheng_sdk.package_acts import AREAS
from zongheng_sdk.package_verify import verify_package
from zongheng_tenants.witness_policy import parse_policy

OURS = ("zongheng_sdk", "zongheng_tenants", "zongheng_protos", "buf")
_MAIN = '''"""Verifies the audit package that it lies in: python3 case.zip --root FINGERPRINT."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "verifier"))

from zongheng_sdk.package_program import main  # noqa: E402

sys.exit(main(HERE))
'''
_README = """审计包 audit package

核验（需要 Python 3.11、cryptography、protobuf，不需要网络）：
    python3 case.zip --root 根指纹
或用自己安装的程序：
    zongheng audit verify case.zip --root 根指纹
根指纹须取自你信任的来源（省级公告），不要取自本包。包内核验程序与包来自同一处：
请核对其 SHA-256，或使用自己安装的程序。

Verify (Python 3.11, cryptography, protobuf; no network):
    python3 case.zip --root FINGERPRINT
or with a program of your own:
    zongheng audit verify case.zip --root FINGERPRINT
Take the root's fingerprint from a source that you trust, such as the province's announcement,
never from this package. The verifier in here comes from where the package comes from: compare its
SHA-256, or use one that you installed.
"""


def main(here: Path, arguments: Sequence[str] | None = None) -> int:
    """Verify a package and print the verdict; 0 when it is proven, 1 when it is not.

    Args:
        here: the package that this program lies in, or the folder it was unpacked to.
    """
    parser = argparse.ArgumentParser(
        prog=f"python3 {here.name}",
        description="Verify an audit package offline 离线核验审计包",
    )
    parser.add_argument("package", nargs="?", type=Path, default=here, help="审计包")
    parser.add_argument("--root", required=True, help="the root's fingerprint 省级根指纹")
    parser.add_argument("--policy", type=Path, help="whose cosignatures it must bear 见证策略")
    given = parser.parse_args(arguments)
    policy = None if given.policy is None else parse_policy(given.policy.read_bytes())
    verdict = verify_package(given.package.read_bytes(), given.root, policy)
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a text file always
    print(verdict, end="")
    return 0 if verdict.ok else 1


@cache
def program() -> dict[str, bytes]:
    """The verifier's source as members of a package."""
    found: dict[str, bytes] = {"__main__.py": _MAIN.encode(), "README.txt": _README.encode()}
    wanted = ["zongheng_sdk.package_program", *(f"zongheng_protos.{area}_pb2" for area in AREAS)]
    seen: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name in seen or name.partition(".")[0] not in OURS:
            continue
        seen.add(name)
        if "." in name:
            wanted.append(name.rpartition(".")[0])
        source = _source(name)
        if source is None:
            continue  # a name within a module
        path, text = source
        found[f"verifier/{path}"] = text.encode()
        wanted.extend(_imports(text))
    return found


def _source(name: str) -> tuple[str, str] | None:
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None
    if spec is None:
        return None
    path = name.replace(".", "/")
    if spec.origin is None:  # a folder without code: in a zip file it needs a module to be found
        return f"{path}/__init__.py", ""
    assert spec.loader is not None
    text: str | None = spec.loader.get_source(name)  # type: ignore[attr-defined]  # of file and zip
    is_package = spec.submodule_search_locations is not None
    return (f"{path}/__init__.py" if is_package else f"{path}.py"), text or ""


def _imports(text: str) -> Iterator[str]:
    """Every module that a source imports, but for those that only a type checker reads."""
    waiting: list[ast.AST] = [ast.parse(text)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            waiting.extend(node.orelse)
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        waiting.extend(ast.iter_child_nodes(node))
