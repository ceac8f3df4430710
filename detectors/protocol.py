"""What a detector is, and the frame that it is given."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from domain.detections import Detection
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

    def luma(self) -> Luma: ...

    def bgr(self) -> Picture: ...

    def jpeg(self) -> bytes: ...


class Detector(Protocol):
    async def detect(self, frame: Frame) -> Sequence[Detection]:
        """Say what is in ``frame``, without track numbers; raise ``DetectorFailed``."""
        ...
