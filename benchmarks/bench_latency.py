"""How long requests take at 300 a second: the 99th percentile with observability, against without, as ratios.

Each variant is a uvicorn process of its own; it sends to a receiver in another one, which reads and answers. Requests
are sent at fixed times whatever the answers do, and a latency counts from the time at which the request was due, so
that a pause costs all who had to wait. The variants take turns. Run it with `python benchmarks/bench_latency.py
[rounds]`.
"""

from __future__ import annotations

import asyncio
import http.server
import multiprocessing
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from statistics import median, quantiles

RATE, SECONDS, CONNECTIONS = 300, 8, 16
VARIANTS = ("none", "ours", "contrib")
REQUEST = b"GET /quote/%d HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\n\r\n"


def receive(port, ready):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    ready.set()
    server.serve_forever()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def receiver():
    context = multiprocessing.get_context("spawn")
    ready, port = context.Event(), free_port()
    process = context.Process(target=receive, args=(port, ready), daemon=True)
    process.start()
    try:
        assert ready.wait(30)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.join()


@contextmanager
def service(variant, endpoint):
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.served", variant, str(port), endpoint], stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            assert process.poll() is None, f"{variant} ended"
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


async def drive(port, seconds):
    free = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    latencies = []

    async def ask(number, due):
        reader, writer = pair = await free.get()
        writer.write(REQUEST % number)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        await reader.readexactly(int(length.split(b":")[1]))
        latencies.append(time.perf_counter() - due)
        free.put_nowait(pair)

    start, pending = time.perf_counter() + 0.1, set()
    for number in range(RATE * seconds):
        due = start + number / RATE
        await asyncio.sleep(max(0, due - time.perf_counter()))
        task = asyncio.ensure_future(ask(number, due))
        pending.add(task)
        task.add_done_callback(pending.discard)
    await asyncio.gather(*pending)
    while not free.empty():
        free.get_nowait()[1].close()
    return latencies


def main(rounds=7):
    os.environ.setdefault("PYTHONPATH", os.getcwd())  # noqa: PTH109
    rows = []
    with ExitStack() as stack:
        endpoint = stack.enter_context(receiver())
        ports = {variant: stack.enter_context(service(variant, endpoint)) for variant in VARIANTS}
        for port in ports.values():
            asyncio.run(drive(port, 2))
        for _ in range(rounds):
            row = {variant: asyncio.run(drive(port, SECONDS)) for variant, port in ports.items()}
            rows.append({variant: quantiles(found, n=100) for variant, found in row.items()})
    ratios = {}
    print(f"{'':<16}{'p50 ms':>9}{'p99 ms':>9}{'p50 ratio':>11}{'p99 ratio':>11}")
    for variant in VARIANTS:
        middle, high = (median(row[variant][at] for row in rows) * 1e3 for at in (49, 98))
        both = [median(row[variant][at] / row["none"][at] for row in rows) for at in (49, 98)]
        print(f"{variant:<16}{middle:>9.2f}{high:>9.2f}{both[0]:>11.2f}{both[1]:>11.2f}")
        ratios[f"p50, {variant}"], ratios[f"p99, {variant}"] = both
    return ratios


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
