"""What the push channels count: by channel and outcome, never by person or place."""

from prometheus_client import Counter, Gauge, Histogram

DELIVERIES = Counter(
    "ilotier_push_deliveries_total",
    "Attempts to hand a message to a push service, by what became of it",
    ["channel", "outcome"],
)
SENT_TO_ACCEPTED = Histogram(
    "ilotier_push_sent_to_accepted_seconds",
    "From the alert's sending to a push service taking it, first time only",
    ["channel"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300),
)
WAITING = Gauge("ilotier_push_waiting", "Push messages that are due now or later")
