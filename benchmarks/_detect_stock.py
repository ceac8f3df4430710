"""The base: ultralytics' own `track` on a file, at five pictures a second of its twenty-five.

    python -m benchmarks._detect_stock CLIP

A process of its own. Each line on stdin is one run of the clip; each on stdout its CPU seconds.
"""

import json
import sys
import time

from benchmarks._detect_footage import FPS
from benchmarks._detect_models import PRIVATE, untrained
from detectors.environment import ultralytics

LOOKS_PER_S = 5


def main() -> None:
    clip = sys.argv[1]
    yolo = ultralytics(PRIVATE).YOLO(str(untrained()))
    settings = {"vid_stride": FPS // LOOKS_PER_S, "stream": True, "verbose": False}
    next(iter(yolo.track(clip, **settings)))  # what is made once is no part of it
    for _ in sys.stdin:
        began_s, looks = time.process_time(), 0
        for _ in yolo.track(clip, **settings):
            looks += 1
        took_s = time.process_time() - began_s
        sys.stdout.write(json.dumps({"cpu_s": took_s, "looks": looks}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
