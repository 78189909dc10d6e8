"""zongheng data …: offer, ask, grant, deliver, fetch, and the evidence of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

import typer

from zongheng_sdk.cli.app import hub
from zongheng_sdk.cli.files import new_file
from zongheng_sdk.cli.show import done, moment, table
from zongheng_sdk.sharing_values import Dataset, Mask

app = typer.Typer(no_args_is_help=True, help="Share data under a signed grant 数据共享。")

Table = Annotated[str, typer.Option(help="Table, for an SQLite database 数据表.")]


@app.command()
def offer(
    ctx: typer.Context,
    title: Annotated[str, typer.Argument(help="目录名称.")],
    source: Annotated[Path, typer.Argument(help="CSV file or SQLite database 数据来源.")],
    table: Table = "",
    detail: Annotated[str, typer.Option(help="说明.")] = "",
) -> None:
    """Put a dataset into the catalogue; the data stays here 登记数据集."""
    made = hub(ctx).sharing.offer(title, source=source, table=table, detail=detail)
    done(f"已登记 offered {made.id}: {len(made.fields)} fields, {made.rows} rows", made.receipt)


@app.command("list")
def list_datasets(
    ctx: typer.Context, owner: Annotated[str, typer.Option(help="t_… 提供单位.")] = ""
) -> None:
    """List the catalogue 数据目录."""
    opened = hub(ctx)
    viewer = opened.identity.tenant
    table(
        "数据集 datasets",
        ("编号 id", "名称 title", "提供 owner", "字段 fields", "行 rows"),
        [
            (d.id, d.title, d.owner, ", ".join(f.name for f in d.fields), _rows(d, viewer))
            for d in opened.sharing.datasets(owner=owner)
        ],
    )


@app.command()
def requests(ctx: typer.Context) -> None:
    """List requests made and to be answered 数据申请."""
    table(
        "申请 requests",
        (
            "编号 id",
            "申请 requester",
            "用途 purpose",
            "字段 fields",
            "授权 grant",
            "数据包 parcels",
        ),
        [
            (
                q.id,
                q.requester,
                q.purpose,
                ", ".join(q.fields),
                q.grant_id or "–",
                ", ".join(q.parcel_ids),
            )
            for q in hub(ctx).sharing.requests()
        ],
    )


@app.command()
def request(
    ctx: typer.Context,
    dataset: Annotated[str, typer.Argument(help="d_… 数据集编号.")],
    purpose: Annotated[str, typer.Option(help="What for 用途.")],
    fields: Annotated[str, typer.Option(help="A,B,C 字段.")],
    basis: Annotated[str, typer.Option(help="Legal basis 法律依据.")] = "",
) -> None:
    """Ask for fields of a dataset 申请数据."""
    wanted = [field.strip() for field in fields.split(",")]
    made = hub(ctx).sharing.request(dataset, purpose=purpose, fields=wanted, legal_basis=basis)
    done(f"已申请 requested {made.id}", made.receipt)


@app.command()
def grant(
    ctx: typer.Context,
    request_id: Annotated[str, typer.Argument(help="q_… 申请编号.")],
    field: Annotated[
        list[str],
        typer.Option(help="NAME or NAME:MASK (name, last_four, pseudonym), repeatable 字段与脱敏."),
    ],
    row: Annotated[
        list[str] | None,
        typer.Option(help="'town=X', 'income<=6000', 'town in A,B', repeatable 行条件."),
    ] = None,
    days: Annotated[int, typer.Option(help="有效天数.")] = 30,
    uses: Annotated[int, typer.Option(help="可用次数.")] = 1,
) -> None:
    """Sign a grant for a request 授权."""
    fields = {
        name: cast(Mask, mask or "none") for name, _, mask in (f.partition(":") for f in field)
    }
    made = hub(ctx).sharing.grant(
        request_id, fields=fields, rows=row or (), days=days, max_uses=uses
    )
    done(f"已授权 granted {made.grant_id}", made.receipt)


@app.command()
def deliver(
    ctx: typer.Context,
    grant_id: Annotated[str, typer.Argument(help="g_… 授权编号.")],
    source: Annotated[Path, typer.Argument(help="CSV file or SQLite database 数据来源.")],
    table: Table = "",
) -> None:
    """Cut data to the grant, seal it for the grantee, hand it in 交付数据包."""
    made = hub(ctx).sharing.deliver(grant_id, source, table=table)
    done(f"已交付 delivered {made.parcel_id}: {made.rows} rows, sealed", made.receipt)


@app.command()
def fetch(
    ctx: typer.Context,
    parcel_id: Annotated[str, typer.Argument(help="p_… 数据包编号.")],
    out: Annotated[Path, typer.Option(help="CSV file to write 输出文件.")],
) -> None:
    """Take a parcel, open it here, sign for it 领取数据包."""
    with new_file(out) as write:
        fetched = hub(ctx).sharing.fetch(parcel_id)
        write(fetched.parcel.rows_csv)
    until = moment(fetched.parcel.grant.expires_ms)
    done(f"已领取 {fetched.parcel.rows} rows → {out}", fetched.received)
    done(f"用途 purpose: {fetched.parcel.grant.purpose}; 授权至 until {until}")


@app.command()
def evidence(
    ctx: typer.Context,
    parcel_id: Annotated[str, typer.Argument(help="p_… 数据包编号.")],
    out: Annotated[Path, typer.Option(help="JSON file to write 输出文件.")],
) -> None:
    """Write the evidence of an exchange into one file for auditors 导出交换证据."""
    with new_file(out) as write:
        found = hub(ctx).sharing.evidence(parcel_id)
        write(found.to_json().encode())
    done(f"已导出 evidence of {len(found.entries)} log entries → {out}")


def _rows(dataset: Dataset, viewer: str) -> str:
    """How many; the hub tells 0 to units that stand in no relation to the dataset."""
    return str(dataset.rows) if dataset.rows or dataset.owner == viewer else "–"
