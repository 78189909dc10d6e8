"""A package's own question: what was asked, whether all of it is there, what was shredded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from zongheng_protos.audit.v1 import audit_pb2 as audit
from zongheng_protos.tlog.v1.leaf_pb2 import Leaf
from zongheng_sdk.audit_package import AuditPackage
from zongheng_sdk.package_acts import ProvenAct, ProvenActs
from zongheng_sdk.package_findings import Fails, Findings
from zongheng_sdk.package_log import ProvenLog, is_shredded
from zongheng_sdk.package_times import moment
from zongheng_tenants.envelope import AUDIT_PACKAGE, open_envelope, read_envelope

EXPORTED, SHREDDED = "audit.exported", "content.shredded"
SLACK_MS = 60_000
"""Times of neighbouring entries may be out of order by less than this."""


@dataclass(frozen=True, slots=True)
class Question:
    """What an export asked for.

    Attributes:
        tenants: the units it is about.
        since_ms, until_ms: from and before; 0: open.
        act: an act type, or with a trailing "*" how it begins; empty: all.
        reason: what for.
    """

    tenants: frozenset[str]
    since_ms: int
    until_ms: int
    act: str
    reason: str

    def asks_for(self, leaf: Leaf) -> bool:
        """Whether an entry with this leaf is part of the answer."""
        if leaf.time_ms < self.since_ms or (self.until_ms and leaf.time_ms >= self.until_ms):
            return False
        begins = self.act.removesuffix("*")
        if self.act and not (
            leaf.act == begins or (begins != self.act and leaf.act.startswith(begins))
        ):
            return False
        return leaf.actor in self.tenants or not self.tenants.isdisjoint(leaf.parties)


@dataclass(frozen=True, slots=True)
class Shredding:
    """That the content of an entry was deleted: by whom, when, by which law or decision.

    Attributes:
        index: the entry whose content is gone; by: the one that says so.
    """

    index: int
    by: int
    actor: str
    operator: str
    time_ms: int
    basis: str


def prove_question(package: AuditPackage, acts: ProvenActs, findings: Findings) -> Question | None:
    """What was asked, from the act that began the export; that its unit made this package."""
    begun = acts.acts.get(package.export)

    def asked() -> Question:
        if begun is None or begun.leaf.act != EXPORTED:
            raise Fails(f"entry {package.export} is no proven act that began an export")
        request = audit.BeginExportRequest.FromString(begun.entry.request)
        tenants = frozenset({request.tenant_id, *(package.units if request.below else ())})
        return Question(tenants, request.since_ms, request.until_ms, request.act, request.reason)

    question = findings.look(
        "导出本身是日志中的行为，问题以其为准",
        "the export is itself an act in the log, which says what was asked",
        asked,
    )
    if question is None or begun is None:
        return None
    findings.look(
        "包由导出单位签名，导出后未改",
        "the unit that exported has signed the package, unaltered since",
        lambda: _sealed(package, acts, begun),
        place="package.dsse",
    )
    return question


def _sealed(package: AuditPackage, acts: ProvenActs, begun: ProvenAct) -> str:
    exporter = acts.parties[begun.leaf.actor]
    key_id = read_envelope(package.signature, AUDIT_PACKAGE).signatures[0].keyid
    key = exporter.signed_with(key_id).keys.get(key_id)
    if key is None:
        raise Fails(f"{key_id} is no key of {begun.leaf.actor}")
    if open_envelope(package.signature, AUDIT_PACKAGE, key.verifier()) != package.manifest:
        raise Fails("it was signed over another package.json")
    return f"{begun.statement.operator} ({exporter.name or exporter.tenant})"


def check_complete(
    package: AuditPackage, log: ProvenLog, question: Question, findings: Findings
) -> tuple[int, ...]:
    """Indices of the answer; that none is missing from the package."""
    wanted = tuple(index for index, leaf in log.leaves.items() if question.asks_for(leaf))

    def complete() -> str:
        missing = [index for index in wanted if index not in package.entries]
        if missing:
            named = ", ".join(map(str, missing[:20]))
            raise Fails(f"entries {named} are part of the answer and not in the package")
        if package.stretch.end != log.head.size:
            raise Fails("log/stretch: it ends before the log does")
        first = package.stretch.first
        if first and log.leaves[first].time_ms >= question.since_ms:
            raise Fails("log/stretch: it begins after the period asked for does")
        return f"{len(wanted)} of {len(log.leaves)}"

    findings.look(
        "所问条目一条不少（由日志自身证明）",
        "no entry that was asked for is missing, by the log's own leaves",
        complete,
    )
    if package.stretch.first:
        findings.leave_open(
            "更早的条目不在包内",
            "earlier entries are not in the package",
            f"before entry {package.stretch.first}; the log's times are taken to be in order "
            f"within {SLACK_MS // 1000} s",
        )
    if package.units:
        findings.leave_open(
            "下级单位名单由枢纽给出",
            "which units stand below is as the hub said",
            f"{len(package.units)} units",
        )
    return wanted


def prove_shredding(
    package: AuditPackage, log: ProvenLog, acts: Mapping[int, ProvenAct], findings: Findings
) -> tuple[Shredding, ...]:
    """Every packaged entry without content has an act that says who shredded it and why."""
    by_subject = {leaf.subject: index for index, leaf in log.leaves.items() if leaf.act == SHREDDED}

    def told(index: int) -> Shredding:
        by = by_subject.get(str(index))
        act = acts.get(by) if by is not None else None
        if by is None or act is None:
            raise Fails("its content is gone, and no proven act says that it was shredded")
        request = audit.ShredContentRequest.FromString(act.entry.request)
        if request.index != index or by <= index:
            raise Fails(f"entry {by} shredded another entry")
        return Shredding(
            index, by, act.leaf.actor, act.statement.operator, act.leaf.time_ms, request.basis
        )

    gone = [index for index, (_, entry) in log.entries.items() if is_shredded(entry)]
    found = findings.each(
        "内容已销毁的条目，均有行为说明何人何时依据何规定销毁",
        "where content was shredded, an act says who did it, when, and on what basis",
        ((f"entry {index}", partial(told, index)) for index in gone),
    )
    shredded = tuple(one for one in found if one is not None)
    if shredded:
        findings.leave_open(
            "已销毁的内容本身无法再证明",
            "what the shredded content said can be proven no more",
            *(
                f"entry {one.index}: {moment(one.time_ms)}, {one.operator} ({one.actor}), "
                f"{one.basis} (entry {one.by})"
                for one in shredded
            ),
        )
    return shredded
