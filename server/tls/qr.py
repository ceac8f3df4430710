"""QR codes of addresses: as a picture for a page, as text for a terminal."""

import io

import segno


def qr_svg(text: str, *, scale: int = 6) -> str:
    """Return ``text`` as an SVG element, dark on white with the quiet zone that readers need."""
    buffer = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        buffer, kind="svg", scale=scale, border=4, dark="#000", light="#fff", xmldecl=False
    )
    return buffer.getvalue().decode()


def qr_text(text: str) -> str:
    """Return ``text`` as lines of half blocks for a terminal, whatever its colours are."""
    buffer = io.StringIO()
    segno.make(text, error="m", micro=False).terminal(buffer, border=2, compact=True)
    return buffer.getvalue()
