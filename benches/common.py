"""What the measuring scripts share: release builds, a provider mirror, an in-memory state backend, process figures.

Local state is quadratic in Terraform (each resource rewrites the whole file), so state goes to a small HTTP backend.
"""

import contextlib
import http.server
import os
import pathlib
import platform
import resource
import shutil
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TICK = os.sysconf("SC_CLK_TCK")


def build() -> pathlib.Path:
    """Builds both programs in release and returns their folder."""
    subprocess.run(
        ["cargo", "build", "--release", "--quiet", "--package", "terraform-provider-nhi", "--package", "nhi-lint"],
        cwd=ROOT,
        check=True,
    )
    return pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"


def version() -> str:
    for line in (ROOT / "Cargo.toml").read_text().splitlines():
        if line.startswith("version = "):
            return line.split('"')[1]
    raise SystemExit("no version in Cargo.toml")


@contextlib.contextmanager
def bench():
    """A folder with a provider mirror and the environment in which terraform finds it."""
    binary = build() / "terraform-provider-nhi"
    with tempfile.TemporaryDirectory(prefix="nhi-bench-") as folder:
        folder = pathlib.Path(folder)
        machine = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine()]
        system = platform.system().lower()
        package = folder / "mirror/registry.terraform.io/governed-nhi/nhi" / version() / f"{system}_{machine}"
        package.mkdir(parents=True)
        shutil.copy(binary, package / f"terraform-provider-nhi_v{version()}")
        rc = folder / "terraform.rc"
        rc.write_text(
            "disable_checkpoint = true\n"
            f'provider_installation {{\n  filesystem_mirror {{\n    path = "{folder}/mirror"\n  }}\n}}\n'
        )
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("TF_", "NHI_"))}
        environment |= {"TF_CLI_CONFIG_FILE": str(rc), "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
        yield folder, environment, binary


class State(http.server.BaseHTTPRequestHandler):
    """Terraform's `http` backend over a dictionary: GET, POST and DELETE of one document a path."""

    documents: dict[str, bytes] = {}

    def do_GET(self):
        document = self.documents.get(self.path)
        self.answer(200 if document is not None else 204, document or b"")

    def do_POST(self):
        self.documents[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200, b"")

    def do_DELETE(self):
        self.documents.pop(self.path, None)
        self.answer(200, b"")

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Nothing: the figures are the output."""


@contextlib.contextmanager
def state_backend():
    """A state server on loopback; gives its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), State)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


class Watch(threading.Thread):
    """Follows every process of one program: the CPU that they used together and the largest resident set."""

    def __init__(self, name: str):
        super().__init__(daemon=True)
        self.name_, self.cpu, self.peak_kib, self.running = name, {}, 0, True

    def run(self):
        while self.running:
            self.look()
            time.sleep(0.02)

    def look(self):
        for entry in os.scandir("/proc"):
            if not entry.name.isdigit():
                continue
            try:
                if self.name_ not in os.readlink(f"/proc/{entry.name}/exe"):
                    continue
                fields = pathlib.Path(f"/proc/{entry.name}/stat").read_text().rsplit(")", 1)[1].split()
                self.cpu[entry.name] = (int(fields[11]) + int(fields[12])) / TICK
                self.peak_kib = max(self.peak_kib, memory(entry.name))
            except (OSError, IndexError):
                continue  # the process ended while we looked

    def stop(self):
        self.running = False
        self.join()
        return sum(self.cpu.values()), self.peak_kib / 1024


def memory(process) -> int:
    """The largest resident set of a process so far, KiB."""
    for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0


def timed(command, folder, environment):
    """Wall seconds of a command that must succeed, and the CPU seconds of it and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise SystemExit(f"{command} failed:\n{done.stdout}\n{done.stderr}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
