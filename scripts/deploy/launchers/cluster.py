"""A Slurm cluster on this host: munged, slurmctld and a slurmd for each node, with a key, ports and
files of its own."""

import contextlib
import getpass
import os
import re
import secrets
import signal
import socket
import subprocess

import cases
import processes
import training

# Each partition has nodes of its own: a case that loses nodes does not disturb the others.
PARTITIONS = {"shared": 4, "single": 3, "worker": 4, "server": 2}
ACTIVE = ("PENDING", "CONFIGURING", "RUNNING", "SIGNALING", "STAGE_OUT", "COMPLETING")
# cred_expire is the time for which a requeued job waits. JobRequeue and KillOnBadExit have values
# that the job scripts override.
CONFIGURATION = """
ClusterName=trial
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket,cred_expire=5
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,bf_interval=1,sched_interval=1
SlurmdParameters=config_overrides
ReturnToService=2
JobRequeue=0
KillOnBadExit=1
SlurmdTimeout=5
MessageTimeout=5
KillWait=20
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
"""


def free_port(address):
    with socket.socket() as trial:
        trial.bind((address, 0))
        return trial.getsockname()[1]


class Cluster:
    """The daemons; a context manager."""

    def __init__(self, folder, path, reference):
        self.folder, self.reference = folder / "cluster", reference
        self.environment = {
            **os.environ, **training.VARIABLES, "PATH": f"{path}:{os.environ['PATH']}",
            "SLURM_CONF": str(self.folder / "slurm.conf")}
        self.daemons = {}

    def __enter__(self):
        for name in ("", "state", "munge"):
            (self.folder / name).mkdir(mode=0o755)
        self._munge()
        self._configure()
        self._start("slurmctld", "slurmctld", "-D", "-c", "-f", self.folder / "slurm.conf")
        for node in self.nodes:
            (self.folder / f"spool-{node}").mkdir()
            self._start(node, "slurmd", "-D", "-N", node, "-f", self.folder / "slurm.conf")
        try:
            cases.until("all nodes are idle", self._is_up, 60)
        except cases.Failure as failure:
            raise cases.Failure(f"{failure}\n{cases.ending(self.folder.glob('*.log'))}") from None
        return self

    def __exit__(self, *_):
        processes.kill([daemon.pid for daemon in self.daemons.values()])
        for daemon in self.daemons.values():
            daemon.wait()

    def _start(self, name, *command):
        with (self.folder / f"{name}-output.log").open("wb") as output:
            self.daemons[name] = subprocess.Popen(
                list(map(str, command)), env=self.environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, start_new_session=True)

    def _munge(self):
        place = self.folder / "munge"
        key = place / "key"
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(1024))
        self._start(
            "munged", "munged", "--foreground", "--force", f"--key-file={key}",
            f"--socket={place}/socket", f"--pid-file={place}/pid", f"--seed-file={place}/seed")
        cases.until("munged has a socket", (place / "socket").exists, 30)

    def _configure(self):
        host = socket.gethostname().split(".")[0]
        text = CONFIGURATION.format(
            host=host, port=free_port("127.0.0.1"), user=getpass.getuser(), folder=self.folder)
        number, self.nodes = 0, []
        for partition, count in PARTITIONS.items():
            nodes = [f"{partition}{index}" for index in range(1, count + 1)]
            for node in nodes:
                number += 1
                address = f"127.0.1.{number}"
                text += f"NodeName={node} NodeHostname={host} NodeAddr={address} " \
                    f"Port={free_port(address)} CPUs=4 RealMemory=1000\n"
            text += f"PartitionName={partition} Nodes={','.join(nodes)} MaxTime=INFINITE State=UP\n"
            self.nodes += nodes
        (self.folder / "slurm.conf").write_text(text)

    def _is_up(self):
        for name, daemon in self.daemons.items():
            if daemon.poll() is not None:
                raise cases.Failure(f"{name} ended with {daemon.returncode}")
        with contextlib.suppress(cases.Failure):
            states = self.command("sinfo", "--noheader", "--Node", "--format=%N %T").splitlines()
            return set(states) >= {f"{node} idle" for node in self.nodes}
        return False

    def command(self, *words, **variables):
        """The output of a command of Slurm."""
        done = subprocess.run(
            list(map(str, words)), env={**self.environment, **variables}, capture_output=True,
            text=True, timeout=120)
        if done.returncode != 0:
            raise cases.Failure(f"{' '.join(map(str, words))}: {done.stderr.strip()}")
        return done.stdout.strip()

    def crash(self, node):
        """Kills all processes of a node at once, as a power failure does."""
        lost = {self.daemons[node].pid}
        for process in processes.descendants():
            if processes.variable(process, "SLURMD_NODENAME") == node:
                lost.add(process)
                above = processes.parent(process)
                if processes.command(above).startswith("slurmstepd"):
                    lost.add(above)
        processes.kill(lost, signal.SIGSTOP)  # none may notice the end of another one
        processes.kill(lost)


class Trial:
    """The jobs and the run of one case."""

    def __init__(self, cluster, folder, partition="shared"):
        self.cluster, self.folder = cluster, folder
        self.run = training.Run(folder / "run")
        self.variables = {
            "SBATCH_PARTITION": partition, "TRIBUTARY_RUN": str(self.run.folder)}

    def submit(self, script, *options, settings=None):
        """Submits a job script of deploy/slurm, and returns the job's number."""
        path = cases.runs.ROOT / "deploy" / "slurm" / f"{script}.sbatch"
        if settings is None:
            settings = [] if script == "workers" else training.SETTINGS
        return self.cluster.command(
            "sbatch", "--parsable", f"--chdir={self.folder}", *options, path, *settings,
            **self.variables)

    def job(self, number):
        """The properties of a job, by Slurm's names."""
        text = self.cluster.command("scontrol", "--oneliner", "show", "job", number)
        return dict(re.findall(r"(\S+?)=(\S*)", text))

    def running(self, number):
        """Waits until a job runs, and returns its node."""
        def node():
            job = self.job(number)
            return job["JobState"] == "RUNNING" and job["NodeList"]

        return cases.until(f"job {number} runs", node)

    def end(self, number, state="COMPLETED", code=0, restarts=0):
        """Waits for the end of a job, and checks how it ended."""
        def ended():
            job = self.job(number)
            return job["JobState"] not in ACTIVE and job

        job = cases.until(f"job {number} ends", ended)
        cases.check(f"state of job {number}", job["JobState"], state)
        cases.check(f"exit code of job {number}", job["ExitCode"], f"{code}:0")
        cases.check(f"restarts of job {number}", job["Restarts"], str(restarts))

    def requeued(self, number):
        """Waits until a job has been requeued."""
        cases.until(
            f"job {number} is requeued", lambda: int(self.job(number)["Restarts"]) > 0)

    def log(self, script, number):
        """The log of a job, named by its script."""
        name = {"single": "tributary", "server": "tributary-server"}[script]
        return (self.folder / f"{name}-{number}.log").read_text(errors="replace")

    def check_resumed(self, script, number, step, starts):
        """Checks that the log shows so many starts of the server, and one resumption of the run,
        from this step at least."""
        log = self.log(script, number)
        cases.check("number of starts in the log", log.count("server is listening"), starts)
        found = re.findall(r"run resumes .* step=(\d+)", log)
        cases.check("number of resumptions in the log", len(found), 1)
        if int(found[0]) < step:
            raise cases.Failure(f"the run resumed from step {found[0]}, not {step} or later")

    def tasks(self, number):
        """The processes of the workers of a job."""
        return [
            process for process in processes.descendants()
            if processes.variable(process, "SLURM_JOB_ID") == number
            and re.match(r"\S*tributary\S* worker ", processes.command(process))]
