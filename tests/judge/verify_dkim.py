"""Verifies the DKIM signatures of messages with dkimpy.

Reads JSON: "records", the TXT records by their names; "now", the time in seconds; "messages", in Base64. Prints one line for each
message with what becomes of each of its signatures, from the top: "pass", or "fail".
"""

import base64
import json
import sys
import time

import dkim

task = json.load(sys.stdin)
# A signature of the future is none; the tests have a clock of their own.
time.time = lambda: task["now"]


def txt(name, timeout=5):
    return task["records"].get(name.decode().rstrip("."), "").encode()


for message in task["messages"]:
    verifier = dkim.DKIM(base64.b64decode(message))
    count = sum(1 for name, _ in verifier.headers if name.lower() == b"dkim-signature")
    words = []
    for index in range(count):
        try:
            passed = verifier.verify(idx=index, dnsfunc=txt)
        except dkim.DKIMException as problem:
            print(problem, file=sys.stderr)
            passed = False
        words.append("pass" if passed else "fail")
    print(" ".join(words))
