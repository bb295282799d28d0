//! What the computer is doing: on battery, on a metered network, asleep since when; and how the system starts programs.
