"""A unit that comes back with new keys into its old folder: what was there is kept, not lost."""

from __future__ import annotations

from pathlib import Path

from zongheng_protos.errors import FileInTheWay, IdentityUnusable
from zongheng_sdk.identity_file import IDENTITY, INVITATIONS
from zongheng_tenants.identity import HubSeen, protection_of


def check_replaceable(folder: Path, *, root: str) -> HubSeen:
    """What the old identity says in the open; it needs no passphrase, which may be lost.

    Raises:
        FileInTheWay: it is of another province, or no identity at all.
    """
    path = folder / IDENTITY
    try:
        old = HubSeen.from_json(path.read_text(encoding="utf-8"))
    except (IdentityUnusable, OSError, UnicodeDecodeError) as error:
        raise FileInTheWay(
            f"{path} is there and cannot be read: move it away, or enrol into another folder "
            "(--folder)"
        ) from error
    if old.root_fingerprint != root:
        raise FileInTheWay(
            f"{path} is the identity of {old.tenant} under another province's root: move it away, "
            "or enrol into another folder (--folder)"
        )
    return old


def keep_aside(folder: Path, aside: Path, *, tenant: str, root: str) -> None:
    """Give what belongs to the old keys another name; identity.json itself stays until it is
    replaced at once, so that there is one at every moment.

    Raises:
        FileInTheWay: the identity there is another unit's.
    """
    path = folder / IDENTITY
    old = check_replaceable(folder, root=root)
    if old.tenant != tenant:
        raise FileInTheWay(
            f"{path} is the identity of another unit, {old.tenant}: move it away, then run the "
            "same command again; nothing is lost"
        )
    if not aside.exists():
        aside.hardlink_to(path)
    # Keys of a change that the revocation ended: no credential will ever name them.
    (folder / "rotation.json").unlink(missing_ok=True)
    invitations = folder / INVITATIONS
    if invitations.exists() and protection_of(invitations.read_text(encoding="utf-8")) is not None:
        # Under the old passphrase; who was invited with them is invited again.
        invitations.replace(aside.with_name(aside.name.replace("identity", "invitations", 1)))
