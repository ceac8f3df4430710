"""Answers to a peer's checks on a path that stands, held against aioice's own messages."""

from aioice import stun as aioice_stun
from hypothesis import given
from hypothesis import strategies as st

from webrtc import stun

KEY, NAME = b"k" * 22, "mine:theirs"
V4 = st.ip_addresses(v=4).map(str)
V6 = st.ip_addresses(v=6).map(str)


def check(*, name: str = NAME, key: bytes = KEY) -> bytearray:
    request = aioice_stun.Message(aioice_stun.Method.BINDING, aioice_stun.Class.REQUEST)
    request.attributes["USERNAME"] = name
    request.attributes["PRIORITY"] = 1
    request.attributes["ICE-CONTROLLING"] = 7
    request.add_message_integrity(key)
    return bytearray(bytes(request))


def answer(datagram: bytearray, address: tuple[str, int] = ("192.0.2.1", 5)) -> bytes | None:
    return stun.answer(datagram, len(datagram), username=NAME.encode(), key=KEY, address=address)


@given(host=V4 | V6, port=st.integers(0, 65535))
def test_aioice_reads_the_answer_it_would_have_given(host: str, port: int) -> None:
    request = check()
    answered = answer(request, (host, port))
    assert answered is not None
    message = aioice_stun.parse_message(answered)  # and its fingerprint is right

    assert message.message_class is aioice_stun.Class.RESPONSE
    assert message.transaction_id == bytes(request[8:20])
    assert message.attributes["XOR-MAPPED-ADDRESS"] == (host, port)
    assert message.check_message_integrity(KEY)


@given(at=st.integers(20, 59), bit=st.integers(0, 7))
def test_what_is_not_the_peers_check_to_the_last_bit_is_not_answered(at: int, bit: int) -> None:
    request = check()
    assert answer(request) is not None
    request[at] ^= 1 << bit

    assert answer(request) is None


def test_another_name_and_another_key_are_not_answered() -> None:
    assert answer(check(name="mine:another")) is None
    assert answer(check(key=b"x" * 22)) is None


@given(st.binary(max_size=120), st.integers(0, 79))  # the signature ends at 80
def test_whatever_comes_is_read_without_harm(noise: bytes, cut: int) -> None:
    whole = check()
    for datagram in (bytearray(noise), whole[:cut] + bytearray(noise)):
        if datagram[:80] != whole[:80]:
            assert answer(datagram) is None
