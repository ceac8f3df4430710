"""A signed report is of who holds the secret, unchanged, and of now; else nothing is said."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.webhooks import TOLERANCE, ReportNotTaken, Signed, read, signature_of, written

#: The reference vector of the scheme (standard-webhooks, libraries' "sign function works").
SECRET = read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
VECTOR = Signed(
    id="msg_p5jXN8AQM9LWM0D4loKWxJek",
    timestamp="1614265330",
    signature="v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    body=b'{"test": 2432232314}',
)
SENT = datetime.fromtimestamp(1614265330, UTC)
OTHER, SECOND = bytes(32), timedelta(seconds=1)


def taken(signed: Signed, *, now: datetime = SENT, secrets: tuple[bytes, ...] = (SECRET,)) -> bool:
    try:
        signed.check(secrets, now=now)
    except ReportNotTaken:
        return False
    return True


def test_the_scheme_s_own_vector_holds() -> None:
    assert taken(VECTOR)


def test_five_minutes_either_way_and_not_a_second_more() -> None:
    for way in (1, -1):
        assert taken(VECTOR, now=SENT + way * TOLERANCE)
        assert not taken(VECTOR, now=SENT + way * (TOLERANCE + SECOND))


def test_during_a_rotation_either_secret_will_do() -> None:
    assert taken(VECTOR, secrets=(OTHER, SECRET))
    two = f"v1,{'A' * 43}= v1a,x {VECTOR.signature}"
    assert taken(replace(VECTOR, signature=two))
    assert not taken(VECTOR, secrets=(OTHER,))
    assert not taken(VECTOR, secrets=())


@given(data=st.data())
def test_one_bit_is_enough_to_refuse(data: st.DataObject) -> None:
    bit = data.draw(st.integers(0, 8 * len(VECTOR.body) - 1))
    body = bytearray(VECTOR.body)
    body[bit // 8] ^= 1 << bit % 8

    assert not taken(replace(VECTOR, body=bytes(body)))


@given(
    headers=st.fixed_dictionaries(
        {name: st.text(max_size=200) for name in ("id", "timestamp", "signature")}
    ),
    body=st.binary(max_size=200),
)
def test_whatever_is_forged_is_refused_with_one_and_the_same_word(
    headers: dict[str, str], body: bytes
) -> None:
    with pytest.raises(ReportNotTaken) as refused:
        Signed(**headers, body=body).check((SECRET,), now=SENT)
    assert str(refused.value) == str(ReportNotTaken())


@pytest.mark.parametrize("webhook_id", ["", "a" * 129, "é", "a\nb"])
def test_an_id_that_is_none_is_refused_though_it_is_signed(webhook_id: str) -> None:
    value = signature_of(SECRET, webhook_id, VECTOR.timestamp, VECTOR.body)

    assert not taken(replace(VECTOR, id=webhook_id, signature=f"v1,{value}"))


@pytest.mark.parametrize("timestamp", ["", "-1", "1e9", "٣", "9" * 12, "1614265330.5"])
def test_a_time_that_is_none_is_refused_though_it_is_signed(timestamp: str) -> None:
    value = signature_of(SECRET, VECTOR.id, timestamp, VECTOR.body)

    assert not taken(replace(VECTOR, timestamp=timestamp, signature=f"v1,{value}"))


def test_a_secret_is_read_as_it_was_written() -> None:
    assert read(written(OTHER)) == OTHER
    with pytest.raises(ValueError, match="not a secret"):
        read("whsec_*")
