"""enrol and renew, as a program calls them; the work is in enrolling.py, imported when needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from zongheng_tenants.identity import Identity


def enrol(
    invitation: str,
    folder: str | Path = ".",
    *,
    timeout: float = 600.0,
    passphrase: str | None = None,
    suite: str = "INTL-1",
    token: str = "",
) -> Path:
    """入网: enrol with an invitation and wait until the parent unit has signed.

    Keys are made here and never leave. Interrupted, it goes on where it stood when called again
    with the same invitation.

    Args:
        invitation: "zh1.…", as the parent unit handed it over.
        folder: gets identity.json, mode 0600: whoever opens it acts for the unit.
        timeout: seconds to wait for the parent's signature.
        passphrase: for the keys, at least 12 characters; None keeps them in the open, so that
            whoever reads the file acts for the unit.
        suite: "INTL-1", or "SM-1" (SM2, SM3, SM4; 国密), for as long as the credential lives.
        token: "pkcs11:token=…?module-path=…": signing and channel key are made in that token.

    Returns:
        The path of identity.json, for Hub.open.

    Raises:
        InvitationInvalid: it is none, was used, or is older than 72 hours.
        DeadlineExceeded: the parent has not signed yet; call again later.
        FileInTheWay: the folder holds the identity of another unit. That of the same unit, as
            when it was revoked and is invited again, is kept aside once the new one has come.
        SuiteUnavailable: nothing on this machine computes the suite.
    """
    from zongheng_sdk.enrolling import begin_enrolment
    from zongheng_tenants.suites import number_of

    pending = begin_enrolment(
        invitation, folder, suite=number_of(suite), passphrase=passphrase, token=token
    )
    return pending.wait(timeout=timeout)


def renew(path: str | Path, *, operator: str = "") -> Identity:
    """Get a new channel certificate and write it into the identity file.

    Goes over the web address with a signed act, so it also works once the channel has expired.

    Raises:
        CredentialExpired: the credential itself is over: the parent has to issue a new one.
    """
    from pathlib import Path

    from zongheng_sdk.identity_file import identity_path, read_identity, write_secret
    from zongheng_sdk.rotating import renewed_identity

    file = identity_path(Path(path))
    renewed = renewed_identity(read_identity(file), operator=operator)
    write_secret(file, renewed.to_json())
    return renewed
