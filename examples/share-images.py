#!/usr/bin/env python3
"""One of several workers that share the images of a site: each image is examined by one of them, and what it found is
added to the image's meta. Start as many as you like, where you like; any of them may be killed at any time.
docs/workers.md says how it works.

    pip install redis
    python3 examples/share-images.py                 (REDIS_URL, PREFIX: which Redis and site; CLUSTER=1: a cluster)
    python3 examples/share-images.py --catch-up      examines what has no result yet, and ends
"""

import json
import logging
import os
import socket
import sys
import time
from urllib.parse import urlsplit

import redis

prefix = os.environ.get("PREFIX", "")
events = prefix + "events"
# The name of the work: of the group that shares it, and of its result in `meta`.
work = os.environ.get("WORK", "examined")
me = f"{socket.gethostname()}-{os.getpid()}"
# Seconds after which an image is taken from a worker that is not done with it: longer than one ever takes.
patience = float(os.environ.get("PATIENCE", "60"))

# One Redis; or several nodes of a cluster, with commas between them, whose user, password and scheme are the first's.
url, *others = os.environ.get("REDIS_URL", "redis://localhost:6379").split(",")
store = None  # main() connects.
# The cluster's client logs each answer that is an error, also those that are expected; main() says what matters.
logging.getLogger("redis").setLevel(logging.CRITICAL)

# What ends by itself, or by connecting anew: Redis is away or starts, another one takes over.
passing = (
    *(redis.ConnectionError, redis.TimeoutError, redis.ReadOnlyError),
    *(redis.exceptions.ClusterError, redis.exceptions.RedisClusterException),
    *(redis.exceptions.AskError, redis.exceptions.TryAgainError),
)

# Answers 1, 0 if the meta is not what it was, or -1 if the image is gone, which must not come back without its bytes.
replace_meta = """
if redis.call('HEXISTS', KEYS[1], 'image_data') == 0 then return -1 end
if redis.call('HGET', KEYS[1], 'meta') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'meta', ARGV[2])
return 1"""


def examine(image):
    """Put your own work in here: a model that knows cats, a reader of number plates, ..."""
    return {"bytes": len(image), "by": me}


def connect():
    # decode_responses stays off: an image is bytes, not text.
    if os.environ.get("CLUSTER") != "1":
        return redis.from_url(url)
    nodes = [urlsplit(other) for other in others]
    nodes = [redis.cluster.ClusterNode(node.hostname, node.port or 6379) for node in nodes]
    return redis.RedisCluster.from_url(url, startup_nodes=nodes)


def share():
    """Takes one image after the other, for ever."""
    try:
        # From the oldest event on. The group is there already if another worker came first.
        store.xgroup_create(events, work, id="0", mkstream=True)
    except redis.ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise
    print(f"{me} is ready", flush=True)
    place = b"0-0"
    while True:
        # First what another worker took and did not finish: it has died.
        place, left, *_ = store.xautoclaim(events, work, me, int(patience * 1000), start_id=place, count=1)
        for entry, fields in left or next_events():
            image = captured_image(fields)
            if image is not None:
                add_result(image)
            # Last: an image whose worker dies before this is taken up by another.
            store.xack(events, work, entry)


def next_events():
    """The next event that no worker has got yet; none if there was none for a second."""
    streams = store.xreadgroup(work, me, {events: ">"}, count=1, block=1000)
    return streams[0][1] if streams else []


def catch_up():
    """Examines all images that have no result yet, from the oldest on. One worker at a time is enough."""
    for camera in store.smembers(prefix + "cameras"):
        for image in store.zrange(f"{prefix}images:{camera.decode()}", 0, -1):
            add_result(image.decode())


def captured_image(fields):
    """The id of the image that an event tells of; None if it tells of something else."""
    try:
        event = json.loads(fields[b"event"])
        return event["id"] if event["event"] == "captured" else None
    except (ValueError, TypeError, KeyError):
        return None  # Somebody else wrote it.


def add_result(image):
    """Examines an image, unless it is gone or was examined already, and adds the result to its meta."""
    key = f"{prefix}image:{image}"
    known = store.hget(key, "meta")
    if known is None or work in read_meta(known):
        return
    data = store.hget(key, "image_data")
    if data is None:
        return
    try:
        result = examine(data)
        json.dumps(result, allow_nan=False)  # Of one that is no JSON nobody could read any of the meta.
    except Exception as error:  # What can't be examined gets a result too, or it would be tried for ever.
        result = {"error": str(error)}
    done = 0
    while done == 0:
        meta = read_meta(known)
        if work in meta:
            return
        done = store.eval(replace_meta, 1, key, known, json.dumps({**meta, work: result}))
        # Somebody else has changed it in between: theirs is kept, and ours added to it.
        known = store.hget(key, "meta") or b"{}"


def read_meta(text):
    """What stands in an image's meta. What others have written and nobody can read gives way: no worker must end at it."""
    try:
        meta = json.loads(text.decode(errors="replace"), parse_constant=no_number)
    except ValueError:
        return {}
    return meta if isinstance(meta, dict) else {}


def no_number(name):
    """NaN and the like, which Python alone takes for JSON."""
    raise ValueError(f"{name} is no JSON")


def passes(error):
    """Whether an error ends by itself, also that the group was deleted: share() makes it again."""
    if isinstance(error, redis.AuthenticationError):
        return False
    return isinstance(error, passing) or str(error).startswith(("NOGROUP", "UNBLOCKED"))


def main():
    global store
    while True:
        try:
            store = connect()
            return catch_up() if "--catch-up" in sys.argv else share()
        # Of some errors the cluster's client makes no RedisError.
        except (redis.RedisError, redis.exceptions.RedisClusterException) as error:
            if not passes(error):
                raise
            # What was in hand is handed out again, and what was written before is not written twice.
            print(f"{me} goes on in a second: {error}", file=sys.stderr, flush=True)
            if store:
                store.close()
            time.sleep(1)


if __name__ == "__main__":
    main()
