"""The command line of `make demo`: arguments only; story.py tells the story."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from rich.console import Console

from shanxi.failure import DemoFailed
from shanxi.story import Options, tell
from zongheng_protos.errors import ZonghengError


def options(arguments: list[str]) -> Options:
    parser = argparse.ArgumentParser(
        prog="make demo ARGS=…", description="Play Zongheng's whole main job for Shanxi 山西省."
    )
    parser.add_argument("--once", action="store_true", help="end instead of serving the console")
    parser.add_argument("--data", type=Path, metavar="DIR", help="keep everything in this folder")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the summary as JSON too")
    parser.add_argument(
        "--messages",
        type=Path,
        metavar="FILE",
        default=Path(__file__).parent / "messages.csv",
        help="citizens' reports: a CSV with columns id,title,time,detail",
    )
    parser.add_argument("--database", metavar="URL", help="postgresql://user@host/name, empty")
    parser.add_argument("--port", type=_port, default=0, help="gRPC port; left out: a free one")
    parser.add_argument("--web-port", type=_port, default=0, help="console port; as --port")
    return Options(**vars(parser.parse_args(arguments)))


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 1 to 65535")
    return int(text)


def _terminated(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt  # so that the hub is ended too


def main() -> int:
    chosen = options(sys.argv[1:])
    signal.signal(signal.SIGTERM, _terminated)
    console = Console(highlight=False)
    try:
        tell(chosen, console)
    except DemoFailed as error:
        console.print(f"[bold red]✗[/] {error}", soft_wrap=True)
        return 1
    except ZonghengError as error:
        console.print(f"[bold red]✗[/] {error.message}", soft_wrap=True)
        console.print(f"  {error.advice}", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped before the end.")
        return 130
    return 0
