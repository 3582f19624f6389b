//! A server of the page, for browsers on this machine.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::request::{MOST_HEAD, answer};

/// Connections at one time; a browser opens six.
const MOST_CONNECTIONS: usize = 64;

/// How long a browser may take to send a request or to take an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A socket on 127.0.0.1.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    port: u16,
}

impl Server {
    /// Takes a port, any free one for 0.
    pub fn on(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port))?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    /// Where it is.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// Answers until the program is ended.
    pub fn run(&self) -> io::Result<()> {
        let open = Arc::new(());
        loop {
            let (connection, _) = self.listener.accept()?;
            if Arc::strong_count(&open) > MOST_CONNECTIONS {
                continue;
            }
            let (turn, port) = (Arc::clone(&open), self.port);
            thread::Builder::new().spawn(move || {
                // A browser that goes away is nobody's concern.
                let _ = talk(connection, port);
                drop(turn);
            })?;
        }
    }
}

fn talk(mut connection: TcpStream, port: u16) -> io::Result<()> {
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.set_write_timeout(Some(PATIENCE))?;
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    let answer = loop {
        let read = connection.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        let room = MOST_HEAD.saturating_sub(head.len());
        head.extend(buffer.iter().take(read.min(room)));
        if let Some(answer) = answer(&head, port, &super::file) {
            break answer;
        }
    };
    let (head, body) = answer.parts();
    connection.write_all(head.as_bytes())?;
    connection.write_all(body)?;
    connection.shutdown(std::net::Shutdown::Write)
}
