"""A mock server in a container that a test suite starts, with Testcontainers for Python.

The distribution's extra `testcontainers` brings what this module needs.

with MockServerContainer("ghcr.io/OWNER/openapi-sandbox:0.2.0", count=250) as server:
    call_the_code_under_test(server.base_url, server.account("nightly").auth)
"""

from __future__ import annotations

import time
from collections.abc import Collection
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

from mock_server import container_files, setting_values
from mock_server.client import Sandbox, report_of, wait_until_healthy
from mock_server.report import writer
from mock_server.setting_parsers import secrets
from mock_server.settings import ANONYMOUS, FAIL_ON

try:
    from testcontainers.core.container import DockerContainer
except ImportError as error:
    message = f"{error}; install openapi-sandbox with its extra 'testcontainers'"
    raise ImportError(message, name=error.name) from None

# pytest shows the line of the test that made a call, instead of lines from here.
__tracebackhide__ = True

# The port that the image exposes, which Docker publishes as a free one.
PORT = 8080

_POLL_SECONDS = 0.1

# Where the server writes the certificate that it makes, in a folder that any user may write into.
_CA = "/tmp/mock_server-ca.pem"  # noqa: S108

# The lines of the log that an error shows.
_LOG_LINES = 20

# They say where the server listens in its container, which is the image's matter.
_OF_THE_IMAGE = ("host", "port")


class VerdictFailed(AssertionError):
    """The verdict at the end falls short; the message has its reasons and the report."""


class MockServerContainer(DockerContainer):
    """A mock server in a container, ready as soon as it is started.

    `image` is the image's name, e.g. `"ghcr.io/OWNER/openapi-sandbox:0.2.0"`. `settings` are those of
    `mock-server serve` by the names of their flags, e.g. `count=250`; a value is the setting's own or
    the text that the flag takes, and a list for a repeatable one. `document`, `overlay` and `fixtures`
    are paths of this machine: their files are copied into the container before it starts, with those
    that the document refers to, and with the overlay `x.overlay.yaml` beside `x.yaml`.

    With `fail_on`, `fail_under` or `fail_under_all`, the end of a `with` block judges what all accounts
    sent: it raises VerdictFailed where the verdict falls short, unless the block raised something
    itself. They are what `Sandbox.report` takes, e.g. `("violations", "warnings")` and percentages.

    With `tls_self_signed`, the certificate to trust is copied to the path `tls_ca_out`, or else to a
    temporary file; `ca` is its path.

    All else is as with any `DockerContainer`, e.g. `with_network`. Raises ValueError for wrong settings
    and paths; `start` raises TimeoutError where the server is not ready within `seconds`, and
    RuntimeError, with the end of its log, where it does not serve.

        with MockServerContainer(IMAGE, fixtures="fixtures/", fail_on=("violations",)) as server:
            account = server.account("nightly")
            call_the_code_under_test(account.base_url, account.auth)
            account.assert_called(times=2)
    """

    def __init__(
        self,
        image: str,
        *,
        seconds: float = 60.0,
        fail_on: Collection[str] | None = None,
        fail_under: float | None = None,
        fail_under_all: float | None = None,
        **settings: Any,
    ) -> None:
        wrong = [name for name in _OF_THE_IMAGE if name in settings]
        if wrong:
            raise ValueError(f"{wrong[0]}: the image sets it; leave it out, and take url or base_url.")
        values = setting_values.parse(settings)
        self._credentials = tuple(values.get("credentials") or ())
        self._secrets = secrets(self._credentials)
        self._ca_out = values.pop("tls_ca_out", None)
        self._is_self_signed = values.get("tls_self_signed", False)
        certificate = values.get("tls_cert")
        self._ca = str(certificate) if certificate else None
        self._temporary: TemporaryDirectory[str] | None = None
        files = container_files.list_files(values)
        super().__init__(image)
        self.with_exposed_ports(PORT)
        ca_out = ["--tls-ca-out", _CA] if self._is_self_signed else []
        self.with_command(["serve", *container_files.build_flags(values), *ca_out])
        for file in files:
            # As bytes, so that the container's user may read what only its owner may read here.
            self.with_copy_into_container(file.read_bytes(), str(container_files.inside(file)))
        self._seconds = seconds
        self._least = (fail_under, fail_under_all)
        self._judges = fail_on is not None or self._least != (None, None)
        self._fail_on = FAIL_ON if fail_on is None else fail_on
        self._base_path = ""

    @property
    def ca(self) -> str | None:
        """The path of the certificate that clients have to trust, None for plain HTTP.

        One that the server makes is there from the start on to the end.
        """
        return self._ca

    def start(self) -> MockServerContainer:
        """Start the container, and return it as soon as the server is healthy."""
        if self._is_self_signed:
            self._ca = str(self._ca_out or self._temporary_path())
        super().start()
        try:
            self._base_path = self._wait_until_healthy()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self, force: bool = True, delete_volume: bool = True) -> None:
        """Remove the container."""
        super().stop(force, delete_volume)
        if self._temporary is not None:
            self._temporary.cleanup()

    def __enter__(self) -> MockServerContainer:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if self._judges and error is None:
                self.judge()
        finally:
            self.stop()

    @property
    def url(self) -> str:
        """The server's root for this machine, e.g. `http://localhost:32768`."""
        scheme = "https" if self.ca else "http"
        return f"{scheme}://{self.get_container_host_ip()}:{self.get_exposed_port(PORT)}"

    @property
    def base_url(self) -> str:
        """The URL for the client under test, e.g. `http://localhost:32768/api`."""
        return f"{self.url}{self._base_path}"

    def account(self, name: str | None = None, *, token: str | None = None) -> Sandbox:
        """Return the account with this client id, e.g. `account("nightly")`, or that of a token.

        Its secret is `"secret"`, or that of the setting `credentials`. A token or key is for a document
        that asks for one, e.g. `account(token="sk_test")`.
        """
        if name is None or token is not None:
            return Sandbox(self.url, name, ca=self.ca, token=token)
        return Sandbox(self.url, name, self._secrets.get(name, "secret"), self.ca)

    def report(
        self,
        fail_on: Collection[str] = FAIL_ON,
        fail_under: float | None = None,
        fail_under_all: float | None = None,
    ) -> dict[str, Any]:
        """Return the verdict on what all accounts sent, in the shape that `Sandbox.report` documents.

        Raises `mock_server.client.NoReport` where the server gives none, e.g. because it has ended.
        """
        # A server with `credentials` answers only these, and each of them may ask about all accounts.
        known = next(iter(self._credentials), f"{ANONYMOUS}:")
        least = {"fail_under": fail_under, "fail_under_all": fail_under_all}
        return report_of(self.url, known, "*", fail_on, ca=self.ca, **least)

    def judge(self) -> None:
        """Raise VerdictFailed where the verdict falls short of what the container was given."""
        report = self.report(self._fail_on, *self._least)
        if not report["passed"]:
            reasons = "; ".join(report["reasons"])
            text = writer.render_text(report)
            raise VerdictFailed(f"the mock server's verdict falls short: {reasons}\n{text}")

    def _temporary_path(self) -> Path:
        self._temporary = TemporaryDirectory(prefix="mock_server-")
        return Path(self._temporary.name, "ca.pem")

    def _wait_until_healthy(self) -> str:
        """Return the path before all paths of the document, as the healthy server tells it."""
        deadline = time.monotonic() + self._seconds
        while True:
            status = self._status()
            problem = f"the container is {status}"
            if status == "running":
                try:
                    return self._ask_base_path()
                except OSError as error:
                    # The certificate, the published port or the server is not there yet.
                    problem = str(error)
            if time.monotonic() > deadline:
                raise TimeoutError(f"not ready within {self._seconds:g} s: {problem}\n{self._log()}")
            time.sleep(_POLL_SECONDS)

    def _status(self) -> str:
        """Return the container's status, e.g. `running`; raise RuntimeError where it has ended."""
        container = self.get_wrapped_container()
        container.reload()
        if container.status in ("exited", "dead"):
            raise RuntimeError(f"the mock server does not serve:\n{self._log()}")
        return str(container.status)

    def _ask_base_path(self) -> str:
        if self._is_self_signed:
            self.copy_from_container(_CA, Path(str(self._ca)))
        return str(wait_until_healthy(self.url, 0, self.ca)["basePath"])

    def _log(self) -> str:
        lines = b"".join(self.get_logs()).decode("utf-8", "replace").splitlines()
        # With the paths that the files have on this machine.
        return "\n".join(lines[-_LOG_LINES:]).replace(str(container_files.FOLDER), "")
