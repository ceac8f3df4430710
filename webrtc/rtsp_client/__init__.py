"""An RTSP client (RFC 2326): a core that cannot wait, and a thin shell on asyncio around it."""
