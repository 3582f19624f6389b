//! `fleetnet graph` and `fleetnet playground`, as far as they go without a browser.

use crate::harness::Scratch;

#[test]
fn a_graph_is_printed_or_put_into_a_file() {
    let scratch = Scratch::with_package("graph");
    let run = scratch.run(&["graph", "package"]).ends(0);
    assert!(run.stdout.starts_with("<svg ") && run.stdout.ends_with("</svg>"), "{run:#?}");
    assert!(run.stdout.contains("aria-label=\"shop/web to shop/cart on 8080/tcp\""), "{run:#?}");
    scratch.run(&["graph", "package", "-o", "graph.svg"]).ends(0);
    assert_eq!(scratch.read("graph.svg"), run.stdout);
}

#[test]
fn of_what_is_not_understood_there_is_no_graph() {
    let scratch = Scratch::with_package("graph-broken");
    scratch.write("package/more.fleetnet", "identity shop/added { match app = }\n");
    let run = scratch.run(&["graph", "package", "-o", "graph.svg"]).ends(1);
    assert!(run.stdout.contains("more.fleetnet"), "{run:#?}");
    assert!(!scratch.path("graph.svg").exists());
}

#[test]
fn without_the_page_the_playground_says_how_to_get_it() {
    let scratch = Scratch::new("playground");
    // A program that does hold the page would find the port taken, and end as well.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    scratch.run(&["playground", "--port", &port]).refused(&["built without the page", "cargo xtask page"]);
}
