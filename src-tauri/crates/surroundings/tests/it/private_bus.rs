//! A message bus of a test's own, with stand-ins for UPower, NetworkManager and logind that speak as the real ones do.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use backstay_surroundings::state::Bus;
use tempfile::TempDir;
use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::blocking::object_server::InterfaceRef;
use zbus::interface;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedObjectPath;

const UPOWER: &str = "/org/freedesktop/UPower";
const NETWORK: &str = "/org/freedesktop/NetworkManager";
const LOGIN: &str = "/org/freedesktop/login1";

/// A dbus-daemon that lives as long as this.
pub struct PrivateBus {
    folder: TempDir,
    daemon: Option<Child>,
}

impl PrivateBus {
    /// `None`, and says so, where no dbus-daemon is installed.
    pub fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            "<busconfig><listen>unix:path={}</listen><auth>EXTERNAL</auth><policy context=\"default\">\
             <allow send_destination=\"*\"/><allow receive_sender=\"*\"/><allow own=\"*\"/></policy></busconfig>",
            socket(folder.path()).display()
        );
        fs::write(folder.path().join("bus.conf"), config).unwrap();
        let mut bus = Self { folder, daemon: None };
        if !bus.run() {
            eprintln!("skipped: dbus-daemon is not installed");
            return None;
        }
        Some(bus)
    }

    /// Starts the daemon (again) at the same address.
    pub fn run(&mut self) -> bool {
        let config = self.folder.path().join("bus.conf");
        let daemon = Command::new("dbus-daemon")
            .arg("--nofork")
            .arg(format!("--config-file={}", config.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(daemon) = daemon else { return false };
        self.daemon = Some(daemon);
        eventually("the bus listens", || {
            std::os::unix::net::UnixStream::connect(socket(self.folder.path())).is_ok()
        });
        true
    }

    /// The daemon is gone, as after a crash.
    pub fn kill(&mut self) {
        let mut daemon = self.daemon.take().unwrap();
        daemon.kill().unwrap();
        daemon.wait().unwrap();
        // A daemon that ends in order removes it.
        fs::remove_file(socket(self.folder.path())).ok();
    }

    pub fn address(&self) -> String {
        format!("unix:path={}", socket(self.folder.path()).display())
    }

    /// Settings of the crate for this bus, impatient, on a computer without power supplies.
    pub fn bus(&self) -> Bus {
        Bus {
            address: Some(self.address()),
            patience: Duration::from_secs(5),
            hold_off: Duration::from_millis(200),
            supplies: self.folder.path().join("power_supply"),
        }
    }

    pub fn supplies(&self) -> PathBuf {
        self.folder.path().join("power_supply")
    }

    fn builder(&self) -> Builder<'static> {
        Builder::address(self.address().as_str()).unwrap()
    }

    pub fn connect(&self) -> Connection {
        self.builder().build().unwrap()
    }

    pub fn upower(&self, on_battery: bool) -> Fake<UPower> {
        let served = self.builder().serve_at(UPOWER, UPower { on_battery }).unwrap();
        Fake::new(served.name("org.freedesktop.UPower").unwrap().build().unwrap(), UPOWER)
    }

    pub fn network(&self, network: NetworkManager) -> Fake<NetworkManager> {
        let served = self.builder().serve_at(NETWORK, network).unwrap();
        let named = served.name("org.freedesktop.NetworkManager").unwrap();
        Fake::new(named.build().unwrap(), NETWORK)
    }

    pub fn login(&self) -> Fake<Login> {
        let served = self.builder().serve_at(LOGIN, Login).unwrap();
        Fake::new(served.name("org.freedesktop.login1").unwrap().build().unwrap(), LOGIN)
    }
}

impl Drop for PrivateBus {
    fn drop(&mut self) {
        if let Some(daemon) = &mut self.daemon {
            daemon.kill().ok();
            daemon.wait().ok();
        }
    }
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("bus")
}

/// A service that runs; it leaves the bus when dropped.
pub struct Fake<I: zbus::object_server::Interface> {
    connection: Option<Connection>,
    object: InterfaceRef<I>,
}

impl<I: zbus::object_server::Interface> Fake<I> {
    fn new(connection: Connection, path: &'static str) -> Self {
        let object = connection.object_server().interface(path).unwrap();
        Self {
            connection: Some(connection),
            object,
        }
    }
}

impl<I: zbus::object_server::Interface> Drop for Fake<I> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            connection.close().ok();
        }
    }
}

impl Fake<UPower> {
    pub fn set(&self, on_battery: bool) {
        self.object.get_mut().on_battery = on_battery;
        let told = self.object.get();
        zbus::block_on(told.on_battery_changed(self.object.signal_emitter())).unwrap();
    }

    /// A property nobody asked about.
    pub fn move_the_lid(&self) {
        let told = self.object.get();
        zbus::block_on(told.lid_is_closed_changed(self.object.signal_emitter())).unwrap();
    }
}

impl Fake<NetworkManager> {
    pub fn set(&self, network: NetworkManager) {
        let before = std::mem::replace(&mut *self.object.get_mut(), network);
        let told = self.object.get();
        let emitter = self.object.signal_emitter();
        zbus::block_on(async {
            if before.metered != network.metered {
                told.metered_changed(emitter).await.unwrap();
            }
            if before.connectivity != network.connectivity {
                told.connectivity_changed(emitter).await.unwrap();
            }
            if before.state != network.state {
                told.state_changed(emitter).await.unwrap();
            }
        });
    }

    pub fn switch_wireless(&self) {
        let told = self.object.get();
        zbus::block_on(told.wireless_enabled_changed(self.object.signal_emitter())).unwrap();
    }
}

impl Fake<Login> {
    pub fn prepare_for_sleep(&self, start: bool) {
        zbus::block_on(Login::prepare_for_sleep(self.object.signal_emitter(), start)).unwrap();
    }
}

/// <https://upower.freedesktop.org/docs/UPower.html>
pub struct UPower {
    on_battery: bool,
}

#[interface(name = "org.freedesktop.UPower")]
impl UPower {
    fn enumerate_devices(&self) -> Vec<OwnedObjectPath> {
        Vec::new()
    }

    fn get_critical_action(&self) -> String {
        "PowerOff".to_owned()
    }

    #[zbus(property)]
    fn daemon_version(&self) -> String {
        "1.90.2".to_owned()
    }

    #[zbus(property)]
    fn on_battery(&self) -> bool {
        self.on_battery
    }

    #[zbus(property)]
    fn lid_is_closed(&self) -> bool {
        false
    }

    #[zbus(property)]
    fn lid_is_present(&self) -> bool {
        true
    }
}

/// <https://networkmanager.dev/docs/api/latest/gdbus-org.freedesktop.NetworkManager.html>
#[derive(Clone, Copy)]
pub struct NetworkManager {
    pub metered: u32,
    pub connectivity: u32,
    pub state: u32,
}

#[interface(name = "org.freedesktop.NetworkManager")]
impl NetworkManager {
    #[zbus(property)]
    fn metered(&self) -> u32 {
        self.metered
    }

    #[zbus(property)]
    fn connectivity(&self) -> u32 {
        self.connectivity
    }

    #[zbus(property)]
    fn state(&self) -> u32 {
        self.state
    }

    #[zbus(property)]
    fn wireless_enabled(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn active_connections(&self) -> Vec<OwnedObjectPath> {
        Vec::new()
    }

    #[zbus(property)]
    fn version(&self) -> String {
        "1.42.4".to_owned()
    }

    #[zbus(property)]
    fn global_dns_configuration(&self) -> HashMap<String, zbus::zvariant::OwnedValue> {
        HashMap::new()
    }
}

/// <https://www.freedesktop.org/software/systemd/man/latest/org.freedesktop.login1.html>
pub struct Login;

#[interface(name = "org.freedesktop.login1.Manager")]
impl Login {
    #[zbus(signal)]
    async fn prepare_for_sleep(emitter: &SignalEmitter<'_>, start: bool) -> zbus::Result<()>;
}

/// Waits until something holds.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(20), "never: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}
