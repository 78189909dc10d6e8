"""Who did each act of an audit package: credentials, signatures, revocations as of its time."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, partial

from google.protobuf.descriptor import FileDescriptor

from zongheng_protos.audit.v1.audit_pb2 import PackagedEntry
from zongheng_protos.envelope.v1.envelope_pb2 import ActStatement
from zongheng_protos.options.v1 import options_pb2 as options
from zongheng_protos.tenancy.v1 import credential_pb2
from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy
from zongheng_protos.tlog.v1.leaf_pb2 import Leaf
from zongheng_sdk.audit_package import AuditPackage
from zongheng_sdk.exchange_standing import Endings, endings, stood
from zongheng_sdk.package_findings import Fails, Findings
from zongheng_sdk.package_log import ProvenLog, is_shredded
from zongheng_tenants.act import MAX_SKEW_MS, signer_of, verify_act
from zongheng_tenants.credential import Credential, issuer_sha256, verify_chain
from zongheng_tenants.envelope import verified_payload

ROOTED, CREDENTIALED, REISSUED = "tenancy.rooted", "tenant.credentialed", "credential.reissued"
REVOKING = frozenset({"credential.revoked", "key.revoked", "grant.revoked"})
AREAS = ("audit.v1.audit", "catalogue.v1.catalogue", "needs.v1.needs", "review.v1.review",
         "sharing.v1.sharing",
          "tenancy.v1.operators", "tenancy.v1.quotas", "tenancy.v1.revocation",
          "tenancy.v1.tenancy", "tenancy.v1.tree", "tlog.v1.tlog")  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProvenAct:
    """An act whose signature was verified.

    Attributes:
        signer: the credential in which its key stands.
        on_behalf: the hub signed it for the operator.
        has_request: whether what was signed is in the package; a module keeps its own.
    """

    index: int
    leaf: Leaf
    entry: PackagedEntry
    statement: ActStatement
    signer: Credential
    on_behalf: bool
    has_request: bool


@dataclass(frozen=True, slots=True)
class ProvenActs:
    """What is known of who did what.

    Attributes:
        acts: by index.
        parties: each unit's newest credential, its others under `earlier`; by tenant.
        ended: what was revoked, and in which entry.
    """

    acts: Mapping[int, ProvenAct]
    parties: Mapping[str, Credential]
    ended: Endings


def prove_acts(package: AuditPackage, log: ProvenLog, findings: Findings) -> ProvenActs:
    """Verify every credential, list of revocations and act of a package."""
    credentials = _credentials(package, log, findings)
    by_key = {key: one for one in credentials for key in one.keys}
    for one in credentials:  # a key that stands in several counts under the newest of them
        by_key |= {key: one for key in one.keys if by_key[key].not_before_ms < one.not_before_ms}
    hub_id = _hub(log)
    ended = _endings(package, log, hub_id, findings) or Endings({}, "")
    held: dict[str, list[Credential]] = {}
    for one in credentials:
        held.setdefault(one.tenant, []).append(one)
    with_content = {
        index: parts for index, parts in log.entries.items() if not is_shredded(parts[1])
    }
    found = findings.each(
        "每个行为都由该单位当时有效的密钥签名",
        "each act is signed by a key that its unit held then and that was not revoked",
        (
            (
                f"entries/{index:012}.entry",
                partial(_signed, index, *parts, by_key, hub_id, held, ended),
            )
            for index, parts in with_content.items()
        ),
    )
    acts = {act.index: act for act in found if act is not None}
    _issued(package, log, credentials, acts, findings)
    _tell_kept_elsewhere(acts, findings)
    return ProvenActs(acts, _parties(credentials), ended)


def _credentials(
    package: AuditPackage, log: ProvenLog, findings: Findings
) -> tuple[Credential, ...]:
    envelopes = {bytes.fromhex(name): one for name, one in package.credentials.items()}
    envelopes[log.root.sha256] = package.root

    def chained(envelope: bytes) -> Credential:
        chain = [envelope]
        while above := issuer_sha256(chain[0]):
            if above not in envelopes or len(chain) > 16:
                raise Fails("a credential above it is not in the package")
            chain.insert(0, envelopes[above])
        fingerprint = log.root.sha256.hex()
        return verify_chain(chain, root_fingerprint=fingerprint, at_ms=None)

    found = findings.each(
        "每份单位凭证都由根逐级签发且只收窄",
        "each credential leads back to the root, and every link narrows",
        (
            (f"credentials/{sha256.hex()}.dsse", partial(chained, envelope))
            for sha256, envelope in sorted(envelopes.items())
        ),
    )
    return tuple(one for one in found if one is not None)


def _endings(
    package: AuditPackage, log: ProvenLog, hub_id: str, findings: Findings
) -> Endings | None:
    """What was revoked, by the log's own leaves and by the province's list."""
    in_log: dict[str, int] = {}
    for index, leaf in log.leaves.items():
        if leaf.act in REVOKING:
            in_log.setdefault(leaf.subject, index)
    is_whole = bool(log.leaves) and package.stretch.first == 0
    last_ms = max((leaf.time_ms for leaf, _ in log.entries.values()), default=0)

    def known() -> Endings:
        found = endings(
            package.revocations[-1] if package.revocations else b"",
            root=package.root,
            fingerprint=log.root.sha256.hex(),
            hub_id=hub_id,
            last_ms=last_ms,
            in_log=in_log if is_whole else None,
        )
        earliest = {one: min(found.entries.get(one, index), index) for one, index in in_log.items()}
        return replace(found, entries={**found.entries, **earliest})

    found = findings.look(
        "已知哪些凭证、密钥和授权已被撤销",
        "it is known which credentials, keys and grants were revoked",
        known,
        place="revocations/000000000001.dsse",
    )
    if found is not None and not is_whole:
        findings.leave_open(
            "较早的撤销只有省级名单为证",
            "of earlier revocations the province's list is the only evidence",
            found.source,
        )
    return found


def _signed(
    index: int,
    leaf: Leaf,
    entry: PackagedEntry,
    by_key: Mapping[str, Credential],
    hub_id: str,
    held: Mapping[str, list[Credential]],
    ended: Endings,
) -> ProvenAct:
    parts, key_id = signer_of(entry.envelope)
    signer = by_key.get(key_id)
    if signer is None or signer.tenant != leaf.actor:
        raise Fails(f"{key_id} is no key of {leaf.actor} that a credential here proves")
    key = signer.keys[key_id]
    if key.use == credential_pb2.KEY_USE_SEALING:
        raise Fails(f"{key_id} is a key for sealing, not for signing")
    stood(held[leaf.actor], key_id, index=index, time_ms=leaf.time_ms, ended=ended)
    statement = ActStatement.FromString(verified_payload(parts, key.verifier()))
    _check_method(leaf.act, statement.method)
    has_request = bool(entry.request) or _is_empty(statement)
    if has_request:
        verify_act(
            entry.envelope,
            parts,
            key.verifier(),
            method=statement.method,
            request=entry.request,
            audience=hub_id,
            now_ms=leaf.time_ms,
        )
    elif statement.method in _kinds():
        raise Fails("its request is missing, which only a module keeps elsewhere")
    elif statement.audience != hub_id or abs(statement.time_ms - leaf.time_ms) > MAX_SKEW_MS:
        raise Fails("the act was signed for another hub or at another time")
    if statement.tenant != leaf.actor:
        raise Fails(f"the act was signed for {statement.tenant}, the log says {leaf.actor}")
    on_behalf = key.use == credential_pb2.KEY_USE_CONSOLE
    if on_behalf != statement.on_behalf:
        raise Fails("the act does not say truly whether the hub signed on the unit's behalf")
    return ProvenAct(index, leaf, entry, statement, signer, on_behalf, has_request)


def _is_empty(statement: ActStatement) -> bool:
    return statement.request_sha256 == hashlib.sha256(b"").digest()


def _hub(log: ProvenLog) -> str:
    """The hub that the root's own first act was meant for, so that all others must name it."""
    for index in sorted(log.entries):
        entry = log.entries[index][1]
        if not is_shredded(entry):
            parts, _ = signer_of(entry.envelope)
            return ActStatement.FromString(parts.payload).audience
    return ""


def _issued(
    package: AuditPackage,
    log: ProvenLog,
    credentials: tuple[Credential, ...],
    acts: Mapping[int, ProvenAct],
    findings: Findings,
) -> None:
    issued: dict[bytes, ProvenAct] = {}
    for act in acts.values():
        if act.leaf.act == CREDENTIALED:
            issued[_sha256(tenancy.IssueCredentialRequest, act)] = act
        elif act.leaf.act == REISSUED:
            issued[_sha256(tenancy.ReissueRequest, act)] = act
        elif act.leaf.act == ROOTED and act.index == 0:
            issued[hashlib.sha256(act.entry.request).digest()] = act

    def logged(credential: Credential) -> int:
        act = issued.get(credential.sha256)
        if act is None:
            raise Fails(f"no packaged entry issued the credential of {credential.tenant}")
        if act.leaf.actor != (credential.ancestors or (credential.tenant,))[-1]:
            raise Fails(f"entry {act.index} issued it in another unit's name")
        return act.index

    findings.each(
        "每份单位凭证的签发都记在日志中",
        "each credential was issued in the log, by the unit above",
        ((f"credentials/{one.sha256.hex()}.dsse", partial(logged, one)) for one in credentials),
    )


def _sha256(
    kind: type[tenancy.IssueCredentialRequest | tenancy.ReissueRequest], act: ProvenAct
) -> bytes:
    return hashlib.sha256(kind.FromString(act.entry.request).credential).digest()


def _tell_kept_elsewhere(acts: Mapping[int, ProvenAct], findings: Findings) -> None:
    elsewhere = [str(act.index) for act in acts.values() if not act.has_request]
    if elsewhere:
        findings.leave_open(
            "部分行为的请求原文由服务模块保存，不在包内：谁、何时、何种行为已证明，内容未证明",
            "what some acts requested is kept by a module and not here: who acted, when and how is "
            "proven, what it said is not",
            f"entries {', '.join(elsewhere[:20])}{' …' * (len(elsewhere) > 20)}",
        )


def _parties(credentials: tuple[Credential, ...]) -> dict[str, Credential]:
    of: dict[str, list[Credential]] = {}
    for one in sorted(credentials, key=lambda one: one.not_before_ms, reverse=True):
        of.setdefault(one.tenant, []).append(one)
    return {
        tenant: replace(newest, earlier=tuple(others)) for tenant, (newest, *others) in of.items()
    }


def _check_method(kind: str, method: str) -> None:
    """Raises Fails where the log names another act than the method that was signed."""
    known = _kinds()
    if kind == ROOTED == method:
        return
    declared = known.get(method)
    if declared is None and kind not in known.values():
        return  # a module's: its descriptors are not here, and the method stands as signed
    if declared != kind:
        raise Fails(f"{method} was signed, the log says {kind}")


@cache
def _kinds() -> dict[str, str]:
    """The act type that each method of the hub's own services declares."""
    found = {}
    for area in AREAS:
        file: FileDescriptor = importlib.import_module(f"zongheng_protos.{area}_pb2").DESCRIPTOR
        for service in file.services_by_name.values():
            for method in service.methods:
                declared = method.GetOptions().Extensions
                rule: options.MethodRule = declared[options.rule]  # type: ignore[index]  # protoc's stub
                if rule.act:
                    found[f"/{service.full_name}/{method.name}"] = rule.act
    return found
