//! What can go wrong between Backstay and a server.
