//! What systemd hears from the agent, on a socket like systemd's.

use std::collections::HashMap;
use std::ffi::OsString;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;
use std::time::{Duration, Instant};

use backstay_surroundings::notify::Notify;

fn line(variables: &[(&str, OsString)]) -> Notify {
    let variables: HashMap<_, _> = variables.iter().cloned().collect();
    Notify::from_environment(|name| variables.get(name).cloned())
}

fn at(socket: &Path) -> Notify {
    line(&[("NOTIFY_SOCKET", socket.as_os_str().to_owned())])
}

fn heard(socket: &UnixDatagram) -> String {
    let mut buffer = [0; 4096];
    socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let read = socket.recv(&mut buffer).unwrap();
    String::from_utf8(buffer[..read].to_vec()).unwrap()
}

#[test]
fn systemd_hears_each_word() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    let notify = at(&path);
    notify.ready();
    notify.alive();
    notify.status("Backing up Notes\nREADY=1");
    notify.stopping();
    assert_eq!(heard(&socket), "READY=1");
    assert_eq!(heard(&socket), "WATCHDOG=1");
    // One message is one line: a name cannot smuggle in another word.
    assert_eq!(heard(&socket), "STATUS=Backing up Notes READY=1");
    assert_eq!(heard(&socket), "STOPPING=1");
}

#[test]
fn names_of_the_abstract_namespace_work() {
    let name = format!("backstay-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let socket = UnixDatagram::bind_addr(&address).unwrap();
    line(&[("NOTIFY_SOCKET", format!("@{name}").into())]).ready();
    assert_eq!(heard(&socket), "READY=1");
}

#[test]
fn nobody_there_is_no_trouble() {
    line(&[]).ready();
    let folder = tempfile::tempdir().unwrap();
    at(&folder.path().join("gone")).ready();
    at(Path::new(&"/long".repeat(60))).ready();
}

#[test]
fn a_manager_that_does_not_read_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    let notify = at(&path);
    let started = Instant::now();
    for _ in 0..10_000 {
        notify.alive();
    }
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    socket.set_nonblocking(true).unwrap();
    let mut kept = 0;
    while socket.recv(&mut [0; 64]).is_ok() {
        kept += 1;
    }
    assert!((1..10_000).contains(&kept), "the queue was full: {kept} kept");
}

#[test]
fn the_watchdog_is_told_twice_in_its_time() {
    let alive = |variables: &[(&str, OsString)]| line(variables).alive_every();
    let usec = ("WATCHDOG_USEC", OsString::from("600000000"));
    assert_eq!(alive(&[]), None);
    assert_eq!(alive(std::slice::from_ref(&usec)), Some(Duration::from_secs(300)));
    let me = ("WATCHDOG_PID", OsString::from(std::process::id().to_string()));
    assert_eq!(alive(&[usec.clone(), me]), Some(Duration::from_secs(300)));
    // Meant for a parent that kept its variables.
    assert_eq!(alive(&[usec, ("WATCHDOG_PID", OsString::from("1"))]), None);
    assert_eq!(alive(&[("WATCHDOG_USEC", OsString::from("soon"))]), None);
}
