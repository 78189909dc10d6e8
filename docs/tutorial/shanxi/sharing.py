"""Sharing: a county offers household rows, another gets what a grant allows, sealed end to end."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from shanxi.enrolment import OPERATOR, Unit
from shanxi.failure import DemoFailed
from zongheng_sdk import Hub
from zongheng_sdk.sharing_values import Field, Mask

ROWS = 10_000
TABLE = "household"
FIELDS = (
    Field("household_no", "户编号"),
    Field("head", "户主"),
    Field("telephone", "联系电话", "not_shared"),
    Field("town", "乡镇"),
    Field("members", "人口数"),
    Field("income", "年收入（元）"),
)
ASKED = ("household_no", "head", "members", "income")
GRANTED: dict[str, Mask] = {"household_no": "none", "head": "name", "members": "none"}
MOST_INCOME = 6_000
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "建国秀英志强桂兰海军玉梅文斌春花晓东丽娟"
TOWNS = ("东河镇", "西岭乡", "南坪街道", "北关镇")


@dataclass(frozen=True, slots=True)
class Shared:
    """What one exchange came to."""

    rows: int
    parcel_id: str


def make_households(path: Path) -> None:
    """An SQLite database of 10,000 households that nobody lives in."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            f"CREATE TABLE {TABLE} (household_no TEXT PRIMARY KEY, head TEXT, telephone TEXT, "
            "town TEXT, members INTEGER, income INTEGER)"
        )
        database.executemany(f"INSERT INTO {TABLE} VALUES (?, ?, ?, ?, ?, ?)", _households())


def share(owner: Unit, grantee: Unit, source: Path) -> Shared:
    """Offer, ask, grant, deliver, fetch; both sides sign receipts.

    Args:
        source: the owner's database.

    Raises:
        DemoFailed: what arrived is not what the grant allows.
    """
    with (
        Hub.open(owner.identity, operator=OPERATOR) as giving,
        Hub.open(grantee.identity, operator=OPERATOR) as taking,
    ):
        dataset = giving.sharing.offer(
            "困难家庭基本情况", source=source, table=TABLE, fields=FIELDS, detail="按户登记，年更新"
        )
        asked = taking.sharing.request(
            dataset.id,
            purpose="跨县核对冬季取暖补助，避免重复发放",
            legal_basis="社会救助暂行办法",
            fields=ASKED,
        )
        granted = giving.sharing.grant(
            asked.id, fields=GRANTED, rows=[f"income<={MOST_INCOME}"], days=30, max_uses=1
        )
        delivered = giving.sharing.deliver(granted.grant_id, source, table=TABLE)
        fetched = taking.sharing.fetch(delivered.parcel_id)
    arrived = sorted(tuple(sorted(row.items())) for row in fetched.parcel.records())
    if arrived != sorted(tuple(sorted(row.items())) for row in _expected(source)):
        raise DemoFailed(f"parcel {delivered.parcel_id} does not hold what its grant allows")
    return Shared(len(arrived), delivered.parcel_id)


def _households() -> Iterator[tuple[str, str, str, str, int, int]]:
    chance = random.Random(140000)
    for number in range(1, ROWS + 1):
        head = chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, 2))
        telephone = f"000{chance.randrange(10**8):08d}"  # no such number exists
        income = chance.randrange(2_000, 40_000, 100)
        yield f"H{number:05d}", head, telephone, chance.choice(TOWNS), chance.randint(1, 6), income


def _expected(source: Path) -> Iterator[dict[str, str]]:
    """What the grant allows, worked out without the SDK."""
    with closing(sqlite3.connect(source)) as database:
        query = f"SELECT household_no, head, members FROM {TABLE} WHERE income <= ?"
        for number, head, members in database.execute(query, (MOST_INCOME,)):
            yield {
                "household_no": number,
                "head": head[0] + "*" * (len(head) - 1),
                "members": str(members),
            }
