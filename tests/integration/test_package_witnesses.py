"""What witnesses saw, in a package: by a policy's quorum proven, and a fork named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.integration.audit_case import Case, shared_case
from tests.integration.test_log_witnesses_proven import KEYS, NAMES, cosigned
from zongheng_hub.data_folder import DataFolder
from zongheng_hub.tlog.note import CheckpointSigner
from zongheng_sdk.audit_package import contents, manifest_of, read_package, write_package
from zongheng_sdk.package_verify import PackageVerdict, verify_package
from zongheng_tenants.envelope import AUDIT_PACKAGE, seal_envelope
from zongheng_tenants.witness_policy import parse_policy

POLICY = parse_policy(
    (
        "".join(f"witness {name} {key.vkey}\n" for name, key in KEYS.items())
        + f"group most 2 {' '.join(NAMES)}\nquorum most\n"
    ).encode()
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A case, and the note that its log had published before the last few acts."""

    case: Case
    note: bytes

    def with_witnessed(self, note: bytes) -> bytes:
        province = self.case.local.province
        package = read_package(province.audit.export(reason="案号 7", below=True).data)
        members = contents(replace(package, witnessed=note))
        manifest = manifest_of(package.export, members)
        key = province.identity.signing()
        return write_package(members, manifest, seal_envelope(AUDIT_PACKAGE, manifest, key))

    def judged(self, note: bytes) -> PackageVerdict:
        return verify_package(self.with_witnessed(note), self.case.root, POLICY)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    with shared_case(tmp_path_factory.mktemp("case")) as case:
        note = case.owner.log.checkpoint().note
        case.owner.needs.file(kind="training", title="之后的需求")
        yield Seen(case, note)


def reasons(verdict: PackageVerdict) -> str:
    return "\n".join(reason for one in verdict.failures for reason in one.reasons)


def test_a_quorum_of_the_policys_witnesses_is_proven_with_names_and_times(seen: Seen) -> None:
    verdict = seen.judged(cosigned(seen.note, "audit", "justice"))
    assert verdict.ok, str(verdict)
    text = str(verdict)
    assert "audit: 1" in text
    assert "justice: 1" in text
    assert "newer entries are not witnessed yet" in text


def test_too_few_witnesses_fail_a_package_that_is_judged_by_a_policy(seen: Seen) -> None:
    assert "most has 1 of 2 needed" in reasons(seen.judged(cosigned(seen.note, "audit")))
    assert "there is no witnessed checkpoint" in reasons(seen.judged(b""))


def test_without_a_policy_it_stays_open_who_the_witnesses_are(seen: Seen) -> None:
    package = seen.with_witnessed(cosigned(seen.note, "audit"))
    verdict = verify_package(package, seen.case.root)
    assert verdict.ok
    assert "audit.example/w1: give a policy" in str(verdict)


def test_a_log_that_showed_its_witnesses_another_history_has_forked(
    seen: Seen, tmp_path: Path
) -> None:
    folder = DataFolder(seen.case.local.folder / "hub")
    signer = CheckpointSigner(folder.log_key(), folder.about().origin)
    other = cosigned(signer.sign(9, bytes(32)), "audit", "justice")
    assert "log/witnessed: witnesses have seen another history" in reasons(seen.judged(other))
