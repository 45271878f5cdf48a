"""As much of curl as the pages of the documentation use: -i, -X METHOD, -d DATA, -H HEADER, and the URL."""

from __future__ import annotations

import argparse
import http.client
import sys
from urllib.parse import urlsplit

parser = argparse.ArgumentParser("curl")
parser.add_argument("-i", action="store_true", dest="head")
parser.add_argument("-X", dest="method")
parser.add_argument("-d", dest="data")
parser.add_argument("-H", action="append", dest="headers", default=[])
parser.add_argument("url")
asked = parser.parse_args()

parts = urlsplit(asked.url)
headers = {"Content-Type": "application/x-www-form-urlencoded"} if asked.data is not None else {}
headers.update(line.split(": ", 1) for line in asked.headers)
method = asked.method or ("GET" if asked.data is None else "POST")
target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
wire = http.client.HTTPConnection(parts.netloc, timeout=60)
wire.request(method, target, asked.data, headers)
answer = wire.getresponse()
if asked.head:
    lines = [
        f"HTTP/1.1 {answer.status} {answer.reason}",
        *(f"{k.lower()}: {v}" for k, v in answer.getheaders()),
    ]
    sys.stdout.write("\n".join([*lines, "", ""]))
sys.stdout.write(answer.read().decode())
