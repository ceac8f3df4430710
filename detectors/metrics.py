"""What detection did, counted where it happens."""

from prometheus_client import Counter, Gauge, Histogram

FRAMES_DECODED = Counter("ilotier_detect_frames_decoded", "frames decoded for analysis")
FRAMES_ANALYSED = Counter(
    "ilotier_detect_frames_analysed",
    "frames that a motion gate or a detector looked at; without an authorisation: always 0",
    ["authorised"],
)
AUTHORISED, UNAUTHORISED = FRAMES_ANALYSED.labels("yes"), FRAMES_ANALYSED.labels("no")
FRAMES_REFUSED = Counter(
    "ilotier_detect_frames_refused", "frames that the gate of law kept from being looked at"
)
FRAMES_DROPPED = Counter(
    "ilotier_detect_frames_dropped",
    "packets or looks lost: gap (between processes), overflow (the queue), late (detector busy), "
    "damaged (undecodable)",
    ["reason"],
)
LOOKS = Counter(
    "ilotier_detect_looks",
    "looks by what the motion gate said of them; its open share is open / (open + closed)",
    ["gate"],
)
CROPS = Counter("ilotier_detect_crops", "parts of pictures that a detector was shown")
FINDINGS_ASKED = Counter(
    "ilotier_detect_findings_asked", "looks of the models that the operator has supplied"
)
INFERENCE_SECONDS = Histogram(
    "ilotier_detect_inference_seconds",
    "time of one look of a detector at all of its crops, waiting excluded",
    buckets=(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0),
)
MEASURE_SECONDS = Histogram(
    "ilotier_detect_measure_seconds",
    "time of one measure of a look (left-things, changes, flames), waiting excluded",
    ["measure"],
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05),
)
CAMERAS_WATCHED = Gauge("ilotier_detect_cameras_watched", "cameras being analysed now")
CAMERAS_BEHIND = Gauge(
    "ilotier_detect_cameras_behind", "cameras looked at markedly less often than they should be"
)
CAMERAS_IMPAIRED = Gauge(
    "ilotier_detect_cameras_impaired",
    "cameras being analysed whose pictures are the same for ever, or black or covered",
)
EVENTS_OPENED = Counter("ilotier_detect_events_opened", "events that watches opened")
