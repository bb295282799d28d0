//! Where the window was, so that it comes back there. Kept in a small file in the state directory.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

/// Smallest and first size, in logical pixels. The least fits the narrowest layout.
pub(crate) const LEAST: (f64, f64) = (720.0, 480.0);
const FIRST: (f64, f64) = (1200.0, 800.0);

/// Place and size in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Geometry {
    pub width: f64,
    pub height: f64,
    /// Left upper corner; absent where the system does not tell (Wayland).
    pub place: Option<(f64, f64)>,
    pub maximized: bool,
}

impl Default for Geometry {
    fn default() -> Self {
        Self {
            width: FIRST.0,
            height: FIRST.1,
            place: None,
            maximized: false,
        }
    }
}

/// A screen: left, top, width, height in logical pixels.
pub(crate) type Screen = (f64, f64, f64, f64);

fn file(home: &Path) -> PathBuf {
    home.join("window.json")
}

impl Geometry {
    /// As it was, fitted to the screens there are now.
    pub(crate) fn load(home: &Path, screens: &[Screen]) -> Self {
        let read: Option<Self> = fs::read(file(home))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        read.unwrap_or_default().fitted(screens)
    }

    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn save(&self, home: &Path) -> io::Result<()> {
        let new = home.join("window.json.new");
        fs::write(&new, serde_json::to_vec(self)?)?;
        fs::rename(new, file(home))
    }

    /// Never smaller than useful, never larger than the screen, never where no screen is.
    fn fitted(mut self, screens: &[Screen]) -> Self {
        let sane = |value: f64, least: f64, first: f64| if value.is_finite() { value.max(least) } else { first };
        self.width = sane(self.width, LEAST.0, FIRST.0);
        self.height = sane(self.height, LEAST.1, FIRST.1);
        let holds = |(x, y, w, h): &Screen, (px, py): (f64, f64)| {
            // The title bar's middle must be in reach of the mouse.
            let (grip_x, grip_y) = (px + self.width / 2.0, py + 10.0);
            grip_x >= *x && grip_x <= x + w && grip_y >= *y && grip_y <= y + h
        };
        self.place = self.place.filter(|place| screens.iter().any(|screen| holds(screen, *place)));
        let (widest, highest) = screens.iter().fold((f64::INFINITY, f64::INFINITY), |least, (_, _, w, h)| {
            (least.0.min(*w), least.1.min(*h))
        });
        if self.place.is_none() {
            self.width = self.width.min(widest).max(LEAST.0);
            self.height = self.height.min(highest).max(LEAST.1);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Screen = (0.0, 0.0, 1920.0, 1080.0);

    fn at(x: f64, y: f64) -> Geometry {
        Geometry {
            place: Some((x, y)),
            ..Geometry::default()
        }
    }

    #[test]
    fn it_comes_back_where_it_was() {
        let home = std::env::temp_dir().join(format!("backstay-geometry-{}", std::process::id()));
        fs::create_dir_all(&home).unwrap();
        assert_eq!(Geometry::load(&home, &[SCREEN]), Geometry::default());
        let moved = Geometry {
            width: 900.0,
            maximized: true,
            ..at(30.0, 40.0)
        };
        moved.save(&home).unwrap();
        assert_eq!(Geometry::load(&home, &[SCREEN]), moved);
        fs::write(file(&home), "{ damaged").unwrap();
        assert_eq!(Geometry::load(&home, &[SCREEN]), Geometry::default());
        fs::remove_dir_all(home).unwrap();
    }

    #[test]
    fn a_screen_that_is_gone_does_not_take_the_window_along() {
        assert_eq!(at(2500.0, 100.0).fitted(&[SCREEN]).place, None);
        assert_eq!(
            at(2500.0, 100.0).fitted(&[SCREEN, (1920.0, 0.0, 1920.0, 1080.0)]).place,
            Some((2500.0, 100.0))
        );
        assert_eq!(at(0.0, -500.0).fitted(&[SCREEN]).place, None);
    }

    #[test]
    fn sizes_stay_useful() {
        let tiny = Geometry {
            width: 3.0,
            height: f64::NAN,
            ..Geometry::default()
        };
        let fitted = tiny.fitted(&[SCREEN]);
        assert_eq!((fitted.width, fitted.height), (LEAST.0, FIRST.1));
        let small_screen = Geometry::default().fitted(&[(0.0, 0.0, 800.0, 600.0)]);
        assert_eq!((small_screen.width, small_screen.height), (800.0, 600.0));
    }
}
