# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""By how much the window's event loop is late while pictures are hashed and opt-outs are filed.

The real program, offscreen and in a process of its own, takes in 1,000 pictures that wait in its
folder and files 1,000 opt-outs, and one for each picture, at a real server on loopback. To paint
the pictures takes a minute.

    python tests/bench/window_working.py [--pictures 1000]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import window_data
from artistguard.guard import Guard
from artistguard.models import OptOutState, Scope
from servers import serving
from window import INSIDE, tell
from window_resting import paint

REQUESTS = 1_000
PATIENCE = 900.0
LIMIT = 50.0  # milliseconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=1_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder, "server")) as server:
        place = Path(folder)
        data = window_data.fill(place, REQUESTS)
        os.environ["ARTISTGUARD_SERVER_KEY"] = server.key
        with closing(Guard(data)) as guard:
            guard.choices.add_server(server.url, None, private=False)
            guard.choices.agree(server.url, private=False)
            (channel,) = [name for name in guard.choices.channels() if name != "registry"]
            guard.opt_out(guard.plan(Scope.ALL, channel=channel))
        for number in range(asked.pictures):
            paint(place / "art" / f"picture-{number}.png")
        late = work(data, channel, REQUESTS + asked.pictures)
    late.sort()
    about = f"late at most, {asked.pictures:,} pictures, {REQUESTS + asked.pictures:,} requests"
    tell(about, f"{late[-1]:.0f} ms", f"{LIMIT:.0f} ms")
    tell("  in nine of ten seconds at most", f"{late[len(late) * 9 // 10]:.0f} ms", "–")
    over = sum(one > LIMIT for one in late)
    tell("  seconds with more than the limit", f"{over} of {len(late)}", "0")


def work(data, channel, requests):
    """The worst delay of every second, in milliseconds, from start until all is filed."""
    command = [sys.executable, INSIDE, "lag", "--data", data]
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    late = []
    with (
        subprocess.Popen(
            command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as app,
        closing(Guard(data)) as guard,
    ):
        end = time.monotonic() + PATIENCE
        for line in app.stdout:
            late.append(json.loads(line)["lag"])
            done = guard.store.outbox.counts(channel)[OptOutState.ACKNOWLEDGED]
            if done >= requests or time.monotonic() > end:
                app.terminate()
    assert done >= requests, f"{done} of {requests} were filed"
    return late[1:-1]  # the first is the start itself, the last the end


if __name__ == "__main__":
    main()
