"""What a detector is, and the frame that it is given."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from detectors.crops import Area, Crop, Cutter
from domain.detections import Box, Detection
from domain.errors import Unavailable

type Picture = NDArray[np.uint8]
"""Height x width x 3, blue first."""
type Luma = NDArray[np.uint8]
"""Height x width: how bright each point is."""


class DetectorFailed(Unavailable):
    """The model could not be loaded, or broke on a frame; the text says how."""

    code: ClassVar[str] = "detector-failed"
    title: ClassVar[str] = "Detection does not work at the moment"


class Frame(Protocol):
    """One decoded picture of a stream; what it gives is made when asked, in the caller's thread."""

    @property
    def captured_at(self) -> datetime:
        """When the media process received it, aware UTC."""
        ...

    @property
    def timestamp(self) -> int | None:
        """Its RTP timestamp as viewers of the stream are sent it, not wrapping; None: not live."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        ...

    def luma(self) -> Luma: ...

    def bgr(self) -> Picture: ...

    def cut(self, area: Area, size: tuple[int, int]) -> Picture:
        """Give a part of it in colour, scaled to fit into ``size`` (height, width), grey around."""
        ...

    def jpeg(self) -> bytes: ...


class Detector(Protocol):
    def cutter(self, picture: tuple[int, int]) -> Cutter:
        """Give who plans the crops of pictures of that width and height for it."""
        ...

    def look(
        self, frame: Frame, crops: Sequence[Crop], about: Sequence[Box]
    ) -> Sequence[Detection]:
        """Say what is in parts of ``frame``, without track numbers; raise ``DetectorFailed``.

        ``about``: for what they were cut. A thing that a crop's edge cuts is looked at once more
        with all of it if it has most of that, and is left out if not. In the calling thread, and
        from any of several at once.
        """
        ...
