"""The evidence of one exchange of data in one file: what was signed, and the log's proofs."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from zongheng_protos.errors import EvidenceUnreadable
from zongheng_protos.sharing.v1.sharing_pb2 import GetExchangeReply
from zongheng_protos.tlog.v1.tlog_pb2 import GetContentReply

FORMAT = "zongheng exchange evidence 2"
FIRST_FORMAT = "zongheng exchange evidence 1"


@dataclass(frozen=True, slots=True)
class EntryEvidence:
    """One entry of the log, what lies behind it, and the proof that it is there.

    Attributes:
        leaf: the bytes in the log.
        salt, envelope: open the leaf's commitment.
        request: what the act signs.
        proof: inclusion hashes (RFC 6962) for the checkpoint's size.
    """

    index: int
    leaf: bytes
    salt: bytes
    envelope: bytes
    request: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ExchangeEvidence:
    """Everything that shows what was exchanged between whom, under which grant.

    Attributes:
        grant, manifest, sender_receipt, recipient_receipt: envelopes; the last is empty while the
            recipient has not signed.
        owner_chain, grantee_chain: credential envelopes, root first.
        entries: the exchange's acts and the issuing of every credential, by index.
        checkpoint: the log's signed head under which all proofs stand.
        earlier_chains: other credentials of both parties, for what was signed with their keys.
        revocations: the hub's signed list of what was revoked; empty in files of the first form.
    """

    grant: bytes
    manifest: bytes
    sender_receipt: bytes
    recipient_receipt: bytes
    owner_chain: tuple[bytes, ...]
    grantee_chain: tuple[bytes, ...]
    entries: tuple[EntryEvidence, ...]
    checkpoint: bytes
    earlier_chains: tuple[tuple[bytes, ...], ...] = ()
    revocations: bytes = b""

    def to_json(self) -> str:
        """One JSON document; bytes as base64."""
        return json.dumps({"format": FORMAT, **_encoded(asdict(self))}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> ExchangeEvidence:
        """The evidence in a file. Raises EvidenceUnreadable when it is none."""
        try:
            document = json.loads(text)
            if document["format"] == FIRST_FORMAT:
                document = {"earlier_chains": [], "revocations": "", **document}
            elif document["format"] != FORMAT:
                raise EvidenceUnreadable(f"the file is no evidence of the form {FORMAT!r}")
            parts = {field.name: document[field.name] for field in fields(cls)}
            entries = tuple(_entry(entry) for entry in parts.pop("entries"))
            return cls(entries=entries, **{name: _decoded(part) for name, part in parts.items()})
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise EvidenceUnreadable(f"the file is no evidence of an exchange: {error}") from error


def entries_needed(exchange: GetExchangeReply) -> tuple[int, ...]:
    """Indices of the log's entries that the evidence of an exchange holds."""
    return tuple(sorted({0, *exchange.entries, *exchange.credential_entries}))


def make_evidence(
    exchange: GetExchangeReply,
    *,
    contents: Iterable[GetContentReply],
    proofs: Mapping[int, Sequence[bytes]],
    checkpoint: bytes,
) -> ExchangeEvidence:
    """Put together what a hub answered; nothing is verified here.

    Args:
        contents: of every entry that entries_needed names.
        proofs: by index, for checkpoint's size.

    Raises:
        EvidenceUnreadable: an entry or a proof is missing.
    """
    found = {content.index: content for content in contents}
    entries = []
    for index in entries_needed(exchange):
        if index not in found or index not in proofs:
            raise EvidenceUnreadable(f"entry {index} of the log, or its proof, is missing")
        content = found[index]
        entries.append(
            EntryEvidence(
                index=index,
                leaf=content.leaf,
                salt=content.salt,
                envelope=content.envelope,
                request=content.request,
                proof=tuple(proofs[index]),
            )
        )
    return ExchangeEvidence(
        grant=exchange.grant,
        manifest=exchange.manifest,
        sender_receipt=exchange.sender_receipt,
        recipient_receipt=exchange.recipient_receipt,
        owner_chain=tuple(exchange.owner_chain),
        grantee_chain=tuple(exchange.grantee_chain),
        entries=tuple(entries),
        checkpoint=checkpoint,
        earlier_chains=tuple(tuple(chain.envelopes) for chain in exchange.earlier_chains),
        revocations=exchange.revocations,
    )


def _encoded(part: Any) -> Any:
    if isinstance(part, bytes):
        return base64.b64encode(part).decode()
    if isinstance(part, (list, tuple)):
        return [_encoded(item) for item in part]
    if isinstance(part, dict):
        return {name: _encoded(value) for name, value in part.items()}
    return part


def _decoded(part: Any) -> Any:
    if isinstance(part, list):
        return tuple(_decoded(item) for item in part)
    return base64.b64decode(part, validate=True)


def _entry(part: dict[str, Any]) -> EntryEvidence:
    index = part["index"]
    if type(index) is not int or index < 0:
        raise EvidenceUnreadable("the evidence has an entry whose index is no number")
    rest = ("leaf", "salt", "envelope", "request", "proof")
    return EntryEvidence(index=index, **{name: _decoded(part[name]) for name in rest})
