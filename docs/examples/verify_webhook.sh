#!/bin/sh
# Verify one delivery with openssl (Standard Webhooks 1.0); its body is standard input:
#   SECRET=whsec_… sh verify_webhook.sh "$webhook_id" "$webhook_timestamp" "$webhook_signature" < body.json
set -eu
id=$1 at=$2 given=$3

age=$(($(date +%s) - at))
if [ "$age" -gt 300 ] || [ "$age" -lt -300 ]; then
    echo "too old" >&2
    exit 1
fi
key=$(printf %s "${SECRET#whsec_}" | base64 -d | od -An -tx1 | tr -d ' \n')
wanted=v1,$({ printf '%s.%s.' "$id" "$at"; cat; } | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64)
for one in $given; do # while a secret is rotated, two signatures stand side by side
    if [ "$one" = "$wanted" ]; then
        echo "genuine"
        exit 0
    fi
done
echo "forged" >&2
exit 1
