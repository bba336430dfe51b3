"""How long a test waits for what should come at once, before it says that nothing came."""

from __future__ import annotations

# Seconds. On a machine with other work, or with one slow core, what takes a moment may take many.
PATIENCE = 60
