"""Connexion with Flask as they come: the published document, and a handler that gives a fixed page."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import connexion
import uvicorn
from connexion.resolver import Resolver

PAGE = json.loads(Path(sys.argv[2]).read_bytes())
DOCUMENT = Path(__file__).parent.parent / "spec" / "usage.latest.product.live.yaml"


def page(**_parameters: Any) -> Any:
    return PAGE


if __name__ == "__main__":
    app = connexion.FlaskApp(__name__)
    # The document's server is a whole URL, of which Connexion takes the path.
    app.add_api(DOCUMENT, base_path="/api", resolver=Resolver(lambda _operation_id: page))
    uvicorn.run(app, port=int(sys.argv[1]), access_log=False, log_level="error")
