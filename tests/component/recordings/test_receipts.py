"""Receipts that are checked with the public key and nothing of ours."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner, Result

from domain.identifiers import CommuneId, SegmentId
from domain.receipts import Destroyed, Receipt, Why
from server.__main__ import app
from server.recordings.receipts import public_key_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SIGNER, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
KEY = public_key_of(SIGNER)


def given(day: int = 0, signer: Ed25519PrivateKey = SIGNER) -> dict[str, Any]:
    """As the API gives one."""
    at = NOON + timedelta(days=day)
    destroyed = Destroyed(
        segment_id=SegmentId(uuid4()),
        started_at=at - timedelta(days=10),
        ended_at=at - timedelta(days=10) + timedelta(minutes=2),
        size=1234,
        sha256="ab" * 32,
        destroyed_at=at,
        why=Why.RETENTION,
    )
    receipt = Receipt(
        commune_id=CommuneId(uuid4()), source=uuid4(), day=at.date(), destroyed=(destroyed,)
    )
    body = receipt.canonical()
    return {
        "body": body.decode(),
        "signature": signer.sign(body).hex(),
        "public_key": public_key_of(signer),
    }


def verify(tmp_path: Path, *files: object, key: str = KEY) -> Result:
    paths = []
    for number, said in enumerate(files):
        path = tmp_path / f"{number}.json"
        path.write_text(said if isinstance(said, str) else json.dumps(said))
        paths.append(str(path))
    return CliRunner().invoke(app, ["receipts", "verify", "--key", key, *paths])


def test_receipts_are_verified_with_the_public_key_alone(tmp_path: Path) -> None:
    result = verify(tmp_path, [given(), given(1)], given(2))

    assert result.exit_code == 0
    assert result.output.count("1 recordings, 1234 bytes") == 3
    assert "2026-03-03" in result.output


@pytest.mark.parametrize(
    "wrong",
    [
        given(signer=OTHER),  # and its file names the key that it was signed with
        given() | {"body": given()["body"]},
        given() | {"signature": "zz"},
        {"body": "{}"},
        [],
        "no JSON",
    ],
)
def test_one_receipt_that_is_not_as_it_was_signed_is_named_and_the_others_read(
    tmp_path: Path, wrong: object
) -> None:
    result = verify(tmp_path, wrong, given())

    assert result.exit_code == 1
    assert "0.json: " in result.stderr
    assert "1 recordings, 1234 bytes" in result.output


def test_a_key_that_is_none_verifies_nothing(tmp_path: Path) -> None:
    assert verify(tmp_path, given(), key="00" * 5).exit_code == 1
