"""Follow the stream of events, and go on where it was cut off: standard library only.

NOTICEWIRE=http://127.0.0.1:8080 TOKEN=nw_… python follow_stream.py [POSITION]
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request

position = sys.argv[1] if len(sys.argv) > 1 else None  # in earnest: kept in a file, or beside what you make of events
while True:
    headers = {"Authorization": f"Bearer {os.environ['TOKEN']}"}
    if position is not None:
        headers["Last-Event-ID"] = position
    asked = urllib.request.Request(f"{os.environ['NOTICEWIRE']}/v1/events/stream", headers=headers)
    event = {}
    try:
        with urllib.request.urlopen(asked, timeout=60) as stream:
            for line in stream:
                field, _, value = line.decode().rstrip("\n").partition(":")
                if field:
                    event[field] = value.removeprefix(" ")
                elif "data" in event:  # an empty line ends an event
                    told = json.loads(event["data"])
                    if event.get("event") == "reset":
                        print("events were missed:", told, file=sys.stderr)
                    else:
                        print(event["id"], told["type"], told["subject"], flush=True)
                    position, event = event.get("id", position), {}
                else:
                    event = {}
    except urllib.error.HTTPError as error:
        sys.exit(f"refused: {error.code} {error.read().decode()}")
    except OSError as error:
        print(f"cut off ({error}), once more", file=sys.stderr)
    time.sleep(3)
