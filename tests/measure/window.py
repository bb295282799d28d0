#!/usr/bin/python3
"""Measures the desktop program: time from its start to the first picture, and memory (PSS) in the tray and with the window open.

    tests/measure/window.py target/release/backstay-desktop

Needs xvfb, dbus and python3-gi. The machine should be idle.
"""
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import gi

gi.require_version("Gdk", "3.0")

PROGRAM = str(Path(sys.argv[1]).resolve())
ROUNDS = 5
PROBE = """
import sys, time, gi
gi.require_version("Gdk", "3.0")
from gi.repository import Gdk
root = Gdk.get_default_root_window()
width, height = root.get_width(), root.get_height()
print("ready", flush=True)
while True:
    picture = Gdk.pixbuf_get_from_window(root, width // 2 - 560, height // 2 - 380, 180, 300)
    # Before the page there is one colour, the window's ground; text has dozens.
    pixels = picture.get_pixels()
    if len({pixels[at:at + 3] for at in range(0, len(pixels) - 3, picture.get_n_channels())}) > 24:
        print(time.monotonic(), flush=True)
        break
    time.sleep(0.005)
"""


def read_line(args, **more):
    process = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, **more)
    return process, process.stdout.readline().strip()


def family(pid):
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def pss(pid):
    total = 0
    for one in family(pid):
        for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1000


def one_round(environment, args):
    with tempfile.TemporaryDirectory() as home:
        variables = dict(environment, HOME=home, XDG_RUNTIME_DIR=home, BACKSTAY_HOME=home + "/backstay", BACKSTAY_SECRETS="none")
        bus, address = read_line(["dbus-daemon", "--session", "--nofork", "--print-address=1"], env=variables)
        variables["DBUS_SESSION_BUS_ADDRESS"] = address
        probe, ready = read_line([sys.executable, "-c", PROBE], env=variables)
        assert ready == "ready"
        began = time.monotonic()
        app = subprocess.Popen([PROGRAM, *args], env=variables, stderr=subprocess.DEVNULL)
        painted = None
        if not args:
            painted = (float(probe.stdout.readline()) - began) * 1000
        time.sleep(6)
        memory = pss(app.pid)
        app.send_signal(signal.SIGTERM)
        app.wait(20)
        for helper in (probe, bus):
            helper.kill()
            helper.wait()
        return painted, memory


def main():
    display, number = read_line(["Xvfb", "-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"])
    environment = {"PATH": os.environ["PATH"], "DISPLAY": f":{number}", "NO_AT_BRIDGE": "1", "LANG": "C.UTF-8", "GDK_BACKEND": "x11"}
    rounds = [one_round(environment, []) for _ in range(ROUNDS)]
    times = sorted(painted for painted, _ in rounds)
    print(f"start to first picture: median {statistics.median(times):.0f} ms ({', '.join(f'{t:.0f}' for t in times)})")
    print(f"memory, window open: {statistics.median(memory for _, memory in rounds):.0f} MB PSS")
    hidden = [one_round(environment, ["--hidden"])[1] for _ in range(2)]
    print(f"memory, tray only: {statistics.median(hidden):.0f} MB PSS")
    print(f"program: {os.path.getsize(PROGRAM) / 1e6:.1f} MB")
    display.kill()
    display.wait()


main()
