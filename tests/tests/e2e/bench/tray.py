"""A tray for tests: owns the name icons register with, and answers one JSON line for each JSON line it is asked."""
import json
import os
import sys

import dbus
import dbus.service
import gi
from dbus.mainloop.glib import DBusGMainLoop

gi.require_version("GdkPixbuf", "2.0")
from gi.repository import GdkPixbuf, GLib

DBusGMainLoop(set_as_default=True)
WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
PROPERTIES = "org.freedesktop.DBus.Properties"
DRAWINGS = sys.argv[1]


class Watcher(dbus.service.Object):
    def __init__(self, bus):
        super().__init__(dbus.service.BusName(WATCHER, bus), "/StatusNotifierWatcher")
        self.bus = bus
        self.items = []

    @dbus.service.method(WATCHER, in_signature="s", sender_keyword="sender")
    def RegisterStatusNotifierItem(self, item, sender):
        where = (sender, item) if item.startswith("/") else (item, "/StatusNotifierItem")
        if where not in self.items:
            self.items.append(where)
        self.StatusNotifierItemRegistered(where[0] + where[1])

    @dbus.service.method(WATCHER, in_signature="s")
    def RegisterStatusNotifierHost(self, _):
        pass

    @dbus.service.signal(WATCHER, signature="s")
    def StatusNotifierItemRegistered(self, item):
        pass

    @dbus.service.method(PROPERTIES, in_signature="ss", out_signature="v")
    def Get(self, _, name):
        return self.GetAll("")[name]

    @dbus.service.method(PROPERTIES, in_signature="s", out_signature="a{sv}")
    def GetAll(self, _):
        return {
            "RegisteredStatusNotifierItems": dbus.Array([n + p for n, p in self.items], signature="s"),
            "IsStatusNotifierHostRegistered": True,
            "ProtocolVersion": dbus.Int32(0),
        }


def pixels(path):
    picture = GdkPixbuf.Pixbuf.new_from_file(path)
    return picture.get_width(), bytes(picture.get_pixels())


def drawing(path):
    """The state whose drawing a file shows."""
    shown = pixels(path)
    for name in os.listdir(DRAWINGS):
        if pixels(os.path.join(DRAWINGS, name)) == shown:
            return name.split("-on-")[0].removesuffix(".png")
    return "unknown"


class Icon:
    def __init__(self, bus, name, path):
        self.item = dbus.Interface(bus.get_object(name, path, introspect=False), PROPERTIES)
        self.menu_path = self.item.Get(ITEM, "Menu")
        self.menu = dbus.Interface(bus.get_object(name, self.menu_path, introspect=False), MENU)

    def look(self):
        name = str(self.item.Get(ITEM, "IconName"))
        theme = str(self.item.Get(ITEM, "IconThemePath"))
        path = name if name.startswith("/") else os.path.join(theme, name + ".png")
        return {"icon": drawing(path), "title": str(self.item.Get(ITEM, "Title"))}

    def entries(self):
        self.menu.AboutToShow(0)
        _, root = self.menu.GetLayout(0, -1, dbus.Array([], signature="s"))
        found = []

        def collect(node):
            number, properties, children = node
            label = str(properties.get("label", "")).replace("__", "\0").replace("_", "").replace("\0", "_")
            if label:
                found.append({"id": int(number), "label": label, "enabled": bool(properties.get("enabled", True))})
            for child in children:
                collect(child)

        collect(root)
        return found

    def choose(self, label):
        for entry in self.entries():
            if entry["label"] == label and entry["enabled"]:
                self.menu.Event(entry["id"], "clicked", dbus.String("", variant_level=1), dbus.UInt32(0))
                return True
        return False


def answer(watcher, question):
    for name, path in reversed(watcher.items):
        try:
            icon = Icon(watcher.bus, name, path)
            if question["do"] == "look":
                return icon.look()
            if question["do"] == "menu":
                return {"entries": icon.entries()}
            return {"chosen": icon.choose(question["label"])}
        except (dbus.DBusException, GLib.Error) as error:
            # Its program has ended, or the drawing changes this very moment.
            print(error, file=sys.stderr)
    return {"icon": None, "entries": [], "chosen": False}


def main():
    watcher = Watcher(dbus.SessionBus())
    loop = GLib.MainLoop()

    def asked(channel, condition):
        line = sys.stdin.readline()
        if not line:
            loop.quit()
            return False
        print(json.dumps(answer(watcher, json.loads(line))), flush=True)
        return True

    GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, asked)
    loop.run()


main()
