//! What of a failed step's output tells why: said once more at the end, where people
//! look first, and where a log that keeps the end only still has it.

/// Where the runners begin to sum up what failed: Node.js's, schemathesis, libtest's.
const BEGINNINGS: [&str; 3] = ["✖ failing tests:", "= FAILURES =", "failures:"];

/// Lines of one step.
const LONGEST: usize = 80;

/// The lines of `output` that sum up its failures; its last ones where nobody did.
pub(super) fn of(output: &str) -> String {
    let lines: Vec<_> = output.lines().collect();
    let begins = |line: &&str| BEGINNINGS.iter().any(|begin| line.contains(begin));
    let from = lines.iter().position(begins);
    let from = from.unwrap_or(lines.len().saturating_sub(LONGEST));
    let end = lines.len().min(from + LONGEST);
    lines[from..end].join("\n")
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, of};

    #[test]
    fn a_summary_of_failures_is_taken_from_its_beginning() {
        let output =
            "✔ one (1ms)\n✖ two (2ms)\nℹ fail 1\n\n✖ failing tests:\n\n✖ two (2ms)\n  Error: no";
        assert_eq!(of(output), "✖ failing tests:\n\n✖ two (2ms)\n  Error: no");
    }

    #[test]
    fn an_output_without_one_gives_its_end() {
        let lines: Vec<_> = (0..200).map(|line| line.to_string()).collect();
        let excerpt = of(&lines.join("\n"));
        assert_eq!(excerpt.lines().count(), LONGEST);
        assert!(excerpt.ends_with("199"));
        assert_eq!(of("short"), "short");
    }
}
