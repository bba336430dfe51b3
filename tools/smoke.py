"""Start the installed server, read all pages of each list, get the verdict, and end it.

    python tools/smoke.py          on any system that Python has; nothing beside the package is needed

Where MOCK_SERVER_URL names a server, that one is asked, and goes on. The exit status is 1 where anything
is not as it should be.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LIMIT = 40


def get(url: str) -> Any:
    """Return the JSON that a URL answers with."""
    credentials = base64.b64encode(b"smoke:secret").decode()
    request = urllib.request.Request(url, headers={"Authorization": f"Basic {credentials}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


@contextmanager
def running() -> Iterator[str]:
    """Start a server, and end it afterwards; give its root."""
    command = [sys.executable, "-m", "mock_server", "serve", "--port", "0", "--quiet"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = re.search(r"at (http://\S+)", process.stdout.readline())
        if found is None:
            raise SystemExit("the server did not say where it listens")
        yield found[1]
    finally:
        process.terminate()
        status = process.wait(30)
    # Windows has no signal that a process could end well by.
    if status and sys.platform != "win32":
        raise SystemExit(f"the server ended with {status}")


def walk(base: str, collection: str) -> int:
    """Read a list page by page; return how many records came, each of them once."""
    seen: list[str] = []
    query = {"limit": LIMIT}
    while True:
        page = get(f"{base}/{collection}?{urllib.parse.urlencode(query)}")
        seen += [record["id"] for record in page["items"]]
        if "after" not in page["pagination"]:
            break
        query["after"] = page["pagination"]["after"]
    if not len(seen) == len(set(seen)) == page["pagination"]["totalResultSize"]:
        raise SystemExit(f"{collection}: {len(seen)} records came, {len(set(seen))} different ones")
    return len(seen)


def try_out(url: str) -> None:
    """Read all that a server has, and have it judge that."""
    health = get(f"{url}/_mock/health")
    for collection in health["records"]:
        print(f"{collection}: {walk(url + health['basePath'], collection)} records")
    report = [sys.executable, "-m", "mock_server", "report", url]
    raise SystemExit(subprocess.run(report, check=False).returncode)


if __name__ == "__main__":
    named = os.environ.get("MOCK_SERVER_URL")
    if named:
        try_out(named)
    with running() as started:
        try_out(started)
