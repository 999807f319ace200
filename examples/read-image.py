#!/usr/bin/env python3
"""Waits for the next image of any camera, and writes it to a file.

    pip install redis
    python3 examples/read-image.py newest.jpg      (REDIS_URL: which Redis, default redis://localhost:6379)
"""

import json
import os
import sys

import redis

# decode_responses stays off: an image is bytes, not text.
store = redis.from_url(os.environ.get("REDIS_URL", "redis://localhost:6379"))

print("Waiting for the next image ...")
last = "$"
while True:
    for _stream, entries in store.xread({"events": last}, block=0):
        for last, fields in entries:
            event = json.loads(fields[b"event"])
            if event["event"] != "captured":
                continue
            image = store.hget(event["key"], "image_data")
            if image is None:
                print(f"{event['id']} has expired already")
                continue
            with open(sys.argv[1], "wb") as file:
                file.write(image)
            lux = "unknown" if event["lux"] is None else f"{event['lux']} lx"
            print(f"{event['id']}: {len(image)} bytes, light {lux}, by {event['trigger']}, written to {sys.argv[1]}")
            sys.exit(0)
