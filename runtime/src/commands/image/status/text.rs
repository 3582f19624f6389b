//! The status for people: a table for each build.

use std::fmt;

use super::super::ls::print_table;
use super::super::text::hex;
use super::super::{counted, print_line};
use super::{BuildStatus, ClusterStatus, MapChange, MapStatus, Role, State, Status};
use crate::terminal::Terminal;

pub fn print(status: &Status, terminal: &mut Terminal) {
    if let Some(asked) = &status.asked {
        let not = if asked.is_loaded { "" } else { " not" };
        print_line(&format!("`{}` is{not} the image that is loaded", asked.path.display()), terminal);
    }
    for (place, cluster) in status.clusters.iter().enumerate() {
        terminal.print(if place == 0 { "" } else { "\n" });
        print_cluster(cluster, terminal);
    }
    if status.clusters.is_empty() {
        terminal.say(&format!("nothing is loaded in `{}`", status.root.display()));
    }
}

fn print_cluster(ClusterStatus { name, state }: &ClusterStatus, terminal: &mut Terminal) {
    match state {
        State::Loaded(builds) => builds.iter().for_each(|build| print_build(name, build, terminal)),
        State::Left(builds) => {
            let left: Vec<String> = builds.iter().map(|path| format!("`{}`", path.display())).collect();
            let left = if left.is_empty() { "a link".to_owned() } else { left.join(", ") };
            let advice = "the next load or unload removes it";
            print_line(&format!("cluster {name}: nothing is loaded, but {left} is left over; {advice}"), terminal);
        }
        State::Unclear(problem) => print_line(&format!("cluster {name}: {problem}"), terminal),
    }
}

fn print_build(cluster: &str, build: &BuildStatus, terminal: &mut Terminal) {
    let role = build.role;
    let content = match &build.content {
        Ok(content) => content,
        Err(problem) => {
            if role == Role::Current {
                print_line(&format!("cluster {cluster}"), terminal);
            }
            print_line(&format!("{role} build: can't be read: {problem}"), terminal);
            return;
        }
    };
    if role == Role::Current {
        print_line(&content.heading, terminal);
    }
    let loaded: Vec<usize> = content.maps.iter().filter_map(|map| map.loaded).collect();
    print_line(
        &format!(
            "{role} build: {} with {}, {}",
            counted(loaded.len(), "map", "maps"),
            counted(loaded.iter().sum(), "entry", "entries"),
            if content.is_as_loaded() { "as loaded" } else { "NOT as loaded" },
        ),
        terminal,
    );
    print_line(&format!("  sha256 {}", hex(&content.digest)), terminal);
    print_line(&format!("  {}", build.path.display()), terminal);
    let titles = ["  MAP", "OF", "LOADED", "NOW", "STATE"].map(str::to_owned);
    print_table(std::iter::once(titles).chain(content.maps.iter().map(row)).collect(), terminal);
}

fn row(map: &MapStatus) -> [String; 5] {
    let shown = |count: Option<usize>| count.map_or_else(|| "-".to_owned(), |count| count.to_string());
    let state = map.change.as_ref().map_or_else(|| "as loaded".to_owned(), MapChange::to_string);
    [format!("  {}", map.name), map.subject.clone(), shown(map.loaded), shown(map.now), state]
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Current => "current",
            Self::Previous => "previous",
        })
    }
}

impl fmt::Display for MapChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("MISSING"),
            Self::NotLoaded => f.write_str("was not loaded"),
            Self::Entries { missing, extra, changed, capacity } => {
                let counts = [(*missing, "missing"), (*extra, "extra"), (*changed, "changed")];
                let counts =
                    counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
                let resized = capacity.iter().map(|capacity| format!("made for {capacity} entries"));
                f.write_str(&counts.chain(resized).collect::<Vec<_>>().join(", "))
            }
        }
    }
}
