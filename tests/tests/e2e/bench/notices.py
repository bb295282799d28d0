"""Writes down every notification that is sent on the session bus, a line of JSON each: what a program asked for, past the daemon."""
import json
import sys

import dbus
import dbus.lowlevel
from dbus.mainloop.glib import DBusGMainLoop

import gi

gi.require_version("Gtk", "3.0")
from gi.repository import GLib

out = open(sys.argv[1] + ".part", "w", encoding="utf-8", buffering=1)


def heard(_, message):
    if message.get_member() != "Notify" or message.get_type() != dbus.lowlevel.MESSAGE_TYPE_METHOD_CALL:
        return
    _app, replaces, _icon, title, body, actions, hints, _timeout = message.get_args_list(byte_arrays=False)
    said = {
        "title": str(title),
        "body": str(body),
        "replaces": int(replaces),
        "actions": [str(label) for label in actions[1::2]],
        "urgency": int(hints.get("urgency", 1)),
    }
    out.write(json.dumps(said) + "\n")


bus = dbus.SessionBus(mainloop=DBusGMainLoop())
bus.add_message_filter(heard)
rule = "type='method_call',interface='org.freedesktop.Notifications',member='Notify'"
bus.call_blocking(
    "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.Monitoring", "BecomeMonitor", "asu", ([rule], 0)
)
# There under its name only once it listens.
import os

os.rename(sys.argv[1] + ".part", sys.argv[1])
GLib.MainLoop().run()
