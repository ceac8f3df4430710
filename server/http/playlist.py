"""A playback as an HLS media playlist (RFC 8216): parts of the segments that are there already.

Each recorded segment has its own head and its own line of time; where one ends another timeline
begins, and each says when it was filmed. A hole is what lies between two of those times.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from math import ceil

from domain.cues import Part
from domain.streams import Codec
from server.database.playbacks import Stored

MEDIA_TYPE = "application/vnd.apple.mpegurl"
#: Two processes that change shifts at a camera may both have a moment of it: it is shown once.
OVERLAP = timedelta(seconds=1)
_PLAYED_NOWHERE = Codec.VP8  # in MP4
VERSION = 7  # EXT-X-MAP in a playlist of pictures


def media_playlist(
    segments: Iterable[Stored], *, since: datetime, until: datetime, without: Codec | None = None
) -> str | None:
    """The text of it; None when there is nothing to be played.

    ``without``: what the player has not; its parts are asked for in H264, as those in VP8 are.
    """
    lines: list[str] = []
    longest_s = 0.0
    seen: datetime | None = None
    for one in segments:
        if one.cues is None:
            continue
        parts = [
            part
            for part in one.cues.parts(one.segment.started_at, since=since, until=until)
            if seen is None or part.starts_at > seen - OVERLAP
        ]
        if not parts:
            continue
        if lines:
            lines.append("#EXT-X-DISCONTINUITY")
        as_it_came = one.codec not in (_PLAYED_NOWHERE, without)
        begins, rest = (_as_it_came if as_it_came else _in_h264)(one, parts)
        lines.append(begins)
        lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{_text(parts[0].starts_at)}")
        lines.extend(rest)
        longest_s = max(longest_s, *(_lasts_s(part) for part in parts))
        seen = parts[-1].ends_at
    if not lines:
        return None
    head = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{VERSION}",
        f"#EXT-X-TARGETDURATION:{ceil(longest_s)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    return "\n".join([*head, *lines, "#EXT-X-ENDLIST", ""])


def _as_it_came(one: Stored, parts: Iterable[Part]) -> tuple[str, Iterator[str]]:
    """Where its head is, and the lines of its parts."""
    url = f"segments/{one.segment.id}.mp4"  # FFmpeg wants to see what it is
    size = one.cues.head_size if one.cues else 0
    rest = (
        line
        for part in parts
        for line in (_lasts(part), f"#EXT-X-BYTERANGE:{part.size}@{part.offset}", url)
    )
    return f'#EXT-X-MAP:URI="{url}",BYTERANGE="{size}@0"', rest


def _in_h264(one: Stored, parts: Sequence[Part]) -> tuple[str, Iterator[str]]:
    url = f"segments/{one.segment.id}/h264.mp4"
    rest = (line for part in parts for line in (_lasts(part), f"{url}?{_places(part)}"))
    return f'#EXT-X-MAP:URI="{url}?{_places(parts[0])}&head=1"', rest


def _places(part: Part) -> str:
    return f"start={part.offset}&stop={part.offset + part.size}"


def _lasts(part: Part) -> str:
    return f"#EXTINF:{_lasts_s(part):.5f},"


def _lasts_s(part: Part) -> float:
    return (part.ends_at - part.starts_at).total_seconds()


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
