//! Build script: the program carries the library and the sample plants, so a new file there must make it anew.

fn main() {
    println!("cargo::rerun-if-changed=library");
    println!("cargo::rerun-if-changed=samples");
}
