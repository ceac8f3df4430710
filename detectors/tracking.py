"""Follows things from look to look: one ByteTrack for each camera, on geometry alone.

ByteTrack compares places and sizes of boxes. It never looks at the picture, so there is nothing in
it by which a person could be known again, here or on another camera.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from detectors.environment import ultralytics
from domain.detections import Detection, ObjectClass

# Boxes are shares of the picture; the tracker's Kalman filter wants pixels of a usual picture.
WIDTH, HEIGHT = 1280, 720
CLASSES = tuple(ObjectClass)
# Five looks a second are few: a walker's box covers a third of where it was, a runner's nothing,
# and ByteTrack would call each look another person. So boxes are compared twice as wide as they
# are, and by place alone, not by place times confidence.
WIDENED = 2.0


class CameraTracker:
    """Numbers the things of one camera from 1; another camera's tracker knows nothing of them."""

    def __init__(self, private: Path, *, confidence: float) -> None:
        """Begin to follow at ``confidence``; what is followed may be fainter from then on."""
        self.begins_at = confidence
        package = ultralytics(private)
        from ultralytics.trackers.byte_tracker import BYTETracker
        from ultralytics.utils import YAML, IterableSimpleNamespace

        path = Path(package.__file__ or "").parent / "cfg/trackers/bytetrack.yaml"
        settings = YAML.load(path)  # type: ignore[no-untyped-call]  # ultralytics is half typed
        settings |= {
            "new_track_thresh": confidence,
            "track_high_thresh": confidence,
            "fuse_score": False,
        }
        self._tracker = BYTETracker(  # type: ignore[no-untyped-call]  # ultralytics is half typed
            IterableSimpleNamespace(**settings)
        )

    def follow(self, detections: Sequence[Detection]) -> list[Detection]:
        """Give those of ``detections`` that are followed, with their track numbers.

        A thing is followed from its second look on (from the first, in the first look of all): what
        is seen once may be a reflection.
        """
        from ultralytics.engine.results import Boxes

        rows = np.array([_row(one) for one in detections], np.float32).reshape(-1, 6)
        followed = self._tracker.update(Boxes(rows, (HEIGHT, WIDTH)))
        return [replace(detections[int(row[7])], track=int(row[4])) for row in followed]

    def forget(self) -> None:
        """Begin anew: nothing that comes is what was followed."""
        self._tracker.reset()  # type: ignore[no-untyped-call]  # ultralytics is half typed


def _row(one: Detection) -> tuple[float, ...]:
    box = one.box
    margin = (box.right - box.left) * (WIDENED - 1) / 2
    return (
        (box.left - margin) * WIDTH,
        box.top * HEIGHT,
        (box.right + margin) * WIDTH,
        box.bottom * HEIGHT,
        one.confidence,
        float(CLASSES.index(one.object_class)),
    )
