"""Secrets of devices: long where a machine carries them, readable where people do."""

from mobile_api.tokens import ALPHABET, code_digest, digest, new_code, new_token


def test_a_code_can_be_read_aloud() -> None:
    code = new_code()

    assert len(code) == 11
    assert code[5] == "-"
    assert set(code.replace("-", "")) <= set(ALPHABET)
    assert not set("ILOU") & set(ALPHABET)


def test_a_code_is_the_same_however_it_is_typed() -> None:
    assert code_digest("7K3M9-QXD10") == code_digest("7k3m9 qxdlO") == code_digest("7K3M9QXDI0")
    assert code_digest("7K3M9-QXD10") != code_digest("7K3M9-QXD11")


def test_no_two_tokens_are_alike_and_none_is_kept() -> None:
    tokens = {new_token() for _ in range(100)}

    assert len(tokens) == 100
    assert all(len(token) == 43 for token in tokens)
    assert digest("a") != b"a"
