//! A share of all addresses, always the same ones, so that a test knows whom a misbehaving server picks.

/// Whether an address is among the `percent` of a hundred. A greater share holds all of a smaller one.
pub fn is_in_share(address: &str, percent: u32) -> bool {
    // FNV-1a, then mixed: its low bits alone follow the last letter too closely.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in address.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^= hash >> 32;
    hash % 100 < u64::from(percent)
}

#[cfg(test)]
mod tests {
    use super::is_in_share;

    #[test]
    fn a_share_holds_about_so_many_and_all_of_a_smaller_one() {
        let people: Vec<String> = (0..1_000)
            .map(|n| format!("gp{n}@practice.example"))
            .collect();
        let share = |percent| people.iter().filter(|gp| is_in_share(gp, percent)).count();
        assert_eq!((share(0), share(100)), (0, 1_000));
        assert!((60..140).contains(&share(10)), "{}", share(10));
        let is_nested = |gp: &String| is_in_share(gp, 10) || !is_in_share(gp, 5);
        assert!(people.iter().all(is_nested));
    }
}
