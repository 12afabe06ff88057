//! What must hold of everything that reads what comes back, whatever the bytes.
//!
//! The fuzz targets call these functions, and so does a test of the program with every file of the corpora: a finding that
//! was mended stays mended.

mod checks;

pub use checks::{codes, everything, marks, message, told, webhook};
