"""Mistakes that are planted in the files of deploy/kubernetes, to test their checks."""

import dataclasses

SERVER = "base/server.yaml"
SERVICE = "base/service.yaml"
POLICY = "base/network-policy.yaml"
VOLUME = "base/volume.yaml"
SITE = "site/kustomization.yaml"
INDEXED = "overlays/indexed-job/workers.yaml"
DEPLOYMENT = "overlays/deployment/workers.yaml"
JOBSET = "overlays/jobset/jobset.yaml"
POD = "invitation/pod.yaml"


@dataclasses.dataclass(frozen=True)
class Mistake:
    """A text in a file that another one replaces; the folder is the one that is checked."""

    file: str
    old: str
    new: str

    @property
    def folder(self):
        """The folder of the file, or an overlay that includes it."""
        place = self.file.rsplit("/", 1)[0]
        return place if place.startswith(("overlays", "invitation")) else "overlays/indexed-job"

    def plant(self, root):
        """Replaces the first occurrence; raises ValueError if there is none."""
        path = root / self.file
        text = path.read_text()
        if self.old not in text:
            raise ValueError(f"{self.file} has no '{self.old}'; adapt manifest_mistakes.py")
        path.write_text(text.replace(self.old, self.new, 1))

    def __str__(self):
        def short(text):
            return " ".join(text.split()) or "nothing"
        return f"{self.file}: {short(self.old)} -> {short(self.new)}"


MISTAKES = [Mistake(*mistake) for mistake in (
    # names of fields and types
    (SERVER, "podFailurePolicy:", "podFailurePolicies:"),
    (SERVER, "backoffLimit: 20", 'backoffLimit: "20"'),
    (SERVER, "fsGroupChangePolicy:", "fsGroupChange:"),
    (SERVER, "kind: Job", "kind: Jobs"),
    (SERVER, "batch/v1", "batch/v1beta1"),
    (SERVICE, "publishNotReadyAddresses:", "publishNotReady:"),
    (VOLUME, "accessModes:", "accessMode:"),
    (POLICY, "policyTypes:", "policyType:"),
    (INDEXED, "maxFailedIndexes:", "maxFailedIndices:"),
    (DEPLOYMENT, "replicas: 2", "replica: 2"),
    (JOBSET, "publishNotReadyAddresses:", "publishNotReady:"),
    (JOBSET, "replicas: 1", "replicas: one"),
    (JOBSET, "podReplacementPolicy:", "podReplacement:"),
    (JOBSET, "jobset.x-k8s.io/v1alpha2", "jobset.x-k8s.io/v1alpha1"),
    (POD, "activeDeadlineSeconds:", "activeDeadline:"),
    # values of fields that have few
    (SERVER, "restartPolicy: Never", "restartPolicy: Sometimes"),
    (SERVER, "action: FailJob", "action: Fail"),
    (SERVER, "operator: In", "operator: Equals"),
    (SERVER, "type: RuntimeDefault", "type: Default"),
    (SERVER, "podReplacementPolicy: Failed", "podReplacementPolicy: Ended"),
    (SERVER, "scheme: HTTP", "scheme: http"),
    (SERVER, "imagePullPolicy: IfNotPresent", "imagePullPolicy: Missing"),
    (SERVICE, "protocol: TCP", "protocol: tcp"),
    (VOLUME, "ReadWriteOnce", "ReadWrite"),
    (POLICY, "[Ingress, Egress]", "[Ingress, Outgress]"),
    (INDEXED, "completionMode: Indexed", "completionMode: Index"),
    (DEPLOYMENT, "type: Recreate", "type: Replace"),
    (JOBSET, "operator: All", "operator: Every"),
    (JOBSET, "action: FailJobSet", "action: FailSet"),
    (POD, "restartPolicy: Never", "restartPolicy: no"),
    # properties
    (SERVER, "values: [64, 65, 70, 78]", "values: [64, 65, 78]"),
    (SERVER, "- type: DisruptionTarget", "- type: PodScheduled"),
    (SERVER, "containerName: server", "containerName: main"),
    (SERVER, "terminationGracePeriodSeconds: 120", "terminationGracePeriodSeconds: 5"),
    (SERVER, "runAsNonRoot: true", "runAsNonRoot: false"),
    (SERVER, "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false"),
    (SERVER, "            - --continue\n", ""),
    (SERVER, "--advertise=tributary-server", "--advertise=tributary"),
    (SERVER, "path: /readyz", "path: /ready"),
    (SERVER, "containerPort: 5555", "containerPort: 5556"),
    (SERVER, "claimName: tributary-runs", "claimName: runs"),
    (SERVER, "mountPath: /runs", "mountPath: /data"),
    (SERVER, "name: tributary-settings", "name: tributary-setting"),
    (SERVER, "image: tributary", "image: trainer"),
    (SERVICE, "clusterIP: None\n", "type: ClusterIP\n"),
    (SERVICE, "component: server", "component: worker"),
    (SERVICE, "name: tributary-server", "name: tributary"),
    (VOLUME, "name: tributary-runs", "name: tributary-run"),
    (POLICY, "component: worker", "component: server"),
    (POLICY, "  egress: []\n", ""),
    (POLICY, "port: 53\n", "port: 5353\n"),
    (INDEXED, "backoffLimitPerIndex: 10\n", "backoffLimit: 10\n"),
    (INDEXED, "action: FailIndex", "action: Ignore"),
    (INDEXED, "key: invitation", "key: text"),
    (INDEXED, "drop: [ALL]", "drop: [NET_RAW]"),
    (DEPLOYMENT, "component: worker", "component: server"),
    (DEPLOYMENT, "restartPolicy: Always", "restartPolicy: Never"),
    (DEPLOYMENT, "name: TRIBUTARY_INVITATION", "name: TRIBUTARY_INVITE"),
    (JOBSET, "--advertise=tributary-server-0-0.tributary", "--advertise=tributary-server"),
    (JOBSET, "[server]", "[workers]"),
    (JOBSET, "values: [64, 65, 70, 78]", "values: [64]"),
    (POD, "runAsNonRoot: true", "runAsNonRoot: false"),
    (POD, "          readOnly: true", "          read: true"),
    # kustomizations
    (SITE, "kind: Component", "kind: Kustomize"),
    (SITE, "path: /spec/completions, value: 2", "path: /spec/completions, value: two"),
    (SITE, "path: /spec/parallelism, value: 2", "path: /spec/parallelism, value: 3"),
    (SITE, "name: tributary\n    newName", "name: tributaries\n    newName"),
    (SITE, "name: tributary-settings", "name: settings"),
    ("base/kustomization.yaml", "  - service.yaml\n", ""),
    ("overlays/indexed-job/kustomization.yaml", "components:", "component:"),
    ("overlays/indexed-job/kustomization.yaml", "  - workers.yaml\n", ""),
    ("overlays/deployment/kustomization.yaml", "../../base", "../base"),
    ("overlays/jobset/kustomization.yaml", "$patch: delete", "$patch: remove"),
    ("invitation/kustomization.yaml", "  - ../site", "  - ../sites"),
)]


def files_without(root):
    """The files in which no mistake is planted."""
    files = {str(path.relative_to(root)) for path in root.rglob("*.yaml")}
    return sorted(files - {mistake.file for mistake in MISTAKES})
