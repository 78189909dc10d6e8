"""Packages by an exporter, or from a hub, that lies: with valid signatures, and still found out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.integration.audit_case import Case, shared_case
from zongheng_protos.audit.v1.audit_pb2 import PackagedEntry
from zongheng_sdk.audit_package import (
    AuditPackage,
    Stretch,
    contents,
    manifest_of,
    read_package,
    write_package,
)
from zongheng_sdk.package_verify import PackageVerdict, verify_package
from zongheng_tenants.envelope import AUDIT_PACKAGE, seal_envelope


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    with shared_case(tmp_path_factory.mktemp("case")) as made:
        yield made


@pytest.fixture(scope="module")
def package(case: Case) -> AuditPackage:
    made = case.local.province.audit.export(
        reason="晋审〔2026〕7号", tenant_id=case.owner.identity.tenant
    )
    return read_package(made.data)


def judged(case: Case, package: AuditPackage) -> PackageVerdict:
    """The verdict on a package that its exporter has signed, lies and all."""
    members = contents(package)
    manifest = manifest_of(package.export, members)
    key = case.local.province.identity.signing()
    data = write_package(members, manifest, seal_envelope(AUDIT_PACKAGE, manifest, key))
    return verify_package(data, case.root)


def reasons(verdict: PackageVerdict) -> str:
    return "\n".join(reason for one in verdict.failures for reason in one.reasons)


def index_of(package: AuditPackage, act: str) -> int:
    return next(
        package.stretch.first + at
        for at, leaf in enumerate(package.stretch.leaves)
        if act.encode() in leaf
    )


def without(package: AuditPackage, index: int) -> AuditPackage:
    entries = {one: entry for one, entry in package.entries.items() if one != index}
    proofs = {one: proof for one, proof in package.proofs.items() if one != index}
    return replace(package, entries=entries, proofs=proofs)


def test_the_truth_holds(case: Case, package: AuditPackage) -> None:
    assert judged(case, package).ok


def test_an_entry_left_out_of_the_answer_is_named(case: Case, package: AuditPackage) -> None:
    index = index_of(package, "parcel.fetched")
    verdict = judged(case, without(package, index))
    assert f"entries {index} are part of the answer" in reasons(verdict)


def test_an_entry_left_out_of_the_leaves_too_is_named(case: Case, package: AuditPackage) -> None:
    index = index_of(package, "parcel.fetched")
    stretch = package.stretch
    leaves = stretch.leaves[:index] + stretch.leaves[index + 1 :]
    shorter = Stretch(stretch.first, stretch.end - 1, leaves, stretch.hashes)
    verdict = judged(case, replace(without(package, index), stretch=shorter))
    assert "log/" in reasons(verdict)
    assert not verdict.ok


def test_content_that_is_gone_without_an_act_is_named(case: Case, package: AuditPackage) -> None:
    index = index_of(package, "need.filed")
    entry = PackagedEntry(index=index, leaf=package.entries[index].leaf)
    verdict = judged(case, replace(package, entries={**package.entries, index: entry}))
    assert f"entry {index}: its content is gone, and no proven act says" in reasons(verdict)


def test_a_request_put_under_anothers_signature_is_named(case: Case, package: AuditPackage) -> None:
    index = index_of(package, "data.granted")
    entry = PackagedEntry()
    entry.CopyFrom(package.entries[index])
    entry.request = package.entries[index_of(package, "data.requested")].request
    verdict = judged(case, replace(package, entries={**package.entries, index: entry}))
    assert f"entries/{index:012}.entry: the act was signed for another request" in reasons(verdict)


def test_a_request_left_out_is_named_unless_a_module_keeps_it(
    case: Case, package: AuditPackage
) -> None:
    index = index_of(package, "parcel.fetched")
    entry = PackagedEntry()
    entry.CopyFrom(package.entries[index])
    entry.request = b""
    verdict = judged(case, replace(package, entries={**package.entries, index: entry}))
    assert f"entries/{index:012}.entry: its request is missing" in reasons(verdict)


def test_fields_that_nobody_knows_are_refused(case: Case, package: AuditPackage) -> None:
    index = index_of(package, "parcel.fetched")
    members = contents(package)
    name = f"entries/{index:012}.entry"
    members[name] += b"\x7a\x01\x00"
    manifest = manifest_of(package.export, members)
    key = case.local.province.identity.signing()
    data = write_package(members, manifest, seal_envelope(AUDIT_PACKAGE, manifest, key))
    assert f"{name}: it is spelt otherwise" in reasons(verify_package(data, case.root))


def test_a_credential_left_out_leaves_its_units_acts_unproven(
    case: Case, package: AuditPackage
) -> None:
    leaf = case.owner.identity.chain[-1]
    rest = {name: one for name, one in package.credentials.items() if one != leaf}
    verdict = judged(case, replace(package, credentials=rest))
    assert "is no key of" in reasons(verdict)


def test_another_question_than_was_asked_cannot_be_put_in(
    case: Case, package: AuditPackage
) -> None:
    other = replace(package, export=index_of(package, "need.filed"))
    assert "is no proven act that began an export" in reasons(judged(case, other))


def test_what_a_key_signed_before_it_was_revoked_stays_proven(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with shared_case(tmp_path_factory.mktemp("revoked")) as case:
        province = case.local.province
        key = case.owner.identity.signing().id
        province.revocations.revoke_key(key, reason="compromised")
        made = province.audit.export(reason="之后", tenant_id=case.owner.identity.tenant)
        assert made.verdict.ok, str(made.verdict)
        # The log's own leaves say what was revoked: without the province's list it holds as well.
        assert judged(case, replace(read_package(made.data), revocations=())).ok
