"""The key that names this installation to push services."""

from base64 import urlsafe_b64decode
from datetime import UTC, datetime
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from push.vapid import TOKEN_LIFETIME, vapid_key


def test_the_key_is_made_once_and_for_this_user_only(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    first = vapid_key(folder)

    assert vapid_key(folder).public == first.public
    assert [path.name for path in folder.iterdir()] == ["vapid.pem"]
    assert (folder / "vapid.pem").stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0


def test_a_token_names_the_service_the_sender_and_its_end(tmp_path: Path) -> None:
    key, now = vapid_key(tmp_path), datetime.now(UTC).replace(microsecond=0)
    header = key.authorization(
        "https://push.example.org/send/abc", contact="mailto:ilotier@localhost", now=now
    )

    scheme, _, rest = header.partition(" ")
    parts = dict(one.split("=", 1) for one in rest.split(","))
    assert scheme == "vapid"
    assert parts["k"] == key.public
    point = urlsafe_b64decode(key.public + "=")
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    claims = jwt.decode(parts["t"], public, ["ES256"], audience="https://push.example.org")
    assert claims["sub"] == "mailto:ilotier@localhost"
    assert claims["exp"] == int((now + TOKEN_LIFETIME).timestamp())
