//! The name of castore among the dependencies of the package that is being compiled.

use proc_macro2::{Ident, Span};
use std::path::{Path, PathBuf};

/// The way in which a package depends on castore.
pub(super) enum Dependency {
    /// A dependency under its own name.
    Castore,
    /// A dependency under another name: `events = { package = "castore", … }`.
    Renamed(Ident),
    /// No dependency.
    Missing,
    /// An unknown dependency, because the manifest cannot be read: for example, a tool other than Cargo builds the
    /// package.
    Unknown,
}

/// Searches the package's `Cargo.toml`, and the workspace's `Cargo.toml` for dependencies that the package inherits.
pub(super) fn find_castore() -> Dependency {
    // Unit tests do not read the manifest, because they expand code for other packages.
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").filter(|_| !cfg!(test));
    let Some(folder) = folder.map(PathBuf::from) else { return Dependency::Unknown };
    let Ok(manifest) = std::fs::read_to_string(folder.join("Cargo.toml")) else { return Dependency::Unknown };
    find_in(&manifest, || workspace_manifest(&folder))
}

fn workspace_manifest(folder: &Path) -> Option<String> {
    let manifests = folder.ancestors().map(|folder| folder.join("Cargo.toml"));
    manifests.filter_map(|path| std::fs::read_to_string(path).ok()).find(|text| text.contains("[workspace"))
}

fn find_in(manifest: &str, workspace: impl FnOnce() -> Option<String>) -> Dependency {
    let scanned = Scanned::read(manifest);
    if scanned.is_castore || scanned.has("castore") {
        return Dependency::Castore;
    }
    let renamed = scanned.renamed.first().cloned().or_else(|| {
        let workspace = Scanned::read(&workspace()?);
        scanned.keys.into_iter().find(|key| workspace.renamed.contains(key))
    });
    match renamed.map(|name| syn::parse_str::<Ident>(&name.replace('-', "_"))) {
        Some(Ok(mut name)) => {
            name.set_span(Span::call_site());
            Dependency::Renamed(name)
        }
        Some(Err(_)) => Dependency::Unknown,
        None => Dependency::Missing,
    }
}

/// The parts of a manifest that concern dependencies. The parser reads the manifest line by line.
#[derive(Default)]
struct Scanned {
    /// Whether the package is castore itself, whose tests and examples use the macros.
    is_castore: bool,
    /// The names of all dependencies.
    keys: Vec<String>,
    /// The names of dependencies with `package = "castore"`.
    renamed: Vec<String>,
}

impl Scanned {
    fn read(manifest: &str) -> Self {
        let mut scanned = Self::default();
        let mut table = "";
        for line in manifest.lines().map(str::trim) {
            if let Some(header) = line.strip_prefix('[') {
                table = header.split(']').next().unwrap_or_default();
                if let Some(key) = dependency_of_table(table) {
                    scanned.keys.push(unquoted(key));
                }
                continue;
            }
            let Some((key, value)) = line.split_once('=') else { continue };
            let key = key.trim();
            if table == "package" && key == "name" {
                scanned.is_castore = unquoted(value) == "castore";
            } else if is_dependencies(table) {
                // The dependency may be written as `castore.workspace = true` or as `castore = { … }`.
                let (name, rest) = key.split_once('.').unwrap_or((key, ""));
                let name = unquoted(name);
                let is_renamed = names_castore(value) || (rest == "package" && unquoted(value) == "castore");
                if is_renamed {
                    scanned.renamed.push(name.clone());
                }
                scanned.keys.push(name);
            } else if let Some(name) = dependency_of_table(table)
                && key == "package"
                && unquoted(value) == "castore"
            {
                scanned.renamed.push(unquoted(name));
            }
        }
        scanned
    }

    /// Returns whether there is a dependency with this name.
    fn has(&self, name: &str) -> bool {
        self.keys.iter().any(|key| key == name)
    }
}

/// Returns whether the table lists dependencies, such as `dependencies` or `target.'cfg(unix)'.dev-dependencies`.
fn is_dependencies(table: &str) -> bool {
    let last = table.rsplit('.').next().unwrap_or_default();
    ["dependencies", "dev-dependencies", "build-dependencies"].contains(&last)
}

/// Returns the name of a dependency that has its own table, such as `dependencies.castore`.
fn dependency_of_table(table: &str) -> Option<&str> {
    let (table, name) = table.rsplit_once('.')?;
    is_dependencies(table).then_some(name)
}

/// Returns whether an inline table contains `package = "castore"`.
fn names_castore(value: &str) -> bool {
    let Some((_, package)) = value.split_once("package") else { return false };
    let Some(name) = package.trim_start().strip_prefix('=') else { return false };
    let name = name.trim_start().trim_start_matches(['"', '\'']);
    name.strip_prefix("castore").is_some_and(|rest| rest.starts_with(['"', '\'']))
}

fn unquoted(text: &str) -> String {
    let text = text.split('#').next().unwrap_or_default();
    text.trim().trim_matches(['"', '\'']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Dependency, find_in};

    fn found(manifest: &str, workspace: &str) -> String {
        match find_in(manifest, || Some(workspace.to_owned())) {
            Dependency::Castore => "castore".to_owned(),
            Dependency::Renamed(name) => name.to_string(),
            Dependency::Missing => "missing".to_owned(),
            Dependency::Unknown => "unknown".to_owned(),
        }
    }

    #[test]
    fn castore_is_found_under_its_own_name() {
        for manifest in [
            "[dependencies]\ncastore = \"1\"",
            "[dependencies]\nserde = \"1\"\n[dev-dependencies]\ncastore.workspace = true",
            "[target.'cfg(unix)'.dependencies]\ncastore = { version = \"1\", features = [\"sqlite\"] }",
            "[dependencies.castore]\nversion = \"1\"",
            "[package]\nname = \"castore\" # the facade",
        ] {
            assert_eq!(found(manifest, ""), "castore", "{manifest}");
        }
    }

    #[test]
    fn castore_is_found_under_another_name() {
        for manifest in [
            "[dependencies]\nmy-events = { package = \"castore\", version = \"1\" }",
            "[dependencies.my_events]\nversion = \"1\"\npackage = \"castore\"",
            "[dependencies]\nmy_events = { version = \"1\", package=\"castore\" }",
        ] {
            assert_eq!(found(manifest, ""), "my_events", "{manifest}");
        }
        let workspace = "[workspace.dependencies]\nmy_events = { package = \"castore\", version = \"1\" }";
        assert_eq!(found("[dependencies]\nmy_events.workspace = true", workspace), "my_events");
    }

    #[test]
    fn a_missing_dependency_is_reported() {
        for manifest in [
            "[dependencies]\nserde = \"1\"",
            "[dependencies]\ncastore-sqlite = { package = \"castore-sqlite\" }",
            "[features]\ncastore = []",
        ] {
            assert_eq!(found(manifest, "[workspace.dependencies]\ncastore = \"1\""), "missing", "{manifest}");
        }
    }
}
