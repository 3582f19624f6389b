//! The packages of `examples`.

use std::path::Path;

use fleetnet_lang::SourceFile;

/// The files of an example.
pub fn read(package: &str) -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(package);
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    files
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<SourceFile>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "fleetnet") {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            files.push(SourceFile::new(name, std::fs::read_to_string(&path).unwrap()));
        }
    }
}
