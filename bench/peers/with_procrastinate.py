"""procrastinate: jobs a second of one worker, and milliseconds from defer to start on an idle one."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time

from procrastinate import App, PsycopgConnector

app = App(connector=PsycopgConnector(conninfo=os.environ["PEER_DATABASE_URL"]))
starts: list[float] = []
waits_ms: list[float] = []


@app.task(name="nothing")
async def do_nothing() -> None:
    starts.append(time.perf_counter())


@app.task(name="timed")
async def take_time(asked_at: float) -> None:
    waits_ms.append((time.time() - asked_at) * 1000)


async def main(jobs: int, rounds: int) -> None:
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        await do_nothing.batch_defer_async(*({} for _ in range(jobs)))
        await app.run_worker_async(wait=False, concurrency=1, install_signal_handlers=False)
        took_s = time.perf_counter() - starts[0]
        worker = asyncio.create_task(app.run_worker_async(concurrency=1, install_signal_handlers=False))
        await asyncio.sleep(2)
        for _ in range(rounds):
            await take_time.defer_async(asked_at=time.time())
            await asyncio.sleep(0.2)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    waits_ms.sort()
    print(json.dumps({"a_second": len(starts) / took_s, "p95_ms": waits_ms[int(len(waits_ms) * 0.95)]}))


asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
