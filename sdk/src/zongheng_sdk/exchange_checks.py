"""What has to hold of an exchange, from the log's key down to both receipts, check by check."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from functools import partial

from zongheng_protos.envelope.v1.envelope_pb2 import ActStatement
from zongheng_protos.sharing.v1 import sharing_pb2 as sharing
from zongheng_protos.tenancy.v1 import credential_pb2
from zongheng_protos.tenancy.v1 import tenancy_pb2 as tenancy
from zongheng_protos.tlog.v1.leaf_pb2 import Leaf
from zongheng_sdk.exchange_case import (
    CREDENTIALED,
    DELIVERED,
    FETCHED,
    GRANTED,
    METHODS,
    RECEIVED,
    REISSUED,
    ROOTED,
    Act,
    Case,
    Check,
    Fails,
    read_request,
)
from zongheng_sdk.exchange_content import check_content
from zongheng_sdk.exchange_evidence import EntryEvidence, ExchangeEvidence
from zongheng_sdk.exchange_standing import Endings, endings, signer_id, stood
from zongheng_sdk.notes import Checkpoint, verify_checkpoint
from zongheng_sdk.proofs import leaf_hash, verify_inclusion
from zongheng_tenants.act import signer_of, verify_act
from zongheng_tenants.credential import Credential, fingerprint, verify_chain


def check_exchange(
    evidence: ExchangeEvidence, vkey: str, revoked: Mapping[str, int] | None = None
) -> list[Check]:
    """Every check of an exchange. vkey: the log's verifier key, the only thing trusted."""
    case = Case(evidence)
    head = case.check("the checkpoint is signed by the log", lambda: _head(evidence, vkey))
    for entry in evidence.entries:
        _check_entry(case, entry, head)
    case.check("the evidence names each entry once, in order", lambda: _ordered(evidence))
    for name, chain in (("owner", evidence.owner_chain), ("grantee", evidence.grantee_chain)):
        case.check(
            f"the {name}'s credentials lead back to the log's first entry and only narrow",
            partial(_chain, case, chain),
        )
    for number, chain in enumerate(evidence.earlier_chains, start=1):
        case.check(
            f"other credentials of a party ({number}) lead back to the log's first entry",
            partial(_earlier, case, chain),
        )
    _check_issuing(case)
    for act in case.acts:
        case.check(f"{act.name} is signed by who acted", partial(_signed, case, act))
    hub_id = case.check("all acts were meant for one hub", lambda: _audience(case))
    _check_standing(case, hub_id or "", revoked)
    check_content(case)
    return case.checks


def _head(evidence: ExchangeEvidence, vkey: str) -> Checkpoint:
    return verify_checkpoint(evidence.checkpoint, vkey)


def _check_entry(case: Case, entry: EntryEvidence, head: Checkpoint | None) -> None:
    def included() -> None:
        if head is None:
            raise Fails("there is no valid checkpoint to prove it against")
        verify_inclusion(
            index=entry.index,
            size=head.size,
            leaf=leaf_hash(entry.leaf),
            proof=entry.proof,
            root=head.root,
        )

    def commits() -> Leaf:
        leaf = Leaf.FromString(entry.leaf)
        expected = hmac.digest(entry.salt, entry.envelope, "sha256")
        if not hmac.compare_digest(expected, leaf.commitment):
            raise Fails("the leaf commits to another envelope")
        return leaf

    case.check(f"entry {entry.index} is in the log", included)
    leaf = case.check(f"entry {entry.index} commits to its act", commits)
    if leaf is not None:
        case.acts.append(Act(entry, leaf))


def _ordered(evidence: ExchangeEvidence) -> None:
    indices = [entry.index for entry in evidence.entries]
    if not indices or indices != sorted(set(indices)):
        raise Fails("entries are missing, doubled or out of order")


def _chain(case: Case, chain: Sequence[bytes]) -> str:
    delivered = case.one(DELIVERED)
    verify_chain(chain, root_fingerprint=_root(case), at_ms=delivered.leaf.time_ms)
    return _earlier(case, chain)


def _root(case: Case) -> str:
    first = case.one(ROOTED)
    if first.entry.index != 0:
        raise Fails(f"the root was logged in entry {first.entry.index}, not in the first")
    return fingerprint(first.entry.request)


def _earlier(case: Case, chain: Sequence[bytes]) -> str:
    root = _root(case)
    found = [
        verify_chain(chain[:length], root_fingerprint=root, at_ms=None)
        for length in range(1, len(chain) + 1)
    ]
    # A unit that changed its keys stands here with each credential under which something was done.
    case.credentials.update({credential.sha256: credential for credential in found})
    return " → ".join(credential.name or credential.tenant for credential in found)


def _check_issuing(case: Case) -> None:
    issued: dict[bytes, Act] = {}
    for act in (*case.of(CREDENTIALED), *case.of(REISSUED)):

        def read(act: Act = act) -> bytes:
            if act.leaf.act == REISSUED:
                return read_request(act, tenancy.ReissueRequest).credential
            return read_request(act, tenancy.IssueCredentialRequest).credential

        envelope = case.check(f"{act.name} can be read", read)
        if envelope is not None:
            issued[hashlib.sha256(envelope).digest()] = act
    for credential in case.credentials.values():
        if credential.ancestors:

            def logged(credential: Credential = credential) -> str:
                act = issued.get(credential.sha256)
                if act is None:
                    raise Fails("no entry of the evidence issued it")
                if act.leaf.actor != credential.ancestors[-1]:
                    raise Fails(f"entry {act.entry.index} issued it in another unit's name")
                return f"entry {act.entry.index}"

            case.check(f"the credential of {credential.tenant} was issued in the log", logged)


def _signed(case: Case, act: Act) -> str:
    of = case.held_by(act.leaf.actor)
    if not of:
        raise Fails(f"{act.leaf.actor} acted, and its credential was not proven")
    parts, key_id = signer_of(act.entry.envelope)
    signer = next((one for one in of if key_id in one.keys), of[0])
    key = signer.keys.get(key_id)
    if key is None or key.use == credential_pb2.KEY_USE_SEALING:
        raise Fails(f"{key_id} is no signing key of {act.leaf.actor}")
    claimed = ActStatement.FromString(parts.payload)
    statement = verify_act(
        act.entry.envelope,
        parts,
        key.verifier(),
        method=METHODS.get(act.leaf.act, ""),
        request=act.entry.request,
        audience=claimed.audience,
        now_ms=act.leaf.time_ms,
    ).statement
    if statement.tenant != act.leaf.actor:
        raise Fails(f"the act was signed for {statement.tenant}, the log says {act.leaf.actor}")
    by_hub = key.use == credential_pb2.KEY_USE_CONSOLE
    if by_hub != statement.on_behalf:
        raise Fails("the act does not say truly whether the hub signed on the unit's behalf")
    who = statement.operator or "operator not named"
    return f"{who} ({signer.name or signer.tenant}{', signed by the hub on behalf' * by_hub})"


def _audience(case: Case) -> str:
    hubs = {
        ActStatement.FromString(signer_of(act.entry.envelope)[0].payload).audience
        for act in case.acts
    }
    if len(hubs) != 1:
        raise Fails(f"acts were signed for {len(hubs)} hubs")
    return hubs.pop()


def _check_standing(case: Case, hub_id: str, revoked: Mapping[str, int] | None) -> None:
    """By the log's order: what was revoked before an act cannot have signed it."""
    what = "it is known what was revoked by then"
    acts = [act for act in case.acts if act.leaf.act != ROOTED]

    def known() -> Endings:
        return endings(
            case.evidence.revocations,
            root=case.one(ROOTED).entry.request,
            fingerprint=_root(case),
            hub_id=hub_id,
            last_ms=max((act.leaf.time_ms for act in acts), default=0),
            in_log=revoked,
        )

    ended = case.check(what, known)
    if ended is None:
        return
    case.checks[-1] = Check(what, True, ended.source)
    for act in acts:
        case.check(
            f"{act.name} was signed with what still counted",
            partial(_stood, case, act, ended),
        )


def _stood(case: Case, act: Act, ended: Endings) -> str:
    said = {
        stood(
            case.held_by(act.leaf.actor),
            signer_id(envelope),
            index=act.entry.index,
            time_ms=act.leaf.time_ms,
            ended=ended,
        )
        for envelope in (act.entry.envelope, *_signed_within(act))
    }
    if act.leaf.act in (DELIVERED, FETCHED):
        given = case.one(GRANTED).leaf.subject
        said.add(ended.check("the grant", (given,), act.entry.index))
    return "; ".join(sorted(said - {""}))


def _signed_within(act: Act) -> tuple[bytes, ...]:
    """What the same unit signed and handed in with an act."""
    if act.leaf.act == GRANTED:
        return (read_request(act, sharing.GrantDataRequest).grant,)
    if act.leaf.act == DELIVERED:
        delivered = read_request(act, sharing.DeliverParcelRequest)
        return (delivered.manifest, delivered.receipt)
    if act.leaf.act == RECEIVED:
        return (read_request(act, sharing.SignReceiptRequest).receipt,)
    return ()
