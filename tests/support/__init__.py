"""What test files share. Its assertions show their values, as those of test files do."""

import pytest

pytest.register_assert_rewrite(
    *(f"{__name__}.{module}" for module in ("callers", "documents", "faults", "processes", "wire"))
)
