//! The DNS servers that this machine uses.

use std::fs;
use std::net::{IpAddr, SocketAddr};

use super::DnsError;

const FILE: &str = "/etc/resolv.conf";

/// As many as the system's own resolver takes (resolv.conf(5)).
const MOST: usize = 3;

/// The servers of `/etc/resolv.conf`.
pub(super) fn servers() -> Result<Vec<SocketAddr>, DnsError> {
    let text = fs::read_to_string(FILE)
        .map_err(|error| DnsError::NoServer(format!("{FILE}: {}", error.kind())))?;
    let servers = named(&text);
    if servers.is_empty() {
        return Err(DnsError::NoServer(format!(
            "{FILE} names none; dns_server may"
        )));
    }
    Ok(servers)
}

fn named(text: &str) -> Vec<SocketAddr> {
    let addresses = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let address = words
            .next()
            .filter(|word| *word == "nameserver")
            .and(words.next())?;
        address.parse::<IpAddr>().ok()
    });
    addresses
        .take(MOST)
        .map(|address| (address, 53).into())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_three_servers_are_taken_and_nothing_else() {
        let text = "# nameserver 192.0.2.9\nsearch example\nnameserver 192.0.2.1 # near\n\tnameserver\t2001:db8::1\nnameserver x\n\
                    nameserver\noptions edns0\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n";
        let servers: Vec<String> = named(text).iter().map(SocketAddr::to_string).collect();
        assert_eq!(
            servers,
            ["192.0.2.1:53", "[2001:db8::1]:53", "192.0.2.2:53"]
        );
        assert!(named("").is_empty());
    }
}
