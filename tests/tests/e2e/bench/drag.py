"""A file manager for tests: a small window from which files can be dragged, as from a real one."""
import sys
from pathlib import Path

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GLib, Gtk

files = [Path(name).resolve().as_uri() for name in sys.argv[1:]]

window = Gtk.Window(title="Files to drag")
window.set_default_size(120, 80)
window.move(0, 0)
window.set_keep_above(True)
handle = Gtk.EventBox()
handle.add(Gtk.Label(label="Drag me"))
window.add(handle)
handle.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
handle.drag_source_add_uri_targets()
handle.connect("drag-data-get", lambda _, context, data, info, time: data.set_uris(files))
handle.connect("drag-end", lambda *_: GLib.timeout_add(300, Gtk.main_quit))
window.connect("destroy", Gtk.main_quit)
window.connect("map-event", lambda *_: GLib.timeout_add(200, lambda: print("ready", flush=True)))
window.show_all()
Gtk.main()
