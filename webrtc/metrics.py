"""What a media process counts: pictures decoded and encoded, who publishes, who watches, what fell.

One `Metrics` per media process, on a registry of its own, so that tests may run several.
"""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

VIEWER, STILL, RENDITION = "viewer", "still", "rendition"


class Tally(Collector):
    """A counter for what happens thousands of times a second: a number of one thread, read on
    demand. prometheus_client's own takes a lock at each step."""

    def __init__(self, name: str, text: str, *, registry: CollectorRegistry) -> None:
        self._count = 0
        self._name, self._text = name, text
        registry.register(self)

    def inc(self, amount: int = 1) -> None:
        self._count += amount

    def collect(self) -> Iterator[Metric]:
        yield CounterMetricFamily(self._name, self._text, value=self._count)


class Metrics:
    """Decodes and encodes are counted where they could happen: `webrtc.internals`, `stills`.

    For viewers both stay 0: the relay forwards what it is given.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self.decodes = self._counter(
            "decodes", "Pictures decoded in this process, by purpose.", "purpose"
        )
        self.encodes = self._counter(
            "encodes", "Pictures encoded in this process, by purpose.", "purpose"
        )
        for counter in (self.decodes, self.encodes):
            for purpose in (VIEWER, STILL, RENDITION):
                counter.labels(purpose)  # shown from the start: 0 is the promise
        self.viewers = self._gauge("viewers", "WHEP sessions connected now.")
        self.publishers = self._gauge("publishers", "WHIP sessions connected now.")
        self.viewers_served = self._counter("viewers_served", "WHEP sessions that connected.")
        self.decodes_per_viewer = self._gauge(
            "decodes_per_viewer", "Pictures decoded to serve viewers, per viewer served."
        )
        self.decodes_per_viewer.set_function(lambda: self._per_viewer(self.decodes))
        self.encodes_per_viewer = self._gauge(
            "encodes_per_viewer", "Pictures encoded to serve viewers, per viewer served."
        )
        self.encodes_per_viewer.set_function(lambda: self._per_viewer(self.encodes))
        self.packets_in = self._tally("packets_received", "RTP packets taken from sources.")
        self.packets_out = self._tally("packets_sent", "RTP packets sent to viewers.")
        self.packets_dropped = self._counter(
            "packets_dropped", "RTP packets not forwarded, by reason.", "reason"
        )
        self.retransmitted = self._counter("packets_retransmitted", "RTP packets sent again.")
        self.sessions_failed = self._counter(
            "sessions_failed", "WHIP and WHEP sessions that ended in failure.", "role", "reason"
        )
        self.offers_refused = self._counter(
            "offers_refused", "Session descriptions refused, by problem.", "problem"
        )
        self.datagrams_refused = self._counter(
            "datagrams_refused", "Datagrams of the UDP port left unanswered, by reason.", "reason"
        )
        self.cameras = self._gauge("cameras", "Cameras of this process, by state.", "state")
        self.camera_failures = self._counter(
            "camera_failures", "Times a camera went down or did not come up.", "reason"
        )
        self.renditions = self._gauge("renditions", "Streams decoded and encoded again now.")
        self.rendition_units = self._counter(
            "rendition_units", "Pictures that no rendition shows, by reason.", "reason"
        )
        self.rendition_ends = self._counter(
            "rendition_ends", "Renditions that ended, by reason.", "reason"
        )
        self.tap_clients = self._gauge("tap_clients", "Processes reading encoded packets.")
        self.tap_packets = self._counter("tap_packets", "Pictures handed to detect processes.")
        self.tap_dropped = self._counter(
            "tap_dropped", "Pictures not handed over, since newer ones were waiting."
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"ilotier_media_{name}", text, labels, registry=self.registry)

    def _tally(self, name: str, text: str) -> Tally:
        return Tally(f"ilotier_media_{name}", text, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"ilotier_media_{name}", text, labels, registry=self.registry)

    def _per_viewer(self, counter: Counter) -> float:
        return value(counter.labels(VIEWER)) / max(1.0, value(self.viewers_served))

    def text(self) -> bytes:
        """The Prometheus exposition format."""
        return generate_latest(self.registry)


def value(metric: Counter | Gauge | Tally) -> float:
    """What a metric without open labels stands at, for tests and ratios."""
    return next(
        sample.value
        for family in metric.collect()
        for sample in family.samples
        if not sample.name.endswith("_created")
    )
