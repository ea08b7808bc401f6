//! Sorting by one sorter: the standard library makes one for each type and each way of
//! comparing, of some kilobytes, which the browser would load ten times.

use std::cmp::Ordering;

/// The places of a list in the order that `compare` gives them; equal ones stay in theirs.
pub(crate) fn places(
    length: usize,
    mut compare: impl FnMut(usize, usize) -> Ordering,
) -> Vec<usize> {
    let mut places: Vec<usize> = (0..length).collect();
    sort(&mut places, &mut compare);
    places
}

/// Sorts a list; equal ones stay in their order.
pub fn by<T>(list: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering) {
    let places = places(list.len(), |one, other| compare(&list[one], &list[other]));
    let mut unsorted: Vec<Option<T>> = list.drain(..).map(Some).collect();
    list.extend(
        places
            .into_iter()
            .filter_map(|place| unsorted[place].take()),
    );
}

#[inline(never)]
fn sort(places: &mut [usize], compare: &mut dyn FnMut(usize, usize) -> Ordering) {
    places.sort_by(|one, other| compare(*one, *other));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_ones_stay_in_their_order() {
        let mut list: Vec<(u8, String)> = (0..200_u8)
            .map(|index| (index % 7, index.to_string()))
            .collect();
        let mut expected = list.clone();
        expected.sort_by_key(|(key, _)| *key);
        by(&mut list, |one, other| one.0.cmp(&other.0));
        assert_eq!(list, expected);
        by(&mut Vec::<u8>::new(), u8::cmp);
    }
}
