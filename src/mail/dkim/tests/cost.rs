//! What a signature costs.

use super::*;

/// Prints what a signature costs: `cargo test --release -- --ignored --nocapture what_a_signature_costs`.
#[test]
#[ignore = "a measure, not a test; its figures mean something in a release build only"]
#[expect(clippy::print_stderr, reason = "a measure is there for its figures")]
fn what_a_signature_costs() {
    let line = "<td style=3D\"padding:0\">  Words of a bulletin for general practitioners</td>\r\n";
    let message = format!("{NOTICE}{}", line.repeat(30 * 1024 / line.len()));
    let measure = |name: &str, work: &dyn Fn()| {
        let start = std::time::Instant::now();
        const TIMES: u32 = 2_000;
        for _ in 0..TIMES {
            work();
        }
        let each = start.elapsed() / TIMES;
        eprintln!("{name}: {:.1} µs", each.as_secs_f64() * 1e6);
    };
    let at = Timestamp::from_millis(1_795_000_000_000);
    let both = signer();
    let one = |place: usize| {
        let text = [pem("PRIVATE KEY", rsa_der()), ed25519_pem()][place].clone();
        let selector = both.keys()[place].selector.clone();
        let key = key(&text);
        Signer::new("clinic.example", vec![SelectedKey { selector, key }])
    };
    let (rsa, ed25519) = (one(0), one(1));
    let none = Signer::new("clinic.example", Vec::new());
    let hash = aws_lc_rs::digest::digest(&SHA256, b"x");
    measure("RSA-2048 alone", &|| {
        rsa.keys()[0].key.sign(&hash).unwrap();
    });
    measure("Ed25519 alone", &|| {
        ed25519.keys()[0].key.sign(&hash).unwrap();
    });
    measure("SHA-256 of 30 KB alone", &|| {
        std::hint::black_box(aws_lc_rs::digest::digest(&SHA256, message.as_bytes()));
    });
    for (name, signer) in [
        ("no key", &none),
        ("RSA-2048", &rsa),
        ("Ed25519", &ed25519),
        ("both", &both),
    ] {
        measure(&format!("a message of 30 KB, {name}"), &|| {
            signer.signatures(&message, at).unwrap();
        });
    }
}
