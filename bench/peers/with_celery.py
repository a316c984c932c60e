"""Celery over Redis: tasks a second of one worker with one slot. A message is not durable by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

from celery import Celery
from redis import Redis

REDIS = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
# A name of its own in every run: the server may be shared.
QUEUE = os.environ.setdefault("PEER_QUEUE", f"kairo-bench-{uuid.uuid4().hex}")
app = Celery("with_celery", broker=REDIS)
app.conf.update(task_default_queue=QUEUE, task_ignore_result=True, task_acks_late=True, worker_prefetch_multiplier=1)
# Waiting for the end takes longer than the client would otherwise let a command take.
ends = Redis.from_url(REDIS, socket_timeout=None)


@app.task(name="nothing")
def do_nothing(last: bool) -> None:
    if last:
        ends.rpush(f"{QUEUE}-end", time.time())


@app.task(name="first")
def begin() -> None:
    ends.rpush(f"{QUEUE}-start", time.time())


def main(jobs: int) -> None:
    begin.delay()
    for number in range(jobs):
        do_nothing.delay(number == jobs - 1)
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parent)
    arguments = ["-m", "celery", "-A", "with_celery", "worker", "-c", "1", "-Q", QUEUE, "-l", "ERROR"]
    lonely = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    worker = subprocess.Popen([sys.executable, *arguments, *lonely], stdout=sys.stderr)
    try:
        ended = ends.blpop([f"{QUEUE}-end"], timeout=120)
        started = ends.blpop([f"{QUEUE}-start"], timeout=1)
    finally:
        worker.terminate()
        worker.wait()
        ends.delete(QUEUE, f"{QUEUE}-end", f"{QUEUE}-start", f"_kombu.binding.{QUEUE}")
    if ended is None or started is None:
        raise SystemExit("the worker did not finish within 120 s")
    print(json.dumps({"a_second": jobs / (float(ended[1]) - float(started[1]))}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
