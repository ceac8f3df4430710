"""The installation's own key: what is derived from it, and what is encrypted with it.

It lies in the data folder, readable by its owner alone, and goes with every backup: without it the
cameras' passwords can't be read.
"""

import hmac
import os
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import Unavailable

FOLDER, FILE_NAME = "secrets", "installation.key"
KEY_BYTES = 32
NONCE_BYTES = 12  # NIST SP 800-38D section 8.2: 96 bits; random, for far less than 2^32 passwords
VERSION = b"\x01"
PASS_LASTS_S = 10.0  # a browser follows at once; a phone in a tunnel asks control again


class KeyUnusable(RuntimeError):
    """The key file is not one of ours; the text says what to do."""


class InstallationKey:
    """One key, from which every purpose has its own by HKDF-SHA-256 (RFC 5869)."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise KeyUnusable(f"the installation's key has {len(key)} bytes instead of {KEY_BYTES}")
        self._key = key

    @classmethod
    def open(cls, data_dir: Path) -> "InstallationKey":
        """Read the key, making one at the first start. Two processes that start make one."""
        folder = data_dir / FOLDER
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = folder / FILE_NAME
        if not file.exists():
            _make(file)
        return cls(file.read_bytes())

    def derived(self, purpose: str) -> bytes:
        """32 bytes for one purpose: they tell nothing of the key or of other purposes."""
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(
            self._key
        )

    @property
    def internal_token(self) -> str:
        """What processes of this installation show each other."""
        return self.derived("ilotier internal calls").hex()

    @property
    def pass_key(self) -> "PassKey":
        """What sends a client from control to a media process."""
        return PassKey(self.derived("ilotier passes"))

    def edge_key(self, holder: str) -> bytes:
        """What this installation and one edge have in common; the edge has no other secret."""
        return self.derived(f"ilotier {holder}")

    @property
    def recordings(self) -> bytes:
        """What wraps the key of each recording."""
        return self.derived("ilotier recordings")

    @property
    def receipts(self) -> Ed25519PrivateKey:
        """What signs the receipts of destroyed recordings (RFC 8032)."""
        return Ed25519PrivateKey.from_private_bytes(self.derived("ilotier destruction receipts"))

    @property
    def vault(self) -> "Vault":
        """Where the cameras' passwords are sealed."""
        return Vault(self.derived("ilotier camera passwords"))


class Vault:
    """Seals short secrets with AES-256-GCM, each bound to the thing it belongs to."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, secret: str, *, about: str) -> bytes:
        """Encrypt; ``about`` must be said again to open it: a row copied elsewhere stays shut."""
        nonce = os.urandom(NONCE_BYTES)
        return VERSION + nonce + self._cipher.encrypt(nonce, secret.encode(), about.encode())

    def open(self, sealed: bytes, *, about: str) -> str:
        """Raises ``Unavailable`` when it was sealed with another key, for another thing, or cut."""
        nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        if sealed[:1] == VERSION and len(nonce) == NONCE_BYTES:
            with suppress(InvalidTag):
                return self._cipher.decrypt(nonce, body, about.encode()).decode()
        raise Unavailable("this installation's key does not open the password: restore the key")


@dataclass(frozen=True)
class PassKey:
    """Signs passes in control and checks them in a media process of the installation.

    A pass is leave to begin one WebRTC session there, for some seconds. It names no right of its
    own: the media process was told of the session before, and forgets it once begun.
    """

    key: bytes

    def sign(self, session_id: UUID, *, expires_at_s: int) -> str:
        """The pass for one session, good until then (seconds since 1970)."""
        return f"{expires_at_s}-{self._mac(session_id, expires_at_s)}"

    def holds(self, given: str, session_id: UUID, *, now_s: float) -> bool:
        """Whether ``given`` is the pass of that session, and still good."""
        expires, _, mac = given.partition("-")
        if not (expires.isascii() and expires.isdecimal() and len(expires) <= 12):
            return False
        expected = self._mac(session_id, int(expires))
        signed = hmac.compare_digest(mac.encode(errors="replace"), expected.encode())
        return signed and now_s < int(expires)

    def _mac(self, session_id: UUID, expires_at_s: int) -> str:
        said = f"session {session_id} until {expires_at_s}"
        return hmac.new(self.key, said.encode(), sha256).hexdigest()


def _make(file: Path) -> None:
    """Write a new key beside and link it in place: never half a key, and the first one stays."""
    aside = file.with_name(f"{file.name}.{token_hex(8)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as writing:
            writing.write(os.urandom(KEY_BYTES))
            writing.flush()
            os.fsync(writing.fileno())
        with suppress(FileExistsError):
            os.link(aside, file)
    finally:
        aside.unlink(missing_ok=True)
