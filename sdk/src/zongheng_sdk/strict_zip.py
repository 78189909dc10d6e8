"""Zip files with one spelling: whatever is in one, and any bit of it changed is noticed.

Members are stored and not compressed, in the order of their names, with one fixed time and no
extra fields (APPNOTE 6.3.10, sections 4.3.7 to 4.3.16). So a reader can make the whole file again
from what it read and compare, byte by byte; nothing in such a file is read loosely, nothing
unfolds to more than the file's own size, and every zip program opens it.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping

from zongheng_protos.errors import PackageInvalid, PackageTooLarge

MAX_BYTES = 1 << 30
LARGEST = MAX_BYTES + (1 << 26)
"""Bytes of the largest file that is read."""
MAX_MEMBERS = 60_000
MAX_NAME = 200
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_LOCAL, _CENTRAL, _END = 0x04034B50, 0x02014B50, 0x06054B50
_VERSION, _TIME, _DATE = 20, 0, 0x21  # 1 January 1980
_LOCAL_FORM = struct.Struct("<IHHHHHIIIHH")
_CENTRAL_FORM = struct.Struct("<IHHHHHHIIIHHHHHII")
_END_FORM = struct.Struct("<IHHHHIIH")


def write_zip(members: Mapping[str, bytes]) -> bytes:
    """The one zip file that holds exactly these members.

    Raises:
        PackageInvalid: a name cannot be used.
        PackageTooLarge: there are too many members, or they are too large.
    """
    if len(members) > MAX_MEMBERS:
        raise PackageTooLarge(f"a package has at most {MAX_MEMBERS:,} members")
    if sum(map(len, members.values())) > MAX_BYTES:
        raise PackageTooLarge(f"a package has at most {MAX_BYTES:,} bytes")
    body = bytearray()
    directory = bytearray()
    for name in sorted(members):
        _check_name(name)
        content, spelt = members[name], name.encode("ascii")
        at, checksum, size = len(body), zlib.crc32(content), len(content)
        fixed = (_VERSION, 0, 0, _TIME, _DATE, checksum, size, size, len(spelt), 0)
        body += _LOCAL_FORM.pack(_LOCAL, *fixed) + spelt + content
        directory += _CENTRAL_FORM.pack(_CENTRAL, _VERSION, *fixed, 0, 0, 0, 0, at) + spelt
    count = len(members)
    end = _END_FORM.pack(_END, 0, 0, count, count, len(directory), len(body), 0)
    return bytes(body + directory + end)


def read_zip(data: bytes) -> dict[str, bytes]:
    """The members of a zip file as write_zip makes it.

    Raises:
        PackageInvalid: it is spelt otherwise in any byte, cut off, or a member's checksum does not
            hold; names the member, or the place in the file.
        PackageTooLarge: it has too many members or bytes.
    """
    if len(data) > LARGEST:
        raise PackageTooLarge(f"a package has at most {MAX_BYTES:,} bytes")
    members: dict[str, bytes] = {}
    at = 0
    while data[at : at + 4] == struct.pack("<I", _LOCAL):
        at = _read_member(data, at, members)
        if len(members) > MAX_MEMBERS:
            raise PackageTooLarge(f"a package has at most {MAX_MEMBERS:,} members")
    if not members:
        raise PackageInvalid("the file is no audit package: it does not begin as a zip file does")
    expected = write_zip(members)
    if expected != data:
        raise PackageInvalid(_difference(data, expected, at))
    return members


def _read_member(data: bytes, at: int, members: dict[str, bytes]) -> int:
    """Take the member whose header stands at `at`; gives where the next thing begins."""
    end = at + _LOCAL_FORM.size
    if end > len(data):
        raise PackageInvalid(f"byte {at}: the file is cut off in a member's header")
    fields = _LOCAL_FORM.unpack_from(data, at)
    checksum, size, length = int(fields[6]), int(fields[7]), int(fields[9])
    name = data[end : end + length].decode("ascii", "replace")
    if length > MAX_NAME or not _NAME.fullmatch(name):
        raise PackageInvalid(f"byte {end}: {name[:MAX_NAME]!r} is no name of a member")
    if name in members:
        raise PackageInvalid(f"byte {at}: the member {name} is there twice")
    content = data[end + length : end + length + size]
    if len(content) != size:
        raise PackageInvalid(f"{name}: the member is cut off")
    if zlib.crc32(content) != checksum:
        raise PackageInvalid(f"{name}: its bytes are not those that were written (CRC-32)")
    members[name] = content
    return end + length + size


def _difference(data: bytes, expected: bytes, directory: int) -> str:
    """Where a file is spelt otherwise than it should be."""
    if len(data) != len(expected):
        return f"the file has {len(data)} bytes, its members make {len(expected)}"
    at = next(n for n, (one, other) in enumerate(zip(data, expected, strict=True)) if one != other)
    where = "the zip file's directory" if at >= directory else "a member's header"
    return f"byte {at}: {where} is spelt otherwise than a package's is"


def _check_name(name: str) -> None:
    if len(name) > MAX_NAME or not _NAME.fullmatch(name):
        raise PackageInvalid(f"{name!r} is no name of a member")
