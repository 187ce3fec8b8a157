"""A daemon that does not exist. It keeps the states of its servers in a file, and notes in another what it is told."""

import os
import re
from typing import NamedTuple

from ..errors import Failure
from ..manifest import Manifest, Service
from ..node import Node
from .daemon import Cleanup, Daemon, ReloadRequest, service_settings


class Settings(NamedTuple):
    servers: str
    journal: str


class Imaginary(Daemon):
    name = "imaginary"
    success_output = re.compile(r"all is well")
    has_servers = True
    console_help = "anything"

    def prepare(self, node: Node, service: Service, live: Manifest) -> None:
        _note(node, service, "prepared")

    def reload(self, request: ReloadRequest) -> Cleanup | None:
        _note(request.node, request.service, "reloaded")
        if os.path.exists(os.path.join(request.folder, "bitter")):
            raise Failure(f"{self.name} spits the release out")
        return lambda: _note(request.node, request.service, "proved")

    def servers(self, node: Node, service: Service) -> dict[str, str]:
        with open(service_settings(node, service, Settings).servers, encoding="utf-8") as file:
            return dict(line.split() for line in file)

    def set_drained(self, node: Node, service: Service, server: str, drained: bool) -> None:
        states = {**self.servers(node, service), server: "drained" if drained else "up"}
        with open(service_settings(node, service, Settings).servers, "w", encoding="utf-8") as file:
            file.writelines(f"{name} {state}\n" for name, state in states.items())

    def ask(self, node: Node, service: Service, words: str) -> str:
        return f"you said {words}"


def _note(node: Node, service: Service, text: str) -> None:
    with open(service_settings(node, service, Settings).journal, "a", encoding="utf-8") as file:
        file.write(f"{text}\n")
