use super::super::Code;
use super::super::findings::{Findings, Path, Short};
use super::{Entry, Mapping};
use crate::order;

/// Orders the keys. Of equal ones the first counts that is written in the
/// mapping itself, or else the first that is merged into it.
pub(super) fn order(mut entries: Vec<Entry>, findings: &mut Findings<'_>) -> Mapping {
    let by_key = order::places(entries.len(), |one, other| {
        let [one, other] = [one, other].map(|index| &entries[index]);
        let by_name = one.key.cmp(&other.key);
        by_name.then_with(|| one.is_merged.cmp(&other.is_merged))
    });
    let number = |index| u32::try_from(index).unwrap_or(u32::MAX);
    let mut by_key: Vec<u32> = by_key.into_iter().map(number).collect();
    let mut gone: Vec<u32> = Vec::new();
    let mut first = None;
    by_key.retain(|&index| {
        let entry = &entries[index as usize];
        match first {
            Some(first) if entries[first as usize].key == entry.key => {
                if !entry.is_merged {
                    let line = findings.position(entries[first as usize].key_span).line;
                    let message = format!(
                        "`{}` is here twice; the first is on line {line}",
                        Short(&entry.key)
                    );
                    findings.error(Code::DuplicateKey, entry.key_span, &Path::Root, message);
                }
                gone.push(index);
                false
            }
            _ => {
                first = Some(index);
                true
            }
        }
    });
    if !gone.is_empty() {
        order::by(&mut gone, Ord::cmp);
        let mut index = 0;
        entries.retain(|_| {
            let keep = gone.binary_search(&index).is_err();
            index += 1;
            keep
        });
        by_key = by_key
            .into_iter()
            .map(|index| {
                index - u32::try_from(gone.partition_point(|gone| *gone < index)).unwrap_or(0)
            })
            .collect();
    }
    Mapping { entries, by_key }
}
