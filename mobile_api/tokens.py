"""Secrets that devices carry: made here, kept by the server only as a hash.

A token holds 256 random bits, a code 50: nobody finds them by trying, so a plain SHA-256 is enough.
A PIN is short and people choose it: that one is for argon2id.
"""

from hashlib import sha256
from secrets import choice, token_urlsafe

#: Crockford's base 32: no I, L, O or U, so that a code read aloud or typed in the rain is the code.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 10
_LOOKALIKES = str.maketrans("ILOU", "110V")


def new_token() -> str:
    """Make a bearer token, or the id that Traccar Client sends: 43 URL-safe characters."""
    return token_urlsafe(32)


def digest(secret: str) -> bytes:
    """Give what the database keeps instead of ``secret``."""
    return sha256(secret.encode()).digest()


def new_code() -> str:
    """Make a one-time enrolment code, as people read it: ``7K3M9-QXD2R``."""
    half = CODE_LENGTH // 2
    letters = "".join(choice(ALPHABET) for _ in range(CODE_LENGTH))
    return f"{letters[:half]}-{letters[half:]}"


def code_digest(code: str) -> bytes:
    """Like ``digest``, whatever the case, the spaces, the dashes and the letters mistaken."""
    letters = "".join(c for c in code.upper() if c.isalnum())
    return digest(letters.translate(_LOOKALIKES))
