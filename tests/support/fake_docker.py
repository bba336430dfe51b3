"""A stand-in for Testcontainers' client of Docker: a container is a server of this process."""

from __future__ import annotations

import io
import os
import re
import tarfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from testcontainers.core.config import ConnectionMode

from mock_server import local_server
from mock_server.cli.commands import cli
from mock_server.settings import Settings


class FakeContainer:
    """Runs a server with the command of a container; its files lie below a folder."""

    id = short_id = "fake"

    def __init__(self, command: list[str], folder: Path) -> None:
        self._command = command
        self._folder = folder
        self._running = ExitStack()
        self._output = ""
        self.status = "created"
        (folder / "tmp").mkdir(parents=True)
        self.url = ""

    def put_archive(self, path: str, data: bytes) -> bool:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for member in archive.getmembers():
                assert member.mode & 0o444 == 0o444
                file = Path(f"{self._folder}{path}{member.name}")
                file.parent.mkdir(parents=True, exist_ok=True)
                content = archive.extractfile(member)
                assert content is not None
                file.write_bytes(content.read())
        return True

    def get_archive(self, path: str) -> tuple[list[bytes], dict[str, Any]]:
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w") as archive:
            archive.add(f"{self._folder}{path}", Path(path).name)
        return [stream.getvalue()], {}

    def start(self) -> None:
        # A path stands alone, or behind a flag and "=".
        serve, *flags = (re.sub("(^|=)/", rf"\1{self._folder}/", word) for word in self._command)
        assert serve == "serve"
        given = cli.commands[serve].make_context(serve, flags).params
        try:
            server = local_server.run(Settings(**{**given, "port": 0}))
            self.status, self.url = "running", self._running.enter_context(server).url
        except local_server.CannotStart as error:
            self.status, self._output = "exited", str(error)

    def reload(self) -> None:
        """Do nothing: the status is known."""

    def logs(self, *, stderr: bool = True, stdout: bool = True) -> bytes:
        return self._output.encode() if stderr else b""

    def remove(self, **_options: Any) -> None:
        self._running.close()
        self.status = "removed"


class FakeDockerClient:
    """What `DockerContainer` calls of its client; `folder` and `containers` are the test's."""

    folder: Path
    containers: list[FakeContainer]

    def __init__(self, **_options: Any) -> None:
        self.client = self

    def create(
        self, image: str, command: list[str], ports: dict[str, Any], **_options: Any
    ) -> FakeContainer:
        assert list(ports) == ["8080"]
        container = FakeContainer(command, self.folder / f"container{len(self.containers)}")
        self.containers.append(container)
        return container

    def start(self, container: FakeContainer) -> None:
        container.start()

    def close(self) -> None:
        """Do nothing: there is no connection."""

    def get_connection_mode(self) -> ConnectionMode:
        return ConnectionMode.docker_host

    def host(self) -> str:
        return "127.0.0.1"

    def port(self, container_id: str, port: int) -> str:
        assert (container_id, port) == ("fake", 8080)
        return str(urlsplit(self.containers[-1].url).port)


def image_of_environment() -> str | None:
    """Return the image that the tests are to run in real containers; None for the stand-in."""
    return os.environ.get("MOCK_SERVER_TEST_IMAGE")
