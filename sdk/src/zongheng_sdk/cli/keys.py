"""zongheng passphrase, signer: how this unit's keys are kept, and who holds them."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from zongheng_protos.errors import ArgumentInvalid, FileUnusable, PassphraseNeeded
from zongheng_sdk.cli.app import Options
from zongheng_sdk.cli.show import done, line
from zongheng_sdk.identity_file import identity_path, read_identity, write_secret
from zongheng_sdk.passphrases import new_vault
from zongheng_tenants.vault import Vault

PassphraseFile = Annotated[
    Path | None, typer.Option(help="File whose first line is the passphrase 口令文件.")
]
NoPassphrase = Annotated[
    bool, typer.Option("--no-passphrase", help="Keep the keys in the open 密钥不加口令.")
]


def register(app: typer.Typer) -> None:
    for command in (passphrase, signer):
        app.command()(command)


def passphrase(
    ctx: typer.Context,
    new_passphrase_file: PassphraseFile = None,
    no_passphrase: NoPassphrase = False,
) -> None:
    """Set, change or remove the passphrase of this unit's keys 设置或更换密钥口令."""
    options: Options = ctx.obj
    path = identity_path(options.identity)
    identity = read_identity(path)
    chosen = chosen_passphrase(new_passphrase_file, no_passphrase, from_environment=False)
    vault = None if chosen is None else new_vault(chosen)
    _keep_invitations(path, vault)
    write_secret(path, replace(identity, vault=vault).to_json())
    done(f"{path}: " + ("口令已更换 passphrase changed" if vault else "口令已取消 no passphrase"))


def signer(
    ctx: typer.Context,
    socket: Annotated[Path, typer.Option(help="Socket to serve the keys on 套接字.")],
    export: Annotated[
        Path | None,
        typer.Option(
            help="Write an identity without keys for the application 供应用使用的身份文件."
        ),
    ] = None,
) -> None:
    """Hold this unit's keys for applications that are to hold none 签名服务.

    Serves until it is told to stop. The application opens the exported identity.
    """
    from zongheng_sdk.signer import Signer

    options: Options = ctx.obj
    identity = read_identity(options.identity)
    served = Signer(identity, socket)
    if export is not None:
        target = identity_path(export)
        write_secret(target, identity.without_keys(f"unix:{socket.resolve()}").to_json())
        line(f"应用身份文件 identity for the application: {target}")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: served.close())
    line(f"签名服务已启动 serving the keys of {identity.name} at {socket}")
    served.serve()


def chosen_passphrase(
    file: Path | None, none: bool, *, from_environment: bool = True
) -> str | None:
    """The passphrase to protect keys with: from a file, the environment, or asked for twice.

    Raises:
        ArgumentInvalid: both a passphrase and none are asked for.
        FileUnusable: the file cannot be read.
        PassphraseNeeded: nobody is there to be asked.
    """
    from zongheng_sdk.passphrases import VARIABLE

    if none:
        if file is not None:
            raise ArgumentInvalid("give --no-passphrase or a file with one, not both")
        line(
            "警告：密钥不加口令，谁读到身份文件谁就能代表本单位 "
            "warning: without a passphrase, whoever reads the identity file acts for this unit"
        )
        return None
    if file is not None:
        return first_line(file)
    if from_environment and os.environ.get(VARIABLE):
        return os.environ[VARIABLE]
    if not sys.stdin.isatty():
        raise PassphraseNeeded(
            "the keys are to be kept under a passphrase, and nobody is there to be asked for one; "
            "--no-passphrase does without"
        )
    prompt = "设置密钥口令（至少12个字符）passphrase for the keys, at least 12 characters"
    return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=True))


def first_line(path: Path) -> str:
    """Raises FileUnusable: the file cannot be read."""
    try:
        return path.read_text("utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnusable(f"{path} cannot be read: {error}") from error


def _keep_invitations(path: Path, vault: Vault | None) -> None:
    """Write invitations that wait anew, so that they are under the same passphrase."""
    from zongheng_sdk.identity_file import INVITATIONS
    from zongheng_sdk.passphrases import INVITATION_SECRETS, sealed_json, unsealed_json

    book = path.parent / INVITATIONS
    if book.exists():
        content = unsealed_json(book.read_text("utf-8"), INVITATION_SECRETS)
        write_secret(book, sealed_json(content, vault, INVITATION_SECRETS))
