"""Every RPC declares its rule, every reason its code and advice, and the generated code is true."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from google.protobuf.descriptor import MethodDescriptor

from zongheng_protos.errors.v1 import errors_pb2
from zongheng_protos.options.v1 import options_pb2 as options

ROOT = Path(__file__).resolve().parents[2]
PROTOS = sorted(
    (*ROOT.glob("protos/src/zongheng_protos/**/*.proto"), *ROOT.glob("modules/*/src/**/*.proto"))
)


def methods() -> list[MethodDescriptor]:
    """Every RPC of every .proto of the workspace."""
    found = []
    for path in PROTOS:
        below_src = path.parts[path.parts.index("src") + 1 : -1]
        module = importlib.import_module(".".join((*below_src, f"{path.stem}_pb2")))
        for service in module.DESCRIPTOR.services_by_name.values():
            found += service.methods
    return found


METHODS = methods()


def rule_of(method: MethodDescriptor) -> options.MethodRule:
    extensions = method.GetOptions().Extensions
    rule: options.MethodRule = extensions[options.rule]  # type: ignore[index]  # protoc's stub
    return rule


def test_the_workspace_has_rpcs() -> None:
    assert len(METHODS) > 30


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.full_name)
def test_every_rpc_declares_right_relation_quota_and_retry(method: MethodDescriptor) -> None:
    rule = rule_of(method)

    assert rule.right != options.RIGHT_UNSPECIFIED
    assert rule.relations
    assert options.RELATION_UNSPECIFIED not in rule.relations
    assert rule.quota != options.QUOTA_UNSPECIFIED
    assert rule.retry != options.RETRY_UNSPECIFIED
    assert not rule.subject or rule.subject in method.input_type.fields_by_name


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.full_name)
def test_an_act_is_unary_named_and_counted_as_one(method: MethodDescriptor) -> None:
    rule = rule_of(method)

    if rule.act:
        assert re.fullmatch(r"[a-z]+(\.[a-z]+)+", rule.act)
        assert rule.quota == options.QUOTA_ACT
        assert rule.right != options.RIGHT_OPEN
        assert not method.client_streaming
        assert not method.server_streaming
    else:
        assert rule.quota != options.QUOTA_ACT


def test_no_two_rpcs_write_the_same_act() -> None:
    acts = Counter(rule_of(method).act for method in METHODS if rule_of(method).act)

    assert [act for act, times in acts.items() if times > 1] == []


def test_every_reason_has_a_code_and_advice_in_both_languages() -> None:
    for value in errors_pb2.DESCRIPTOR.enum_types_by_name["Reason"].values:
        extensions = value.GetOptions().Extensions
        rule: errors_pb2.ReasonRule = extensions[errors_pb2.reason]  # type: ignore[index]  # protoc

        assert 1 <= rule.code <= 16, value.name
        assert rule.advice.endswith("."), value.name
        assert rule.advice_zh.endswith("。"), value.name


def test_generating_again_gives_the_committed_code(tmp_path: Path) -> None:
    for part in ("protos", "modules"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    generated = sorted(tmp_path.rglob("*_pb2.py*"))
    for path in generated:
        path.unlink()

    subprocess.run([sys.executable, str(tmp_path / "protos/generate.py")], check=True)

    assert sorted(tmp_path.rglob("*_pb2.py*")) == generated
    for path in generated:
        assert path.read_bytes() == (ROOT / path.relative_to(tmp_path)).read_bytes(), path.name
