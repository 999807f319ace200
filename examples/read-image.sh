#!/bin/sh
# Writes a camera's newest image to a file, and prints what is known of it.
#   examples/read-image.sh front newest.jpg        (REDIS_URL: which Redis, default redis://localhost:6379)
set -eu
camera=$1
file=$2
redis() { redis-cli -u "${REDIS_URL:-redis://localhost:6379}" "$@"; }

id=$(redis --raw ZRANGE "images:$camera" 0 0 REV)
[ -n "$id" ] || { echo "There is no image of $camera" >&2; exit 1; }

# redis-cli ends its answer with a line feed, which does not belong to the picture.
redis --raw HGET "image:$id" image_data | head -c -1 > "$file"
redis HMGET "image:$id" timestamp lux trigger width height size
echo "milliseconds left: $(redis PTTL "image:$id")"
