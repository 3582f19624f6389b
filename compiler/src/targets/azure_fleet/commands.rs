//! The `az` commands that bring the Azure side about, in order, as text: each change is preceded by the command that shows it.

use std::fmt::Write;

use super::settings::Settings;

/// Where the template is written, relative to the commands.
pub const TEMPLATE: &str = "fleet.json";

/// Text of the commands for a template and its meshes.
#[must_use]
pub fn commands(settings: &Settings<'_>, meshes: &[&str]) -> String {
    let mut text =
        String::from("# Run in this order, in this folder. Read what each `what-if` says before going on.\n");
    let query = "[].{name: name, clusterResourceId: clusterResourceId || properties.clusterResourceId, \
                 group: group || properties.group, labels: labels || properties.labels}";
    let list = ["az", "fleet", "member", "list", "--fleet-name", settings.fleet, "--query", query, "--output", "json"];
    line(&mut text, settings, &list, " > members.json");
    for action in ["what-if", "create"] {
        let deploy = ["az", "deployment", "group", action, "--template-file", TEMPLATE];
        line(&mut text, settings, &deploy, " --parameters members=@members.json");
    }
    for mesh in meshes {
        let apply = ["az", "fleet", "clustermeshprofile", "apply", "--fleet-name", settings.fleet, "--name", mesh];
        line(&mut text, settings, &apply, " --what-if");
        line(&mut text, settings, &apply, "");
    }
    text
}

fn line(text: &mut String, settings: &Settings<'_>, words: &[&str], tail: &str) {
    let scope = settings.subscription.map(|subscription| ["--subscription", subscription]);
    let group = ["--resource-group", settings.resource_group];
    let words = words.iter().chain(scope.iter().flatten()).chain(&group);
    let words: Vec<String> = words.map(|word| quoted(word)).collect();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{}{tail}", words.join(" "));
}

/// A word as a POSIX shell reads it.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./=:@".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_reach_az_as_they_are() {
        assert_eq!(quoted("rg-fleet"), "rg-fleet");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
