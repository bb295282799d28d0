//! Asking another program of the system something, with a time limit.
