"""LogService on the wire: anyone may verify the log; content is for its parties."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from zongheng_hub.kernel.call import Call, Outcome, Room, Subject
from zongheng_hub.store import Store, Tx
from zongheng_hub.tlog import service
from zongheng_hub.tlog.keys import LogKeys, check_succession, keep_succession, successions
from zongheng_hub.tlog.standing import standing_of
from zongheng_protos.errors import NotRelated
from zongheng_protos.tlog.v1 import tlog_pb2 as pb
from zongheng_tenants.credential import verify_chain
from zongheng_tenants.log_key import read_succession

_PAGE = 100


def room(
    store: Store,
    keys: LogKeys,
    ancestors: Callable[[Connection, str], tuple[str, ...]],
    open_acts: frozenset[str] = frozenset(),
    asked_since_ms: int = 0,
) -> Room:
    """
    Args:
        keys: those that verify the log's checkpoints.
        ancestors: the tenants above a tenant, root first.
        open_acts: act types whose content every enrolled tenant may read.
        asked_since_ms: when this process began to ask the log's witnesses.
    """

    async def get_checkpoint(call: Call, request: pb.GetCheckpointRequest) -> Any:
        head = await store.read(service.read_head)
        return pb.GetCheckpointReply(checkpoint=head.checkpoint, vkey=keys.signer.vkey)

    async def get_inclusion(call: Call, request: pb.GetInclusionRequest) -> Any:
        proof = await store.read(
            lambda connection: service.prove_inclusion(connection, request.index, request.size)
        )
        return pb.GetInclusionReply(
            index=proof.index,
            size=proof.size,
            hashes=proof.hashes,
            leaf=proof.leaf,
            checkpoint=proof.checkpoint,
        )

    async def get_consistency(call: Call, request: pb.GetConsistencyRequest) -> Any:
        hashes = await store.read(
            lambda connection: service.prove_consistency(
                connection, request.old_size, request.new_size
            )
        )
        return pb.GetConsistencyReply(hashes=hashes)

    async def list_entries(call: Call, request: pb.ListEntriesRequest) -> Any:
        def read(connection: Connection) -> pb.ListEntriesReply:
            limit = request.limit or _PAGE
            entries = service.list_entries(connection, request.start, limit)
            return pb.ListEntriesReply(
                entries=[pb.LogEntry(index=entry.index, leaf=entry.leaf) for entry in entries],
                size=service.read_head(connection).size,
            )

        return await store.read(read)

    async def get_log_keys(call: Call, request: pb.GetLogKeysRequest) -> Any:
        found = await store.read(successions)
        return pb.GetLogKeysReply(
            vkey=keys.signer.vkey,
            next_vkey=keys.next_vkey,
            root=keys.root,
            successions=[one.envelope for one in found],
        )

    async def list_witnesses(call: Call, request: pb.ListWitnessesRequest) -> Any:
        found = await store.read(
            lambda connection: standing_of(connection, now_ms=call.now_ms, since_ms=asked_since_ms)
        )
        witnessed = found.witnessed
        return pb.ListWitnessesReply(
            witnesses=[
                pb.LogWitness(
                    name=one.name,
                    vkey=one.key.vkey,
                    comes_by_itself=not one.url,
                    size=one.size,
                    cosigned_ms=one.cosigned_ms,
                    trouble=one.trouble,
                    trouble_since_ms=one.since_ms,
                    detail=one.detail,
                )
                for one in found.witnesses
            ],
            needed=found.needed,
            size=found.size,
            witnessed_size=witnessed.size if witnessed else 0,
            witnessed_ms=witnessed.witnessed_ms if witnessed else 0,
            alarm=found.alarm,
        )

    async def rotate_log_key(call: Call, request: pb.RotateLogKeyRequest) -> Any:
        if call.caller.ancestors:
            raise NotRelated("only the province, whose root vouches, changes the log's key")
        root = verify_chain([keys.root], root_fingerprint=keys.root_fingerprint, at_ms=call.now_ms)
        succession = read_succession(request.succession, root)
        upcoming = check_succession(succession, keys.signer, keys.upcoming())

        def work(tx: Tx, index: int) -> Outcome:
            keep_succession(tx, succession, request.succession, size=index, now_ms=call.now_ms)
            return Outcome(pb.RotateLogKeyReply(size=index), subject=call.caller.tenant)

        reply = await call.record(work)
        if upcoming is not None:
            keys.signer.sign_also_with(upcoming)
            await store.write(lambda tx: keys.sequencer.sign_head_anew(tx.connection))
        keys.sequencer.announce()
        return reply

    async def get_content(call: Call, request: pb.GetContentRequest) -> Any:
        content = await store.read(
            lambda connection: service.read_content(connection, request.index)
        )
        return pb.GetContentReply(
            index=content.index,
            leaf=content.leaf,
            salt=content.salt,
            envelope=content.envelope,
            request=content.request,
        )

    async def entry_subject(index: Any) -> Subject:
        def read(connection: Connection) -> Subject:
            entry = service.read_entry(connection, int(index))
            return Subject(
                owner=entry.actor,
                owner_ancestors=ancestors(connection, entry.actor),
                grantees=frozenset(entry.parties),
                is_open=entry.act in open_acts,
            )

        return await store.read(read)

    return Room(
        service=pb.DESCRIPTOR.services_by_name["LogService"],
        handlers={
            "GetCheckpoint": get_checkpoint,
            "GetInclusion": get_inclusion,
            "GetConsistency": get_consistency,
            "ListEntries": list_entries,
            "GetLogKeys": get_log_keys,
            "RotateLogKey": rotate_log_key,
            "ListWitnesses": list_witnesses,
            "GetContent": get_content,
        },
        subjects={"index": entry_subject},
    )
