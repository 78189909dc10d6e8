"""Whatever a chain claims, it is accepted only when every link narrows the one above."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from zongheng_protos.errors import ZonghengError
from zongheng_protos.tenancy.v1 import credential_pb2 as pb
from zongheng_tenants.credential import RIGHTS, fingerprint, issue_credential, verify_chain
from zongheng_tenants.keys import SigningKey

KEYS = [SigningKey.generate() for _ in range(4)]
MOMENTS = st.integers(0, 20)
links = st.tuples(
    st.frozensets(st.sampled_from(sorted(RIGHTS)), max_size=len(RIGHTS)),
    st.integers(0, 5),
    MOMENTS,
    MOMENTS,
)


@settings(max_examples=300)
@given(st.lists(links, min_size=2, max_size=4), MOMENTS)
def test_no_chain_that_widens_anything_is_accepted(
    claims: list[tuple[frozenset[int], int, int, int]], now: int
) -> None:
    chain: list[bytes] = []
    for place, (rights, depth, begins, ends) in enumerate(claims):
        chain.append(
            issue_credential(
                subject=f"t_{place}",
                name="",
                code="",
                keys=[(pb.KEY_USE_SIGNING, KEYS[place].public)],
                rights=rights,
                depth=depth,
                not_before_ms=begins,
                expires_ms=ends,
                issuer=f"t_{max(place - 1, 0)}",
                issuer_key=KEYS[max(place - 1, 0)],
                issuer_envelope=chain[-1] if chain else b"",
            )
        )
    narrows = all(
        below[0] <= above[0]
        and below[1] < above[1]
        and below[2] >= above[2]
        and below[3] <= above[3]
        for above, below in pairwise(claims)
    )
    in_time = all(begins <= now < ends for _, _, begins, ends in claims)

    try:
        found = verify_chain(chain, root_fingerprint=fingerprint(chain[0]), at_ms=now)
    except ZonghengError:
        accepted = False
    else:
        accepted = True
        assert found.rights <= claims[0][0]

    assert accepted == (narrows and in_time)
