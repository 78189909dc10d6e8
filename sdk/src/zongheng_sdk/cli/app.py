"""The root of the command line: global options, and errors as one line with advice."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from zongheng_protos.errors import OperatorUnnamed, ZonghengError
from zongheng_sdk import passphrases
from zongheng_sdk.cli.show import refused
from zongheng_sdk.client import TIMEOUT, Hub

_GLOBAL = frozenset({"-o", "--operator", "-i", "--identity", "--timeout", "--passphrase-file"})


class Root(TyperGroup):
    """Turns a ZonghengError of any command into its line and exit code 1."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except ZonghengError as error:
            refused(error)
            raise typer.Exit(1) from None
        except Exception as error:  # typer keeps its class of an option that does not exist private
            wrong = getattr(error, "option_name", "")
            if wrong in _GLOBAL:
                error.message += f" 写在命令之前 it stands before the command: zongheng {wrong} …"  # type: ignore[attr-defined]
            raise


@dataclass(frozen=True, slots=True)
class Options:
    """What the global options say."""

    identity: Path
    operator: str
    timeout: float

    def named_operator(self) -> str:
        """Who acts. Raises OperatorUnnamed: nobody is named."""
        if not self.operator:
            raise OperatorUnnamed("an act names the person who does it, and nobody is named")
        return self.operator

    def open(self) -> Hub:
        return Hub.open(self.identity, operator=self.operator, timeout=self.timeout)


def hub(ctx: typer.Context) -> Hub:
    """The hub that the global options name; closed when the command ends."""
    options: Options = ctx.obj
    return ctx.with_resource(options.open())


app = typer.Typer(
    name="zongheng",
    cls=Root,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Zongheng 纵横: call your province's service hub. 省级服务枢纽命令行。",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"zongheng {version('zongheng-sdk')}")
        raise typer.Exit


@app.callback()
def options(
    ctx: typer.Context,
    identity: Annotated[
        Path,
        typer.Option(
            "--identity", "-i", envvar="ZONGHENG_IDENTITY", help="Identity file 单位身份文件."
        ),
    ] = Path("identity.json"),
    operator: Annotated[
        str,
        typer.Option("--operator", "-o", envvar="ZONGHENG_OPERATOR", help="Who acts 经办人姓名."),
    ] = "",
    timeout: Annotated[
        float, typer.Option(envvar="ZONGHENG_TIMEOUT", help="Seconds for one call 时限（秒）.")
    ] = TIMEOUT,
    passphrase_file: Annotated[
        Path | None,
        typer.Option(
            envvar="ZONGHENG_PASSPHRASE_FILE",
            help="File with the passphrase of the keys 口令文件; else ZONGHENG_PASSPHRASE, "
            "else it is asked for.",
        ),
    ] = None,
    _: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_version, help="Version 版本."),
    ] = False,
) -> None:
    ctx.obj = Options(identity, operator, timeout)
    passphrases.ask_with(lambda: _passphrase(passphrase_file))


def unit_id(opened: Hub, unit: str) -> str:
    """The id of a unit typed as its id or its division code; empty stays empty."""
    return unit if not unit or unit.startswith("t_") else opened.tenancy.tenant(code=unit).id


def _passphrase(file: Path | None) -> str | None:
    from zongheng_sdk.cli.keys import first_line

    if file is not None:
        return first_line(file)
    if passphrases.VARIABLE in os.environ:
        return os.environ[passphrases.VARIABLE]
    if not sys.stdin.isatty():
        return None
    return str(typer.prompt("密钥口令 passphrase of the keys", hide_input=True))


def _register() -> None:
    from zongheng_sdk.cli import (
        audit,
        data,
        keys,
        log,
        modules,
        needs,
        operators,
        quota,
        review,
        revocations,
        tree,
        units,
        witness,
    )

    units.register(app)
    keys.register(app)
    modules.register(app)
    revocations.register(app)
    app.add_typer(tree.app, name="units")
    app.add_typer(needs.app, name="need")
    app.add_typer(data.app, name="data")
    app.add_typer(operators.app, name="operators")
    app.add_typer(log.app, name="log")
    app.add_typer(audit.app, name="audit")
    app.add_typer(witness.app, name="witness")
    app.add_typer(quota.app, name="quota")
    app.add_typer(review.app, name="review")


_register()
