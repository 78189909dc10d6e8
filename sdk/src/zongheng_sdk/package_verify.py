"""An audit package, verified offline from the root's fingerprint alone; the verdict in words.

Shares no code with the log's writer. Needs Python 3.11, cryptography and protobuf, and no hub.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from zongheng_protos.errors import PackageInvalid, PackageTooLarge
from zongheng_sdk.audit_package import AuditPackage, read_package
from zongheng_sdk.package_acts import ProvenAct, ProvenActs, prove_acts
from zongheng_sdk.package_answer import (
    Question,
    Shredding,
    check_complete,
    prove_question,
    prove_shredding,
)
from zongheng_sdk.package_exchanges import Showing, prove_showings
from zongheng_sdk.package_findings import Finding, Findings
from zongheng_sdk.package_log import prove_log, prove_witnesses
from zongheng_sdk.package_times import moment
from zongheng_tenants.witness_policy import WitnessPolicy

_TITLES = (
    ("failed", "✗ 不成立 fails", "✗"),
    ("proven", "✓ 已证明 proven", "✓"),
    ("open", "？ 未证明 not proven", "?"),
)


@dataclass(frozen=True, slots=True)
class PackageVerdict:
    """What an audit package proves.

    Attributes:
        findings: in the order of the argument.
        question: what was asked; None where that does not hold.
        answer: the proven acts that were asked for, by time.
        showings: who was shown whose data.
        names: of units, by id, as their credentials say.
        program_sha256: of the verifier's source in the package, for comparing.
    """

    findings: tuple[Finding, ...]
    question: Question | None = None
    answer: tuple[ProvenAct, ...] = ()
    showings: tuple[Showing, ...] = ()
    shredded: tuple[Shredding, ...] = ()
    names: Mapping[str, str] | None = None
    program_sha256: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing fails, and the question was answered."""
        return self.question is not None and not self.failures

    @property
    def failures(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.state == "failed")

    def __str__(self) -> str:
        """The verdict as people read it, Chinese and English."""
        return "\n".join(_lines(self)) + "\n"


def verify_package(
    data: bytes, root_fingerprint: str, policy: WitnessPolicy | None = None
) -> PackageVerdict:
    """Check a package. Never raises for what is wrong with it: the verdict says so.

    Args:
        root_fingerprint: SHA-256 of the province's root credential, hex; the only thing trusted.
        policy: which witnesses have to have seen the log; None: none has to.
    """
    try:
        package = read_package(data)
    except (PackageInvalid, PackageTooLarge) as error:
        broken = Finding(
            "failed", "文件是完整的审计包", "the file is an audit package as it was made",
            (error.message,),
        )  # fmt: skip
        return PackageVerdict((broken,))
    findings = Findings()
    findings.look("文件完整，无多余内容", "the file is whole, with nothing besides", lambda: "")
    log = prove_log(package, root_fingerprint.strip().lower(), findings)
    if log is None:
        return PackageVerdict(tuple(findings.found), program_sha256=_program(package))
    acts = prove_acts(package, log, findings)
    question = prove_question(package, acts, findings)
    answer: tuple[int, ...] = ()
    showings: tuple[Showing, ...] = ()
    if question is not None:
        answer = check_complete(package, log, question, findings)
        showings = prove_showings(acts, answer, findings)
    shredded = prove_shredding(package, log, acts.acts, findings)
    prove_witnesses(package, log, policy, findings)
    findings.leave_open(
        f"{moment(_made_ms(acts, package))} 之后发生的事",
        "what happened after the export",
        "a package ends with its checkpoint",
    )
    findings.leave_open(
        "包内核验程序本身",
        "the verifier in the package itself",
        f"SHA-256 {_program(package)}: compare it, or use your own zongheng audit verify",
    )
    proven = sorted(
        (acts.acts[index] for index in answer if index in acts.acts), key=lambda one: one.index
    )
    return PackageVerdict(
        findings=tuple(findings.found),
        question=question,
        answer=tuple(proven),
        showings=showings,
        shredded=shredded,
        names={tenant: one.name or tenant for tenant, one in acts.parties.items()},
        program_sha256=_program(package),
    )


def _program(package: AuditPackage) -> str:
    """One digest over the verifier's source in a package."""
    digest = hashlib.sha256()
    for name, source in sorted(package.program.items()):
        digest.update(f"{hashlib.sha256(source).hexdigest()}  {name}\n".encode())
    return digest.hexdigest()


def _made_ms(acts: ProvenActs, package: AuditPackage) -> int:
    begun = acts.acts.get(package.export)
    return begun.leaf.time_ms if begun is not None else 0


def _lines(verdict: PackageVerdict) -> Iterator[str]:
    if verdict.ok:
        yield "✓ 审计包属实 the package is proven"
    else:
        yield "✗ 审计包不成立 the package is not proven"
    yield from _question(verdict)
    for state, title, mark in _TITLES:
        chosen = [one for one in verdict.findings if one.state == state]
        if chosen:
            yield ""
            yield title
        for one in chosen:
            yield f"  {mark} {one.zh}"
            yield f"    {one.en}"
            yield from (f"      {reason}" for reason in one.reasons)


def _question(verdict: PackageVerdict) -> Iterator[str]:
    question = verdict.question
    if question is None:
        return
    names = verdict.names or {}
    since = moment(question.since_ms) if question.since_ms else "…"
    until = moment(question.until_ms) if question.until_ms else "…"
    units = sorted(question.tenants)
    about = names.get(units[0], units[0]) if len(units) == 1 else f"{len(units)} 个单位 units"
    yield ""
    yield f"所问 asked: {about}, {since} – {until}, {question.act or '*'}: {question.reason}"
    for act in verdict.answer:
        who = names.get(act.leaf.actor, act.leaf.actor)
        hub = "，枢纽代签 signed by the hub on behalf" * act.on_behalf
        operator = act.statement.operator or "–"
        yield (
            f"  {moment(act.leaf.time_ms)}  {act.leaf.act}  {who} ({operator}{hub})  "
            f"{act.leaf.subject}  #{act.index}"
        )
    if verdict.showings:
        yield ""
        yield "谁看了谁的数据 who was shown whose data"
    for one in verdict.showings:
        grant = one.grant
        yield (
            f"  {names.get(grant.grantee, grant.grantee)} ← {names.get(grant.owner, grant.owner)}: "
            f"{one.title or grant.dataset_id}, {one.rows} 行 rows, {', '.join(grant.columns)}"
        )
        yield (
            f"    授权 grant {grant.id}: {grant.purpose}; "
            f"{moment(grant.not_before_ms)} – {moment(grant.expires_ms)}, "
            f"{len(one.fetched)}/{grant.max_uses} 次 uses; "
            f"{'已签收 receipt signed' if one.received else '未签收 no receipt'}"
        )
        for act in one.fetched:
            yield (
                f"    {moment(act.leaf.time_ms)} 取数 fetched by {act.statement.operator}, "
                f"#{act.index}"
            )
