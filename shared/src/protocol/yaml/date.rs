//! YAML's timestamps as js-yaml reads them: there is no 99th of February, but
//! nothing says so; it is a day in May.

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// The milliseconds since 1970 of `2021-01-31` or of a time of that day, such
/// as `2021-01-31T12:00:00.5+1:30`; `None` for other texts.
pub(super) fn read(text: &str) -> Option<i64> {
    let mut rest = Rest(text.as_bytes());
    let year = rest.number(4, 4)?;
    rest.expect(b'-')?;
    let month = rest.number(1, 2)?;
    rest.expect(b'-')?;
    let day = rest.number(1, 2)?;
    let midnight = days(year, month, day) * DAY;
    if rest.0.is_empty() {
        return (text.len() == "2021-01-31".len()).then_some(midnight);
    }
    if rest.expect(b'T').or_else(|| rest.expect(b't')).is_none() && rest.blanks() == 0 {
        return None;
    }
    let hour = rest.number(1, 2)?;
    rest.expect(b':')?;
    let minute = rest.number(2, 2)?;
    rest.expect(b':')?;
    let second = rest.number(2, 2)?;
    let fraction = match rest.expect(b'.') {
        Some(()) => rest.thousandths(),
        None => 0,
    };
    let offset = rest.offset()?;
    let minutes = hour * 60 + minute - offset;
    Some(midnight + (minutes * 60 + second) * 1000 + fraction)
}

/// As JavaScript's `toISOString` has it, which is what JSON gets.
pub(super) fn in_json(time: i64) -> String {
    let (year, month, day) = civil(time.div_euclid(DAY));
    let (hour, minute, second) = clock(time);
    let thousandths = time.rem_euclid(1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{thousandths:03}Z")
}

/// As JavaScript's `toString` has it, on a server whose clock is UTC's.
pub(super) fn in_javascript(time: i64) -> String {
    const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let name =
        |names: &[&'static str], index: i64| usize::try_from(index).ok().map(|index| names[index]);
    let days = time.div_euclid(DAY);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = clock(time);
    let weekday = name(&WEEKDAYS, days.rem_euclid(7)).unwrap_or_default();
    let month = name(&MONTHS, month - 1).unwrap_or_default();
    format!(
        "{weekday} {month} {day:02} {year:04} {hour:02}:{minute:02}:{second:02} GMT+0000 (Coordinated Universal Time)"
    )
}

fn clock(time: i64) -> (i64, i64, i64) {
    let seconds = time.rem_euclid(DAY) / 1000;
    (seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// The days from 1970 to a day of the Gregorian calendar. Months and days
/// beyond their ends run on; JavaScript takes the first hundred years to be
/// those of the 20th century.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if year < 100 { 1900 + year } else { year };
    // Years here begin with March, so that a leap day is their last one.
    let months = year * 12 + month - 3;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12));
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - 719_468
}

/// The year, month and day so many days from 1970.
fn civil(since_1970: i64) -> (i64, i64, i64) {
    let first = |year, month| days(year, month, 1);
    // The mean length of a year is so near that one step at most is missing.
    let mut year = 1970 + (since_1970 * 400).div_euclid(146_097);
    while first(year, 1) > since_1970 {
        year -= 1;
    }
    while first(year + 1, 1) <= since_1970 {
        year += 1;
    }
    let month = (1..=12)
        .rev()
        .find(|month| first(year, *month) <= since_1970);
    let month = month.unwrap_or(1);
    (year, month, since_1970 - first(year, month) + 1)
}

/// What is still to be read.
struct Rest<'t>(&'t [u8]);

impl Rest<'_> {
    fn expect(&mut self, wanted: u8) -> Option<()> {
        self.0 = self.0.strip_prefix(&[wanted])?;
        Some(())
    }

    /// A number of at least and at most so many digits.
    fn number(&mut self, least: usize, most: usize) -> Option<i64> {
        let is_digit = |byte: &&u8| byte.is_ascii_digit();
        let length = self.0.iter().take(most).take_while(is_digit).count();
        let (digits, rest) = self.0.split_at(length);
        self.0 = rest;
        let value = |value, digit: &u8| value * 10 + i64::from(digit - b'0');
        (length >= least).then(|| digits.iter().fold(0, value))
    }

    fn blanks(&mut self) -> usize {
        let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t');
        let length = self.0.iter().take_while(is_blank).count();
        self.0 = &self.0[length..];
        length
    }

    /// The first three of any number of decimals.
    fn thousandths(&mut self) -> i64 {
        let mut value = 0;
        for place in [100, 10, 1] {
            value += place * self.number(1, 1).unwrap_or(0);
        }
        while self.number(1, 1).is_some() {}
        value
    }

    /// The minutes east of Greenwich, to the end of the text.
    fn offset(&mut self) -> Option<i64> {
        let blanks = self.blanks();
        if self.0.is_empty() {
            return (blanks == 0).then_some(0);
        }
        let mut minutes = 0;
        if self.expect(b'Z').is_none() {
            let sign = match self.expect(b'-') {
                Some(()) => -1,
                None => self.expect(b'+').map(|()| 1)?,
            };
            minutes = self.number(1, 2)? * 60;
            if self.expect(b':').is_some() {
                minutes += self.number(2, 2)?;
            }
            minutes *= sign;
        }
        self.0.is_empty().then_some(minutes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_written() {
        let table = [
            ("1970-01-01", "1970-01-01T00:00:00.000Z"),
            ("2000-02-29", "2000-02-29T00:00:00.000Z"),
            ("1900-02-29", "1900-03-01T00:00:00.000Z"),
            ("2021-13-32", "2022-02-01T00:00:00.000Z"),
            ("0001-01-01", "1901-01-01T00:00:00.000Z"),
            ("9999-12-31", "9999-12-31T00:00:00.000Z"),
            ("0100-03-01", "0100-03-01T00:00:00.000Z"),
            ("2021-1-1t1:02:03", "2021-01-01T01:02:03.000Z"),
            ("2021-01-01 \t 01:02:03.4567 Z", "2021-01-01T01:02:03.456Z"),
            ("2021-01-01T00:00:00.5+02", "2020-12-31T22:00:00.500Z"),
            ("2021-01-01T23:30:00-1:30", "2021-01-02T01:00:00.000Z"),
        ];
        for (text, expected) in table {
            assert_eq!(read(text).map(in_json).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "2021-1-01",
            "2021-01-1",
            "2021-01-01x",
            "2021-01-01T1:02",
            "2021-01-01T1:2:03",
            "2021-01-01T01:02:03 ",
            "2021-01-01T01:02:03z",
            "2021-01-01T01:02:03+1:3",
            "2021-01-01T01:02:03+",
            "12021-01-01",
            "",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
