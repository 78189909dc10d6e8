"""The command `zongheng`: all of the SDK for those who do not write Python."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; needs the extra `cli`."""
    try:
        import rich  # noqa: F401
        import typer  # noqa: F401
    except ImportError as error:
        sys.exit(
            f"zongheng needs {error.name}: pip install 'zongheng-sdk[cli]'\n"
            f"命令行缺少 {error.name}，请安装：pip install 'zongheng-sdk[cli]'"
        )
    from zongheng_sdk.cli.app import app

    app()
