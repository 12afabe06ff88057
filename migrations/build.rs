//! Has the crate built again when a migration is added: `embed_migrations!` does not see new files.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
