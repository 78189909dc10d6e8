"""What `zongheng audit verify --policy` says: which witnesses saw how much of the log."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape

from zongheng_protos.errors import ArgumentInvalid
from zongheng_sdk.cli.files import read_bytes
from zongheng_sdk.cli.show import console, line
from zongheng_sdk.notes import Checkpoint, NoteInvalid, verify_checkpoint
from zongheng_sdk.tiles import open_source
from zongheng_sdk.witnessed import verify_witnesses
from zongheng_tenants.witness_policy import MAX_POLICY_BYTES, WitnessPolicy, parse_policy


def read_policy(file: Path) -> WitnessPolicy:
    """The policy in a file. Raises Invalid, FileUnusable."""
    return parse_policy(read_bytes(file, most=MAX_POLICY_BYTES))


def key_of_log(log: str, policy: WitnessPolicy | None) -> str:
    """That key of the policy's with which the log has signed its newest checkpoint.

    Raises:
        ArgumentInvalid: there is none.
    """
    note = open_source(log)("checkpoint") if policy and policy.logs and log else None
    for one in policy.logs if policy and note else ():
        try:
            verify_checkpoint(note or b"", one.vkey)
        except NoteInvalid:
            continue
        return one.vkey
    if policy is not None and policy.logs:
        return policy.logs[0].vkey
    raise ArgumentInvalid(
        "--log and --exchange are verified with the log's key: give --vkey, or a --policy with a "
        "line log"
    )


def show_witnesses(
    log: str, newest: Checkpoint, key: str, policy: WitnessPolicy, kept: Sequence[Path]
) -> bool:
    """Print which witnesses saw what; whether the quorum is there and nothing contradicts."""
    vkeys = [key, *(one.vkey for one in policy.logs if one.vkey != key)]
    verdict = verify_witnesses(
        open_source(log),
        newest,
        policy,
        vkeys=vkeys,
        kept=[(str(file), read_bytes(file, most=MAX_POLICY_BYTES)) for file in kept],
    )
    out = console()
    if verdict.ok:
        out.print(
            f"[bold green]✓ 见证齐全 witnessed[/]: {verdict.size} of {verdict.of} entries by the "
            f"quorum {escape(policy.quorum)}",
            soft_wrap=True,
        )
    else:
        out.print("[bold red]✗ 见证不足或有矛盾 not witnessed, or contradicted[/]")
    for sighting in verdict.seen:
        line(f"  {sighting}")
    for name in verdict.unseen:
        line(f"  {name}: 未见证 no cosignature")
    if verdict.missing:
        line(f"  {verdict.missing}")
    for fault in verdict.faults:
        line(f"  {fault}")
    return verdict.ok
