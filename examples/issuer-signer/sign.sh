#!/bin/sh
# Signs for the nhi provider with a P-256 key that only whoever runs this can read. One line of JSON in, one line out.
set -eu
message=$(sed -n 's/.*"message":"\([^"]*\)".*/\1/p')
signature=$(printf '%s' "$message" | openssl base64 -d -A | openssl dgst -sha256 -sign "${NHI_SIGNING_KEY:?}" | openssl base64 -A)
printf '{"signature":"%s"}\n' "$signature"
