"""Receive webhooks and verify them: standard library only. SECRET=whsec_… python verify_webhook.py [PORT]"""

import base64
import hashlib
import hmac
import json
import os
import re
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = base64.b64decode(os.environ["SECRET"].removeprefix("whsec_"))
SEEN = set()  # in earnest: a table, for a delivery may come again after a restart


def is_signed(headers, body):
    """Tell whether a delivery is signed with our secret (Standard Webhooks 1.0), and not older than five minutes."""
    message, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not re.fullmatch("[0-9]{1,12}", at) or abs(time.time() - int(at)) > 300:
        return False
    signed = f"{message}.{at}.".encode() + body
    wanted = b"v1," + base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest())
    # While a secret is rotated, two signatures stand side by side.
    given = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(wanted, one.encode("utf-8", "replace")) for one in given)


class Receiver(BaseHTTPRequestHandler):
    """Answers what noticewire sends."""

    def do_OPTIONS(self):
        """Consent to deliveries, when asked for it (CloudEvents, Web Hooks for Event Delivery, 4)."""
        self.send_response(200)
        self.send_header("WebHook-Allowed-Origin", self.headers.get("WebHook-Request-Origin", "*"))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self):
        """Take a delivery: verify it, note its id, answer soon."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        genuine = is_signed(self.headers, body)
        if genuine and self.headers["webhook-id"] not in SEEN:
            SEEN.add(self.headers["webhook-id"])
            binary = "ce-id" in self.headers  # the attributes are headers, and the body is the data alone
            event = {} if binary else json.loads(body)
            told = (self.headers[f"ce-{name}"] if binary else event[name] for name in ("sequence", "type", "subject"))
            print(*told, flush=True)
        self.send_response(204 if genuine else 401)
        self.end_headers()

    def log_message(self, *_):
        """Say nothing beside the events."""


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0), Receiver)
print(f"listening on {server.server_port}", flush=True)
server.serve_forever()
