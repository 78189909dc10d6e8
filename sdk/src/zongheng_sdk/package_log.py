"""From the root's fingerprint to every leaf: the log in an audit package (RFC 6962, C2SP)."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from zongheng_protos.audit.v1.audit_pb2 import PackagedEntry
from zongheng_protos.tlog.v1.leaf_pb2 import Leaf
from zongheng_sdk.audit_package import WITNESSED, AuditPackage, Stretch
from zongheng_sdk.log_succession import key_from_root, keys_from_root
from zongheng_sdk.notes import Checkpoint, parse_note, verify_checkpoint, verify_log_checkpoint
from zongheng_sdk.package_findings import Fails, Findings
from zongheng_sdk.package_times import moment
from zongheng_sdk.proofs import leaf_hash, merkle_root, node_hash, verify_inclusion
from zongheng_sdk.witnessed import verify_witnessed
from zongheng_tenants.credential import Credential, verify_chain
from zongheng_tenants.witness_policy import NONE, WitnessPolicy


@dataclass(frozen=True, slots=True)
class ProvenLog:
    """What follows from the root.

    Attributes:
        leaves: every leaf of the stretch, read, by index.
        entries: those whose leaf is proven and whose content, where there is any, is the one the
            leaf commits to; by index.
    """

    root: Credential
    vkey: str
    head: Checkpoint
    leaves: dict[int, Leaf]
    entries: dict[int, tuple[Leaf, PackagedEntry]]


def prove_log(package: AuditPackage, fingerprint: str, findings: Findings) -> ProvenLog | None:
    """Check the log's part; None where nothing can be built on it."""
    root = findings.look(
        "根凭证就是所给指纹的那一份",
        "the root credential is the one with the given fingerprint",
        lambda: verify_chain([package.root], root_fingerprint=fingerprint, at_ms=None),
        place="log/root.dsse",
    )
    vkey = findings.look(
        "日志公钥由根担保",
        "the root vouches for the log's key",
        lambda: _key(package, fingerprint),
        place="log/succession",
    )
    if root is None or vkey is None:
        return None
    head = findings.look(
        "检查点由该日志签名",
        "the checkpoint is signed by that log",
        lambda: verify_checkpoint(package.checkpoint, vkey),
        place="log/checkpoint",
    )
    if head is None:
        return None
    stretch = package.stretch
    leaves = findings.look(
        f"包内第 {stretch.first} 至 {stretch.end - 1} 条存证连续、完整、未改",
        f"entries {stretch.first} to {stretch.end - 1} are all that the log has there, unaltered",
        lambda: _leaves(stretch, head),
    )
    indices = sorted(package.entries)
    found = findings.each(
        "每条所附条目都在日志中",
        "each packaged entry is in the log",
        (
            (f"entries/{index:012}.tlog-proof", partial(_included, package, index, head))
            for index in indices
        ),
    )
    proven = {leaf_of: leaf for leaf_of, leaf in zip(indices, found, strict=True) if leaf}
    opened = findings.each(
        "每条内容都是日志所承诺的那一份",
        "each entry's content is the one its leaf commits to",
        (
            (
                f"entries/{index:012}.entry",
                partial(_opens, package, index, proven[index]),
            )
            for index in proven
        ),
    )
    holds = [index for index, fits in zip(proven, opened, strict=True) if fits is not None]
    entries = {index: (proven[index], package.entries[index]) for index in holds}
    return ProvenLog(root, vkey, head, leaves or {}, entries)


def prove_witnesses(
    package: AuditPackage, log: ProvenLog, policy: WitnessPolicy | None, findings: Findings
) -> None:
    """Check what witnesses have seen of the log, by the policy's word for whom to believe."""
    zh, en = "检查点有外部见证", "outsiders have seen this log"
    if not package.witnessed:
        findings.leave_open(
            zh, en, "no witness has signed it: a log that shows others another history would not "
            "be noticed by this package alone",
        )  # fmt: skip
        if policy is not None and policy.quorum != NONE:
            findings.look(zh, en, partial(_unwitnessed, policy), place=WITNESSED)
        return
    seen = findings.look(
        "见证过的检查点与包内日志是同一部历史",
        "the witnessed checkpoint is of the same history as the packaged log",
        lambda: _same_history(package, log),
        place=WITNESSED,
    )
    if seen is None:
        return
    if policy is None:
        names = sorted(
            {one.name for one in parse_note(package.witnessed).signatures} - {log.head.origin}
        )
        findings.leave_open(zh, en, f"{', '.join(names)}: give a policy to verify them")
        return
    findings.look(zh, en, lambda: _cosigned(package, log, policy), place=WITNESSED)
    if seen.size < log.head.size:
        findings.leave_open(
            "较新的条目还未见证",
            "newer entries are not witnessed yet",
            f"from entry {seen.size} on",
        )


def _unwitnessed(policy: WitnessPolicy) -> None:
    raise Fails(f"there is no witnessed checkpoint: {policy.missing(())}")


def _same_history(package: AuditPackage, log: ProvenLog) -> Checkpoint:
    keys = keys_from_root(package.succession, log.root.sha256.hex())
    seen = verify_log_checkpoint(package.witnessed, keys)
    stretch = package.stretch
    if not stretch.first < seen.size <= stretch.end:
        raise Fails(f"it is of {seen.size} entries, and the package begins after or ends before")
    beside = stretch.hashes[: stretch.first.bit_count()]  # the subtrees left of the stretch
    older = Stretch(stretch.first, seen.size, stretch.leaves[: seen.size - stretch.first], beside)
    if stretch_root(older, seen.size) != seen.root:
        raise Fails("witnesses have seen another history than the packaged one: the log has forked")
    return seen


def _cosigned(package: AuditPackage, log: ProvenLog, policy: WitnessPolicy) -> str:
    keys = keys_from_root(package.succession, log.root.sha256.hex())
    witnessed = verify_witnessed(package.witnessed, policy, vkeys=keys)
    witnessed.raise_unless_witnessed()
    return "; ".join(f"{one.name}: {one.size}, {moment(one.time * 1000)}" for one in witnessed.seen)


def _key(package: AuditPackage, fingerprint: str) -> str:
    return key_from_root(package.succession, fingerprint)


def _leaves(stretch: Stretch, head: Checkpoint) -> dict[int, Leaf]:
    if not 0 <= stretch.first < stretch.end <= head.size:
        raise Fails(f"log/stretch: no such stretch in a log of {head.size} entries")
    if stretch_root(stretch, head.size) != head.root:
        raise Fails("log/leaves: these leaves do not give the root that the log signed")
    return {stretch.first + at: _leaf(leaf) for at, leaf in enumerate(stretch.leaves)}


def stretch_root(stretch: Stretch, size: int) -> bytes:
    """The root of a tree of size leaves, from a stretch and the subtrees beside it.

    Raises:
        Fails: there are too few or too many hashes.
    """
    beside = iter(stretch.hashes)
    within = [leaf_hash(leaf) for leaf in stretch.leaves]
    root = _root(0, size, stretch, within, beside)
    if next(beside, None) is not None:
        raise Fails("log/stretch: it has too many hashes")
    return root


def _root(
    start: int, stop: int, stretch: Stretch, within: list[bytes], beside: Iterator[bytes]
) -> bytes:
    if stop <= stretch.first or stretch.end <= start:
        found = next(beside, None)
        if found is None:
            raise Fails("log/stretch: it has too few hashes")
        return found
    if stretch.first <= start and stop <= stretch.end:
        return merkle_root(within[start - stretch.first : stop - stretch.first])
    middle = start + (1 << (stop - start - 1).bit_length() - 1)
    left = _root(start, middle, stretch, within, beside)
    return node_hash(left, _root(middle, stop, stretch, within, beside))


def _included(package: AuditPackage, index: int, head: Checkpoint) -> Leaf:
    entry, proof = package.entries[index], package.proofs[index]
    if proof.checkpoint != package.checkpoint:
        raise Fails("it stands under another checkpoint than log/checkpoint")
    leaf = leaf_hash(entry.leaf)
    verify_inclusion(index=index, size=head.size, leaf=leaf, proof=proof.hashes, root=head.root)
    return _leaf(entry.leaf)


def _opens(package: AuditPackage, index: int, leaf: Leaf) -> bool:
    entry = package.entries[index]
    if is_shredded(entry):
        if entry.envelope or entry.request:
            raise Fails("it has content and no salt that would tie it to the log")
        return True
    if not hmac.compare_digest(hmac.digest(entry.salt, entry.envelope, "sha256"), leaf.commitment):
        raise Fails("the leaf commits to another envelope")
    return True


def is_shredded(entry: PackagedEntry) -> bool:
    """Whether nothing opens the entry's commitment any more."""
    return not entry.salt


def _leaf(leaf: bytes) -> Leaf:
    found = Leaf.FromString(leaf)
    if found.version != 1:
        raise Fails(f"the leaf is of version {found.version}; this verifier knows 1")
    return found
