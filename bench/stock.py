"""Connexion with Flask as its documentation starts it: the published document, and a fixed page."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import connexion
from connexion.resolver import Resolver

DOCUMENT = Path(__file__).parent.parent / "spec" / "usage.latest.product.live.yaml"
PAGE = json.loads(Path(sys.argv[2]).read_bytes())


def page(**_parameters: Any) -> Any:
    return PAGE


app = connexion.FlaskApp(__name__, specification_dir=DOCUMENT.parent)
# The document's server is a whole URL, of which only the path is wanted.
app.add_api(DOCUMENT.name, base_path="/api", resolver=Resolver(lambda _operation_id: page))

if __name__ == "__main__":
    app.run(port=int(sys.argv[1]), access_log=False, log_level="error")
