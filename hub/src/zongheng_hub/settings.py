"""What a hub is told when it starts; nothing is read from the environment elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

GRPC_PORT = 7443
WEB_PORT = 7480


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one hub process.

    Attributes:
        data: the data folder.
        host: the address to listen on.
        port, web_port: gRPC, and console with Connect endpoint; 0 chooses a free one.
        public_host: the name under which counties reach it; goes into its certificate.
        database: "postgresql://…"; None: a SQLite file in the data folder.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = GRPC_PORT
    web_port: int = WEB_PORT
    public_host: str = "127.0.0.1"
    database: str | None = None
