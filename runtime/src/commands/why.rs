//! `fleetnet why`: why flows pass or don't.

use std::net::IpAddr;

use fleetnet_compiler::analysis::why;
use fleetnet_compiler::compile::{Asked, ask};

use super::Error;
use crate::cli::{Format, Why, WhyFormat};
use crate::report::{self, Report};
use crate::terminal::{Outcome, Terminal};

pub fn run(args: &Why, terminal: &mut Terminal) -> Result<Outcome, Error> {
    let package = super::open(&args.package, &args.params.env, terminal)?;
    let asked = match package.not_text() {
        Some((sources, diagnostics)) => Asked { sources, diagnostics, answered: None },
        None => ask(&package, &args.params.set, &question(args)),
    };
    let Some(answered) = &asked.answered else {
        let format = match args.format {
            WhyFormat::Human => Format::Human,
            WhyFormat::Json => Format::Json,
        };
        super::tell(&package, Report::new(&asked.sources, &asked.diagnostics), format, terminal);
        return Ok(Outcome::Findings);
    };
    let mut places = Report::new(&asked.sources, &[]);
    places.prefix = super::prefix(&package, Format::Human);
    let reports: Vec<why::Report> = answered.answers.iter().map(|answer| why::report(&answered.plan, answer)).collect();
    report::print_answer(&places, &reports, args.format, terminal);
    Ok(Outcome::Good)
}

/// The question as a test would write it.
fn question(args: &Why) -> String {
    let ports = args.ports.as_ref().map(|ports| format!(" on {ports}"));
    let request = args.request.as_ref().map(|(method, path)| {
        let path: String = path.chars().flat_map(escaped).collect();
        format!(" {method} \"{path}\"")
    });
    let (ports, request) = (ports.unwrap_or_default(), request.unwrap_or_default());
    format!("{} -> {}{ports}{request}", end(&args.from), end(&args.to))
}

/// Addresses, CIDRs and DNS names stand for themselves: nothing else that an end can be has a dot or a colon in its first word.
fn end(text: &str) -> String {
    let text = text.trim();
    if let Ok(address) = text.parse::<IpAddr>() {
        return format!("cidr {address}/{}", if address.is_ipv4() { 32 } else { 128 });
    }
    let is_one_word = !text.contains([' ', '"', '`', ',']);
    match text.split_once('/') {
        Some((address, _)) if is_one_word && address.parse::<IpAddr>().is_ok() => format!("cidr {text}"),
        None if is_one_word && text.contains('.') && text.contains(|letter: char| letter.is_ascii_alphabetic()) => {
            format!("dns \"{text}\"")
        }
        Some(_) | None => text.to_owned(),
    }
}

fn escaped(letter: char) -> Vec<char> {
    if matches!(letter, '"' | '\\') { vec!['\\', letter] } else { vec![letter] }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::question;
    use crate::cli::{Cli, Command};

    #[track_caller]
    fn check(args: &[&str], expected: &str) {
        let cli = Cli::try_parse_from(["fleetnet", "why"].iter().chain(args)).unwrap();
        let Command::Why(why) = &cli.command else { panic!("another command") };
        assert_eq!(question(why), expected);
    }

    #[test]
    fn a_question_is_written_as_in_a_test() {
        check(&["shop/web in east", "pci", "http"], "shop/web in east -> pci on http");
        check(&["a/b", "2001:db8::1"], "a/b -> cidr 2001:db8::1/128");
        check(&["a/b", "10.0.0.1", "any"], "a/b -> cidr 10.0.0.1/32 on any");
        check(&["10.0.0.0/8", "a/b"], "cidr 10.0.0.0/8 -> a/b");
        check(&["a/b", "*.example.com", "443/tcp"], "a/b -> dns \"*.example.com\" on 443/tcp");
        check(&["a/b in x, c/d", "cidr 10.0.0.0/8"], "a/b in x, c/d -> cidr 10.0.0.0/8");
        check(&["a/b", "c/d", "80/tcp", "--request", "GET /x\"y"], r#"a/b -> c/d on 80/tcp GET "/x\"y""#);
    }
}
