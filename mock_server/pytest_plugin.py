"""The name that the pytest plugin had, e.g. for `-p mock_server.pytest_plugin`."""

pytest_plugins = ("pytest_mock_server",)
