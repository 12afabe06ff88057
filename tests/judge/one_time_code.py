"""Makes the one-time codes of an otpauth address (RFC 6238) with the standard library, for each of some moments."""

import base64
import hashlib
import hmac
import json
import struct
import sys
from urllib.parse import parse_qs, urlsplit

asked = json.load(sys.stdin)
query = parse_qs(urlsplit(asked["uri"]).query, strict_parsing=True)
secret = query["secret"][0]
key = base64.b32decode(secret + "=" * (-len(secret) % 8))
period, digits = int(query["period"][0]), int(query["digits"][0])
algorithm = {"SHA1": hashlib.sha1}[query["algorithm"][0]]
for moment in asked["moments"]:
    digest = hmac.new(key, struct.pack(">Q", moment // period), algorithm).digest()
    (number,) = struct.unpack_from(">I", digest, digest[-1] & 15)
    print(str((number & 0x7FFFFFFF) % 10**digits).zfill(digits))
