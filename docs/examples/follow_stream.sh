#!/bin/sh
# Follow the stream of events with curl, and go on where it was cut off; the position is kept in a file:
#   NOTICEWIRE=http://127.0.0.1:8080 TOKEN=nw_… sh follow_stream.sh position.txt
set -u
kept=$1

while :; do
    last=$(cat "$kept" 2>/dev/null)
    curl -sSN --fail-with-body -H "Authorization: Bearer $TOKEN" ${last:+-H "Last-Event-ID: $last"} \
        "$NOTICEWIRE/v1/events/stream" |
        while IFS= read -r line; do
            case $line in
                id:*) id=${line#id: } ;;
                event:*) type=${line#event: } ;;
                data:*)
                    echo "$id $type ${line#data: }"
                    echo "$id" >"$kept"
                    ;;
            esac
        done
    sleep 3
done
