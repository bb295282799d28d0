//! When is what due: schedules, time zones, missed moments, rules that delay. Pure: the time is passed in.
