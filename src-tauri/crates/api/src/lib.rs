//! The one list of commands that the window, the command line and the service call.
