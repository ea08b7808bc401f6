//! How often something may be done.

use std::time::Instant;

/// So many at once, and from then on so many a second (a token bucket).
#[derive(Debug)]
pub struct RateLimit {
    burst: u32,
    per_second: u32,
    left: f64,
    /// When `left` was reckoned.
    at: Option<Instant>,
}

impl RateLimit {
    /// One that nothing was taken of yet.
    pub const fn new(burst: u32, per_second: u32) -> Self {
        Self {
            burst,
            per_second,
            left: 0.0,
            at: None,
        }
    }

    /// Whether one more may be done now.
    pub fn is_left(&mut self) -> bool {
        self.is_left_at(Instant::now())
    }

    /// Counts one more, and says whether it was allowed.
    pub fn take(&mut self) -> bool {
        let allowed = self.is_left();
        if allowed {
            self.left -= 1.0;
        }
        allowed
    }

    fn is_left_at(&mut self, now: Instant) -> bool {
        let burst = f64::from(self.burst);
        self.left = self.at.map_or(burst, |at| {
            let since = now.saturating_duration_since(at).as_secs_f64();
            burst.min(self.left + since * f64::from(self.per_second))
        });
        self.at = Some(now);
        self.left >= 1.0
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn there_is_a_burst_and_then_a_rate() {
        let mut limit = RateLimit::new(3, 1);
        assert_eq!([(); 4].map(|()| limit.take()), [true, true, true, false]);
        let last = limit.at.unwrap();
        assert!(!limit.is_left_at(last + Duration::from_millis(900)));
        assert!(limit.is_left_at(last + Duration::from_millis(1_100)));
        assert!(limit.is_left_at(last + Duration::from_hours(1)));
        assert!(limit.left <= 3.0);
    }
}
