"""Report an event as a sensor does, to try a connection, or to begin from.

    export ILOTIER_SENSOR_SECRET=whsec_...
    python report.py https://csu.example.org/api/v1/sensors/.../reports overfull-bin

Standard library only. The scheme is Standard Webhooks: where your device has a library of it, use
that. Add `--id NAME` to send the same report again: it is answered as the first time was.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid


def signed(secret: str, webhook_id: str, body: bytes) -> dict[str, str]:
    """Give the headers that say who sends this body, and when."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    timestamp = str(int(time.time()))
    said = b".".join((webhook_id.encode(), timestamp.encode(), body))
    signature = base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()
    return {
        "Content-Type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
    }


def report(url: str, kind: str, *, secret: str, webhook_id: str) -> tuple[int, str]:
    """Send one report; give the status and the answer's text."""
    body = json.dumps({"type": "sensor.event", "data": {"kind": kind}}).encode()
    headers = signed(secret, webhook_id, body)
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 - who runs it says where
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - the same
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Report an event as a sensor does.")
    parser.add_argument("url")
    parser.add_argument("kind")
    parser.add_argument("--id", default=f"msg_{uuid.uuid4().hex}")
    given = parser.parse_args()
    status, text = report(
        given.url, given.kind, secret=os.environ["ILOTIER_SENSOR_SECRET"], webhook_id=given.id
    )
    print(status, text)  # noqa: T201 - a command line
    sys.exit(0 if status == 202 else 1)
