"""What `deploy/` has: files for Compose and Kubernetes that fit their schemas, around one configuration of nginx."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from mock_server.setting_table import SETTINGS
from tests.support.balancers import TEMPLATE
from tests.support.documents import ROOT
from tests.test_workflows import validator

DEPLOY = ROOT / "deploy"
COMPOSE = DEPLOY / "compose.yaml"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
DOCKERFILE = (ROOT / "Dockerfile").read_text()

Resource = dict[str, Any]


def compose() -> Resource:
    found: Resource = yaml.safe_load(COMPOSE.read_text())
    return found


def manifests() -> dict[tuple[str, str], Resource]:
    """The resources of all files by their kind and name."""
    every = [each for path in MANIFESTS for each in yaml.safe_load_all(path.read_text())]
    found = {(each["kind"], each["metadata"]["name"]): each for each in every}
    assert len(found) == len(every)
    return found


def pod(kind: str, name: str) -> Resource:
    found: Resource = manifests()[kind, name]["spec"]["template"]["spec"]
    return found


def test_the_compose_file_fits_the_specification() -> None:
    check = validator("compose-spec")
    assert [error.message for error in check.iter_errors(compose())] == []
    wrong = compose() | {"servces": {}}
    assert not check.is_valid(wrong)


def test_the_manifests_fit_the_schemas_of_kubernetes() -> None:
    from kubernetes_validate import utils

    newest = utils.latest_version()
    for resource in manifests().values():
        utils.validate(resource, newest, strict=True)
    with pytest.raises(utils.ValidationError):
        utils.validate({**resource, "spce": {}}, newest, strict=True)


# nginx


def variables(environment: Resource | list[Resource]) -> dict[str, str]:
    if isinstance(environment, list):
        return {each["name"]: each.get("value", "") for each in environment}
    return environment


def nginx_environments() -> Iterator[dict[str, str]]:
    yield variables(compose()["services"]["sandbox"]["environment"])
    yield variables(pod("Deployment", "sandbox")["containers"][0]["env"])


def test_kubernetes_has_the_configuration_of_nginx_as_it_is() -> None:
    assert manifests()["ConfigMap", "sandbox-nginx"]["data"] == {TEMPLATE.name: TEMPLATE.read_text()}


def test_all_variables_of_the_configuration_are_given_and_no_other_would_be_replaced() -> None:
    wanted = set(re.findall(r"\$\{(\w+)\}", TEMPLATE.read_text()))
    named = set(re.findall(r"\$(\w+)", TEMPLATE.read_text()))
    for environment in nginx_environments():
        assert environment.keys() == wanted | {"NGINX_ENVSUBST_OUTPUT_DIR"}
        # envsubst would replace them too; nginx's own are in lower case.
        assert not named & environment.keys()
        assert all(name == name.lower() for name in named)


def test_nginx_marks_no_replica_as_lost_nor_asks_another() -> None:
    for environment in nginx_environments():
        servers = [each.split() for each in environment["REPLICAS"].split(";") if each.strip()]
        assert len(servers) == 3
        assert all(words[0] == "server" and words[2:] == ["max_fails=0"] for words in servers)
    assert "proxy_next_upstream off;" in TEMPLATE.read_text()


def test_compose_names_the_address_of_each_replica() -> None:
    services = compose()["services"]
    replicas = {name: each for name, each in services.items() if name.startswith("replica-")}
    addresses = [each["networks"]["spread"]["ipv4_address"] for each in replicas.values()]
    assert re.findall(r"[\d.]+(?=:8080)", services["sandbox"]["environment"]["REPLICAS"]) == addresses
    assert services["sandbox"]["depends_on"].keys() == replicas.keys()
    settings = [dict(each["environment"]) for each in replicas.values()]
    assert [each.pop("MOCK_SERVER_REPLICA_NAME") for each in settings] == list(replicas)
    assert all(each == settings[0] for each in settings)


def test_kubernetes_has_a_service_for_each_replica() -> None:
    every, own = manifests(), manifests()["StatefulSet", "sandbox-replica"]
    assert every["Service", own["spec"]["serviceName"]]["spec"]["clusterIP"] == "None"
    labels = own["spec"]["template"]["metadata"]["labels"]
    names = [f"sandbox-replica-{number}" for number in range(own["spec"]["replicas"])]
    for name in names:
        wanted = labels | {"statefulset.kubernetes.io/pod-name": name}
        assert every["Service", name]["spec"]["selector"] == wanted
    [environment] = [variables(pod("Deployment", "sandbox")["containers"][0]["env"])]
    assert re.findall(r"[\w-]+(?=:8080)", environment["REPLICAS"]) == names


# The image


def test_containers_have_the_rights_that_the_image_needs_and_no_others() -> None:
    [user] = re.findall(r"^USER (\d+):", DOCKERFILE, re.MULTILINE)
    for kind, name, uid in (
        ("StatefulSet", "sandbox-replica", int(user)),
        ("Deployment", "sandbox", 101),
    ):
        spec = pod(kind, name)
        assert spec["automountServiceAccountToken"] is False
        for container in spec["containers"]:
            context = container["securityContext"]
            assert (context["runAsNonRoot"], context["runAsUser"]) == (True, uid)
            assert context["readOnlyRootFilesystem"] is True
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert container["readinessProbe"]
            assert container["livenessProbe"]
            assert container["resources"]["requests"]
            assert container["resources"]["limits"]
    for service in compose()["services"].values():
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_replicas_are_given_settings_that_there_are() -> None:
    known = {name for setting in SETTINGS for name in setting.variables}
    given = [compose()["services"]["replica-1"]["environment"].keys()]
    given.append(variables(pod("StatefulSet", "sandbox-replica")["containers"][0]["env"]).keys())
    for names in given:
        assert set(names) <= known


def test_no_owner_of_the_repository_is_named() -> None:
    for path in (COMPOSE, *MANIFESTS):
        assert set(re.findall(r"(?:github\.com|ghcr\.io)/([\w-]+)", path.read_text())) <= {"OWNER"}, path
