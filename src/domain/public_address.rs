//! Which addresses of the internet a link of ours may be followed to by the server. A link is written by anybody; what it
//! leads to inside the clinic's own network, or on the server itself, is nobody's business.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is one of the public internet: none of this machine, of a private or a provider's inner network, of a
/// link, of a group, and none that is kept for other uses (the registries of RFC 6890).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(a == 0
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        // Between a provider and its customers (RFC 6598).
        || (a == 100 && (64..128).contains(&b))
        // Protocol assignments, the way from IPv6 back, and measurements of networks.
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19))
        // Groups, what is reserved, and everybody.
        || a >= 224)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let segments = address.segments();
    let [first, second, ..] = segments;
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match first {
        // Translated to IPv4 at the network's edge (RFC 6052): the address inside counts.
        0x0064 if segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0] => v4(segments[6], segments[7]),
        // 6to4 (RFC 3056) as well.
        0x2002 => v4(segments[1], segments[2]),
        // Teredo and other protocol assignments, and documentation.
        0x2001 => second >= 0x0200 && second != 0x0db8,
        0x3fff => second >= 0x1000,
        // Only this part of all addresses is given to anybody in public.
        first => (0x2000..0x4000).contains(&first),
    }
}

/// Whether a domain is kept for samples and tests (RFC 2606, RFC 6761).
pub fn is_sample(domain: &str) -> bool {
    let domain = domain.to_ascii_lowercase();
    let last = domain.rsplit('.').next().unwrap_or_default();
    matches!(last, "example" | "test" | "invalid" | "localhost" | "local")
        || ["example.com", "example.net", "example.org"]
            .iter()
            .any(|sample| domain == *sample || domain.ends_with(&format!(".{sample}")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn only_the_public_internet_is_public() {
        for public in [
            "8.8.8.8",
            "104.18.0.1",
            "172.15.255.255",
            "172.32.0.1",
            "100.63.255.255",
            "100.128.0.1",
            "192.169.0.1",
            "2606:4700::1111",
            "2404:6800:4006::1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for inner in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:a00:1::1",
            "2002:7f00:1::1",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(inner.parse().unwrap()), "{inner}");
        }
    }

    #[test]
    fn samples_are_told_from_real_domains() {
        for sample in [
            "clinic.example",
            "example.org",
            "mail.example.com",
            "localhost",
            "a.TEST",
        ] {
            assert!(is_sample(sample), "{sample}");
        }
        for real in ["clinic.co.nz", "myexample.com", "test.nz"] {
            assert!(!is_sample(real), "{real}");
        }
    }
}
