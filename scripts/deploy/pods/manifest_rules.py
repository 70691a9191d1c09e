"""Properties of the objects in deploy/kubernetes that schemas do not express."""

# The values of fields that have few, by the last names of the path. Schemas list none of them.
VALUES = {
    "restartPolicy": {"Never", "Always", "OnFailure"},
    "completionMode": {"Indexed", "NonIndexed"},
    "podReplacementPolicy": {"Failed", "TerminatingOrFailed"},
    "podFailurePolicy.rules.action": {"FailJob", "FailIndex", "Ignore", "Count"},
    "onExitCodes.operator": {"In", "NotIn"},
    "onPodConditions.type": {"DisruptionTarget"},
    "onPodConditions.status": {"True", "False", "Unknown"},
    "imagePullPolicy": {"Always", "IfNotPresent", "Never"},
    "protocol": {"TCP", "UDP", "SCTP"},
    "httpGet.scheme": {"HTTP", "HTTPS"},
    "seccompProfile.type": {"RuntimeDefault", "Localhost", "Unconfined"},
    "fsGroupChangePolicy": {"OnRootMismatch", "Always"},
    "policyTypes": {"Ingress", "Egress"},
    "accessModes": {"ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"},
    "strategy.type": {"Recreate", "RollingUpdate"},
    "clusterIP": {"None"},
    "capabilities.drop": {"ALL"},
    "successPolicy.operator": {"All", "Any"},
    "failurePolicy.rules.action": {
        "FailJobSet", "RestartJobSet", "RestartJobSetAndIgnoreMaxRestarts"},
    "onJobFailureReasons": {
        "BackoffLimitExceeded", "DeadlineExceeded", "FailedIndexes", "MaxFailedIndexesExceeded",
        "PodFailurePolicy"},
}
TEMPLATES = {"Job": "batch/v1", "Deployment": "apps/v1"}
NAME = "app.kubernetes.io/name"
COMPONENT = "app.kubernetes.io/component"
PERMANENT = {64, 65, 70, 78}  # exit codes that a restart does not repair
PORTS = {"training": 5555, "health": 8080}
GRACE = 60  # seconds that the server has at least for a checkpoint
# Made by the administrator, since it is not known before the server has started.
SECRET = ("tributary-invitation", "invitation")


def leaves(value, path=()):
    """All values that are no objects or lists, with the names of the fields that contain them."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, str(key)))
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, path)
    else:
        yield path, value


def value_faults(thing):
    """Fields with a value that is none of those that Kubernetes or JobSet accepts."""
    return [
        f"{'.'.join(path)} is {value!r}, none of {', '.join(sorted(VALUES[name]))}"
        for path, value in leaves(thing)
        for name in VALUES
        if ".".join(path).endswith(name) and path[-1] == name.split(".")[-1]
        and value not in VALUES[name]]


def jobs(jobset):
    """The Jobs of a JobSet."""
    return [
        {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": group["name"]},
         "spec": group["template"]["spec"]}
        for group in jobset["spec"]["replicatedJobs"]]


class Objects:
    """The objects of a folder; the Jobs of a JobSet count as objects of their own."""

    def __init__(self, things):
        self.things = [
            inner for thing in things
            for inner in ([thing, *jobs(thing)] if thing["kind"] == "JobSet" else [thing])]

    def of(self, kind):
        return [thing for thing in self.things if thing["kind"] == kind]

    def names(self, kind):
        return {thing["metadata"]["name"] for thing in self.of(kind)}

    def pods(self):
        """The kind, the labels and the specification of every pod."""
        for thing in self.things:
            if thing["kind"] in TEMPLATES:
                pod = thing["spec"]["template"]
                yield thing, pod["metadata"].get("labels", {}), pod["spec"]
            elif thing["kind"] == "Pod":
                yield thing, thing["metadata"].get("labels", {}), thing["spec"]


def faults(things):
    """All violated rules."""
    objects = Objects(things)
    found = []
    for thing, labels, pod in objects.pods():
        name = f"{thing['kind']} {thing['metadata']['name']}"
        component = labels.get(COMPONENT)
        checks = [_security(pod), _references(pod, objects), _image(pod)]
        if labels.get(NAME) != "tributary" or component not in (
                "server", "worker", "invitation"):
            checks.append([f"the labels of its pods are {labels}"])
        if component == "server":
            checks.append(_server(thing, pod, objects))
        if component == "worker":
            checks.append(_worker(thing, pod, objects))
        found += [f"{name}: {fault}" for check in checks for fault in check]
    if any(labels.get(COMPONENT) == "server" for _, labels, _ in objects.pods()):
        found += _services(objects) + _policies(objects)
        if not any(labels.get(COMPONENT) == "worker" for _, labels, _ in objects.pods()):
            found.append("there are no workers")
    return found


def _expect(what, value, expected):
    return [] if value == expected else [f"{what} is {value!r}, not {expected!r}"]


def _security(pod):
    """The restricted profile of Kubernetes, and a root that is read-only."""
    context = pod.get("securityContext", {})
    found = _expect("runAsNonRoot", context.get("runAsNonRoot"), True)
    found += _expect("runAsUser", context.get("runAsUser"), 65532)
    found += _expect("seccompProfile", context.get("seccompProfile"), {"type": "RuntimeDefault"})
    found += _expect(
        "automountServiceAccountToken", pod.get("automountServiceAccountToken"), False)
    for container in pod["containers"]:
        inner = container.get("securityContext", {})
        for field, value in {
                "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]}}.items():
            found += _expect(field, inner.get(field), value)
        limits = container.get("resources", {}).get("limits", {})
        if "memory" not in limits:
            found.append(f"container {container['name']} has no limit of memory")
    return found


def _image(pod):
    # kustomize replaces names without a registry by those of the site.
    return [f"the site does not name the image {container['image']}"
            for container in pod["containers"] if "/" not in container["image"]]


def _references(pod, objects):
    """The names of other objects exist, and every mounted volume."""
    found = []
    volumes = {volume["name"]: volume for volume in pod.get("volumes", [])}
    for volume in volumes.values():
        claim = volume.get("persistentVolumeClaim", {}).get("claimName")
        known = objects.names("PersistentVolumeClaim")
        if claim and claim not in (known or {"tributary-runs"}):
            found.append(f"there is no claim {claim}")
    for container in pod["containers"]:
        found += [f"there is no volume {mount['name']}"
                  for mount in container.get("volumeMounts", []) if mount["name"] not in volumes]
        names = [source.get("configMapRef", {}).get("name")
                 for source in container.get("envFrom", [])]
        found += [f"there is no ConfigMap {name}"
                  for name in names if name not in objects.names("ConfigMap")]
        for variable in container.get("env", []):
            secret = variable.get("valueFrom", {}).get("secretKeyRef")
            if secret and (secret["name"], secret["key"]) != SECRET:
                found.append(f"the Secret and its key are {secret}, not {SECRET}")
    return found


def _failure_rules(thing, container, action):
    """The codes that end a Job or an index, and whether disruptions are ignored."""
    rules = thing["spec"].get("podFailurePolicy", {}).get("rules", [])
    ignored = [rule for rule in rules if rule["action"] == "Ignore"
               and rule.get("onPodConditions") == [{"type": "DisruptionTarget", "status": "True"}]]
    found = [] if ignored else ["evictions are counted as failures"]
    codes = [rule["onExitCodes"] for rule in rules if rule["action"] == action]
    values = {value for rule in codes if rule.get("containerName") == container
              and rule["operator"] == "In" for value in rule["values"]}
    if not PERMANENT <= values:
        found.append(f"{action} on {sorted(values)}; {sorted(PERMANENT)} are needed")
    if 75 in values or 143 in values:
        found.append("codes 75 and 143 mean that a restart helps")
    return found + _expect(
        "restartPolicy", thing["spec"]["template"]["spec"]["restartPolicy"], "Never")


def _server(thing, pod, objects):
    spec = thing["spec"]
    container = pod["containers"][0]
    found = _expect("kind", thing["kind"], "Job")
    found += _expect("completions", spec.get("completions"), 1)
    found += _expect("parallelism", spec.get("parallelism"), 1)
    found += _expect("podReplacementPolicy", spec.get("podReplacementPolicy"), "Failed")
    found += _failure_rules(thing, "server", "FailJob")
    if pod.get("terminationGracePeriodSeconds", 30) < GRACE:
        found.append(f"the grace period is shorter than {GRACE} s")
    ports = {port["name"]: port["containerPort"] for port in container.get("ports", [])}
    found += _expect("ports", ports, PORTS)
    words = dict(word.split("=", 1) for word in container["args"] if "=" in word)
    found += _expect("command", container["args"][0], "server")
    if "--continue" not in container["args"]:
        found.append("--continue is missing, so a replaced pod does not resume the run")
    for option, port in (("--listen", "training"), ("--health", "health")):
        if not words.get(option, "").endswith(f":{PORTS[port]}"):
            found.append(f"{option} is {words.get(option)}, not at port {PORTS[port]}")
    mounts = {mount["mountPath"] for mount in container.get("volumeMounts", [])}
    if not any(words.get("--run", "").startswith(mount + "/") for mount in mounts):
        found.append(f"--run is {words.get('--run')}, in none of the volumes at {mounts}")
    found += _expect("--advertise", words.get("--advertise"), _server_name(objects))
    for probe, path in {"startupProbe": "/healthz", "livenessProbe": "/healthz",
                        "readinessProbe": "/readyz"}.items():
        request = container.get(probe, {}).get("httpGet", {})
        found += _expect(probe, (request.get("path"), request.get("port")), (path, "health"))
    return found


def _server_name(objects):
    """The name by which workers find the server's pod."""
    for jobset in objects.of("JobSet"):
        first = jobset["spec"]["replicatedJobs"][0]["name"]
        return f"{jobset['metadata']['name']}-{first}-0-0.{jobset['spec']['network']['subdomain']}"
    return next(iter(sorted(objects.names("Service"))), None)


def _worker(thing, pod, objects):
    spec = thing["spec"]
    container = pod["containers"][0]
    found = _expect("command", container["args"][0], "worker")
    variables = {variable["name"] for variable in container.get("env", [])}
    if "TRIBUTARY_INVITATION" not in variables:
        found.append("the invitation is not in the environment")
    if pod.get("volumes"):
        found.append("workers have a volume; that of the runs has the server's keys")
    if thing["kind"] == "Deployment":
        labels = spec["template"]["metadata"]["labels"]
        found += _expect("selector", spec["selector"], {"matchLabels": labels})
        return found + _expect("restartPolicy", pod["restartPolicy"], "Always")
    found += _expect("completionMode", spec.get("completionMode"), "Indexed")
    found += _expect("parallelism", spec.get("parallelism"), spec.get("completions"))
    if "backoffLimitPerIndex" not in spec:
        found.append("backoffLimitPerIndex is missing")
    return found + _failure_rules(thing, "worker", "FailIndex")


def _services(objects):
    """The server's headless Service, or that of a JobSet, which publishes pods before they are
    ready: a server is ready once it has workers."""
    found = []
    for jobset in objects.of("JobSet"):
        found += _expect("publishNotReadyAddresses",
                         jobset["spec"]["network"].get("publishNotReadyAddresses"), True)
        found += _expect("enableDNSHostnames",
                         jobset["spec"]["network"].get("enableDNSHostnames"), True)
        target = jobset["spec"].get("successPolicy", {}).get("targetReplicatedJobs")
        found += _expect("the Jobs that decide on success", target, ["server"])
        return found
    services = objects.of("Service")
    if len(services) != 1:
        return [f"{len(services)} Services, not 1"]
    spec = services[0]["spec"]
    found += _expect("clusterIP", spec.get("clusterIP"), "None")
    found += _expect("publishNotReadyAddresses", spec.get("publishNotReadyAddresses"), True)
    found += _expect("selector", spec.get("selector"), {NAME: "tributary", COMPONENT: "server"})
    found += _expect("ports", [(port["port"], port["targetPort"]) for port in spec["ports"]],
                     [(PORTS["training"], "training")])
    return found


def _policies(objects):
    """Traffic that the policies permit: workers to the server, and to names."""
    def selector(component):
        return {"matchLabels": {NAME: "tributary", COMPONENT: component}}

    specs = {policy["spec"]["podSelector"]["matchLabels"].get(COMPONENT): policy["spec"]
             for policy in objects.of("NetworkPolicy")}
    if set(specs) != {"server", "worker"}:
        return [f"the policies are for {sorted(map(str, specs))}"]
    server, worker = specs["server"], specs["worker"]
    training = [{"port": "training", "protocol": "TCP"}]
    found = []
    for name, spec in specs.items():
        found += _expect(f"podSelector of {name}", spec["podSelector"], selector(name))
        found += _expect(f"policyTypes of {name}", spec.get("policyTypes"), ["Ingress", "Egress"])
    found += _expect(
        "ingress of the server", server.get("ingress"),
        [{"from": [{"podSelector": selector("worker")}], "ports": training}])
    found += _expect("egress of the server", server.get("egress"), [])
    found += _expect("ingress of workers", worker.get("ingress"), [])
    found += _expect(
        "egress of workers", worker.get("egress", [])[:1],
        [{"to": [{"podSelector": selector("server")}], "ports": training}])
    names = [(port["port"], port["protocol"])
             for rule in worker.get("egress", [])[1:] for port in rule["ports"]]
    return found + _expect("egress of workers to names", names, [(53, "UDP"), (53, "TCP")])
