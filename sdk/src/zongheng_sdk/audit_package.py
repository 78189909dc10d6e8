"""The audit package: one file with all that an auditor needs and no server.

Members, in a zip file of one spelling (strict_zip):

    package.json, package.dsse     SHA-256 of every other member; the exporter's signature on that
    log/checkpoint                 the signed tree head, with whatever cosignatures it carries
    log/witnessed                  the newest checkpoint that witnesses cosigned, where there is one
    log/root.dsse, log/succession  the root credential; which keys of the log it vouches for
    log/units                      units below, where the question was about them too
    log/leaves, log/stretch        a stretch of the log's leaves, and what proves it is all of it
    entries/N.entry, N.tlog-proof  an entry's leaf and content; its proof (C2SP tlog-proof)
    credentials/SHA256.dsse        every credential that signed, and all above it
    revocations/N.dsse             the newest signed list of revocations
    verifier/…, __main__.py        this verifier's own source: python3 case.zip --root FINGERPRINT
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from google.protobuf.message import DecodeError

from zongheng_protos.audit.v1.audit_pb2 import PackagedEntry
from zongheng_protos.errors import PackageInvalid
from zongheng_sdk.strict_zip import read_zip, write_zip

FORMAT = "zongheng audit package 1"
PROOF_HEADER = "c2sp.org/tlog-proof@v1"
MANIFEST, SIGNATURE = "package.json", "package.dsse"
_CHECKPOINT, _ROOT, _SUCCESSION = "log/checkpoint", "log/root.dsse", "log/succession"
_LEAVES, _STRETCH, _UNITS = "log/leaves", "log/stretch", "log/units"
WITNESSED = "log/witnessed"
_NUMBERED = re.compile(r"entries/(\d{12})\.(entry|tlog-proof)")
_CREDENTIAL = re.compile(r"credentials/([0-9a-f]{64})\.dsse")
_REVOCATIONS = re.compile(r"revocations/(\d{12})\.dsse")
_PROGRAM = re.compile(r"__main__\.py|README\.txt|verifier/[A-Za-z0-9_/]+\.py")


@dataclass(frozen=True, slots=True)
class ProvenBy:
    """An entry's proof as its file holds it: index, hashes from the leaf on, checkpoint."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes


@dataclass(frozen=True, slots=True)
class Stretch:
    """Leaves first to end of the log, and the roots of the subtrees beside them, from the left."""

    first: int
    end: int
    leaves: tuple[bytes, ...]
    hashes: tuple[bytes, ...]

    def leaf(self, index: int) -> bytes | None:
        """The leaf of an entry within the stretch, else None."""
        return self.leaves[index - self.first] if self.first <= index < self.end else None


@dataclass(frozen=True, slots=True)
class AuditPackage:
    """What a package holds, nothing verified.

    Attributes:
        export: index of the entry in which the export began.
        witnessed: the newest checkpoint that witnesses have cosigned; empty: there is none.
        succession: the log's published file: root, then successions, base64, a line each.
        entries, proofs: by index.
        units: those below the unit asked for, where they were asked for too, as the hub said.
        credentials: envelopes by their SHA-256 in hex.
        revocations: signed lists, oldest first.
        program: the verifier's source, by member.
        manifest, signature: what the exporter signed, and how.
    """

    export: int
    checkpoint: bytes
    root: bytes
    succession: bytes
    units: tuple[str, ...]
    stretch: Stretch
    entries: Mapping[int, PackagedEntry]
    proofs: Mapping[int, ProvenBy]
    credentials: Mapping[str, bytes]
    revocations: tuple[bytes, ...]
    witnessed: bytes = b""
    program: Mapping[str, bytes] = field(default_factory=dict)
    manifest: bytes = b""
    signature: bytes = b""


def contents(package: AuditPackage) -> dict[str, bytes]:
    """The members of a package, but for manifest and signature."""
    stretch = package.stretch
    members = {
        _CHECKPOINT: package.checkpoint,
        _ROOT: package.root,
        _SUCCESSION: package.succession,
        _UNITS: "".join(f"{unit}\n" for unit in package.units).encode(),
        _LEAVES: b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in stretch.leaves),
        _STRETCH: _lines(f"{stretch.first} {stretch.end}", stretch.hashes),
        **package.program,
    }
    if package.witnessed:
        members[WITNESSED] = package.witnessed
    for index, entry in package.entries.items():
        members[f"entries/{index:012}.entry"] = entry.SerializeToString(deterministic=True)
    for index, proof in package.proofs.items():
        members[f"entries/{index:012}.tlog-proof"] = write_proof(proof)
    for name, envelope in package.credentials.items():
        members[f"credentials/{name}.dsse"] = envelope
    for number, envelope in enumerate(package.revocations, start=1):
        members[f"revocations/{number:012}.dsse"] = envelope
    return members


def manifest_of(export: int, members: Mapping[str, bytes]) -> bytes:
    """What the exporter signs: the format, the export, SHA-256 of every member."""
    files = {name: hashlib.sha256(members[name]).hexdigest() for name in sorted(members)}
    document = {"format": FORMAT, "export": export, "files": files}
    return (json.dumps(document, indent=1) + "\n").encode()


def write_package(members: Mapping[str, bytes], manifest: bytes, signature: bytes) -> bytes:
    """The file."""
    return write_zip({**members, MANIFEST: manifest, SIGNATURE: signature})


def read_package(data: bytes) -> AuditPackage:
    """What is in a file that may be a package.

    Raises:
        PackageInvalid: a member is missing, unknown, or not what the manifest says; names it.
        PackageTooLarge: it is over every bound.
    """
    members = read_zip(data)
    manifest, signature = _take(members, MANIFEST), _take(members, SIGNATURE)
    export = _check_manifest(manifest, members)
    program = {name: members.pop(name) for name in list(members) if _PROGRAM.fullmatch(name)}
    checkpoint, root = _take(members, _CHECKPOINT), _take(members, _ROOT)
    succession = _take(members, _SUCCESSION)
    units = _take(members, _UNITS).decode("utf-8", "replace").splitlines()
    witnessed = members.pop(WITNESSED, b"")
    stretch = _read_stretch(_take(members, _STRETCH), _take(members, _LEAVES))
    entries: dict[int, PackagedEntry] = {}
    proofs: dict[int, ProvenBy] = {}
    credentials: dict[str, bytes] = {}
    revocations = []
    for name, content in members.items():
        if found := _NUMBERED.fullmatch(name):
            index = int(found[1])
            if found[2] == "entry":
                entries[index] = _read_entry(name, content, index)
            else:
                proofs[index] = _read_proof(name, content, index)
        elif found := _CREDENTIAL.fullmatch(name):
            if hashlib.sha256(content).hexdigest() != found[1]:
                raise PackageInvalid(f"{name}: the credential is another than its name says")
            credentials[found[1]] = content
        elif _REVOCATIONS.fullmatch(name):
            revocations.append(content)
        else:
            raise PackageInvalid(f"{name}: a package has no such member")
    if entries.keys() != proofs.keys():
        odd = min(entries.keys() ^ proofs.keys())
        raise PackageInvalid(f"entry {odd} has content or proof only, not both")
    return AuditPackage(
        export=export,
        checkpoint=checkpoint,
        root=root,
        succession=succession,
        units=tuple(units),
        stretch=stretch,
        entries=entries,
        proofs=proofs,
        credentials=credentials,
        revocations=tuple(revocations),
        witnessed=witnessed,
        program=program,
        manifest=manifest,
        signature=signature,
    )


def write_proof(proof: ProvenBy) -> bytes:
    """A proof as C2SP tlog-proof spells it."""
    head = _lines(f"{PROOF_HEADER}\nindex {proof.index}", proof.hashes)
    return head + b"\n" + proof.checkpoint


def read_proof(content: bytes) -> ProvenBy:
    """A proof in the form of C2SP tlog-proof. Raises ValueError: it is none."""
    head, blank, checkpoint = content.partition(b"\n\n")
    lines = head.decode("ascii").split("\n")
    if not blank or lines[0] != PROOF_HEADER:
        raise ValueError(f"it does not begin with {PROOF_HEADER}")
    index = re.fullmatch("index (0|[1-9][0-9]{0,17})", lines[1] if len(lines) > 1 else "")
    if index is None:
        raise ValueError("its second line is no index")
    hashes = tuple(base64.b64decode(line, validate=True) for line in lines[2:])
    return ProvenBy(int(index[1]), hashes, checkpoint)


def _check_manifest(manifest: bytes, members: Mapping[str, bytes]) -> int:
    try:
        document = json.loads(manifest)
        export, files = document["export"], document["files"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise PackageInvalid(f"{MANIFEST}: it cannot be read: {error}") from error
    if document.get("format") != FORMAT or type(export) is not int or not isinstance(files, dict):
        raise PackageInvalid(f"{MANIFEST}: it is not of the form {FORMAT!r}")
    for name in sorted(files.keys() | members.keys()):
        if name not in members:
            raise PackageInvalid(f"{name}: {MANIFEST} names this member, and it is missing")
        if files.get(name) != hashlib.sha256(members[name]).hexdigest():
            raise PackageInvalid(f"{name}: its SHA-256 is not the one that {MANIFEST} names")
    if manifest_of(export, members) != manifest:
        raise PackageInvalid(f"{MANIFEST}: it is spelt otherwise than a package's is")
    return export


def _read_stretch(about: bytes, packed: bytes) -> Stretch:
    try:
        head, *lines = about.decode("ascii").split("\n")[:-1]
        first, end = (int(part) for part in head.split(" "))
        hashes = tuple(base64.b64decode(line, validate=True) for line in lines)
        leaves = []
        at = 0
        while at < len(packed):
            width = int.from_bytes(packed[at : at + 2], "big")
            leaves.append(packed[at + 2 : at + 2 + width])
            if len(leaves[-1]) != width:
                raise ValueError(f"leaf {len(leaves)} is cut off")
            at += 2 + width
    except (ValueError, binascii.Error) as error:
        raise PackageInvalid(f"{_STRETCH}, {_LEAVES}: cannot be read: {error}") from error
    if _lines(f"{first} {end}", hashes) != about or len(leaves) != end - first or first < 0:
        raise PackageInvalid(f"{_STRETCH}: it does not describe the leaves in {_LEAVES}")
    return Stretch(first, end, tuple(leaves), hashes)


def _read_entry(name: str, content: bytes, index: int) -> PackagedEntry:
    try:
        entry = PackagedEntry.FromString(content)
    except DecodeError as error:
        raise PackageInvalid(f"{name}: it cannot be read") from error
    entry.DiscardUnknownFields()  # which would otherwise be spelt again as they came
    if entry.SerializeToString(deterministic=True) != content or entry.index != index:
        raise PackageInvalid(f"{name}: it is spelt otherwise than a package's entry is")
    return entry


def _read_proof(name: str, content: bytes, index: int) -> ProvenBy:
    try:
        proof = read_proof(content)
    except ValueError as error:
        raise PackageInvalid(f"{name}: {error}") from error
    if write_proof(proof) != content or proof.index != index:
        raise PackageInvalid(f"{name}: it is spelt otherwise than a package's proof is")
    return proof


def _take(members: dict[str, bytes], name: str) -> bytes:
    if name not in members:
        raise PackageInvalid(f"{name}: the member is missing")
    return members.pop(name)


def _lines(head: str, hashes: tuple[bytes, ...]) -> bytes:
    return "".join(
        f"{line}\n" for line in (head, *(base64.b64encode(one).decode() for one in hashes))
    ).encode()
