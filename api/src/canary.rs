//! What the server does with an application token of OpenPAI: it follows runs when nobody
//! comes by, and, where admins want it, has each official template run once a night.
//!
//! Nightly runs go one after the other, so that they never take more of the cluster than one
//! of them. Any number of servers may be set so: each item's run begins once a night.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use serde_json::Value;
use shared::protocol::fill::{self, Choices};
use shared::protocol::to_json;
use shared::protocol::yaml::to_yaml;
use shared::wire::Item;
use store::Store;
use store::runs::{FoundJob, NewUse};

use crate::config::Nightly;
use crate::openpai::OpenPai;
use crate::run_watch::{self, RunWatch};

/// Between two looks.
const PAUSE: Duration = Duration::from_mins(1);

/// For how long after the hour runs begin: no longer than the night.
const NIGHT: TimeDelta = TimeDelta::hours(6);

/// What goes on while nobody asks.
pub struct Canary {
    /// The catalogue.
    pub store: Store,
    /// The identity provider, which also takes jobs.
    pub openpai: OpenPai,
    /// What follows runs.
    pub watch: RunWatch,
    /// An application token of OpenPAI.
    pub token: String,
    /// Unset where nothing is run.
    pub nightly: Option<Nightly>,
}

impl Canary {
    /// Goes on for as long as it is let, from when the catalogue is ready.
    pub async fn run(self) {
        self.store.until_ready().await;
        let mut failed = false;
        loop {
            match self.turn().await {
                Ok(()) => failed = false,
                Err(error) => {
                    if !failed {
                        tracing::warn!(%error, "OPENPAI_TOKEN is of no use at the moment: runs are followed when somebody comes by");
                    }
                    failed = true;
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Looks once how runs are, and begins the next nightly one if it is time.
    ///
    /// # Errors
    /// When OpenPAI does not take the token, or it or the database is out of reach.
    pub async fn turn(&self) -> anyhow::Result<()> {
        let owner = self.openpai.check_token(&self.token).await?.username;
        self.watch.run(&owner, &self.token).await?;
        let Some(nightly) = &self.nightly else {
            return Ok(());
        };
        let Some(since) = tonight(self.store.clock().now(), nightly.hour) else {
            return Ok(());
        };
        match self.store.begin_canary(since).await? {
            Some(item) => self.start(&item, &owner, &nightly.virtual_cluster).await,
            None => Ok(()),
        }
    }

    /// Submits an item's job. One that wants secrets cannot be run by itself.
    async fn start(&self, item: &Item, owner: &str, virtual_cluster: &str) -> anyhow::Result<()> {
        let text = item.protocol.as_deref().unwrap_or_default();
        let Ok(Value::Object(mut job)) = to_json(text) else {
            return Ok(());
        };
        if fill::secrets(&job).iter().any(|(_, has_value)| !has_value) {
            return Ok(());
        }
        let use_id = self.store.ids().next();
        let suffix: String = use_id
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(8)
            .collect();
        let name = fill::job_name(item.name.as_deref().unwrap_or_default(), &suffix);
        let choices = Choices {
            name: name.clone(),
            virtual_cluster: virtual_cluster.to_owned(),
            ..Choices::default()
        };
        fill::apply(&mut job, &choices);
        let digest = run_watch::stamp(&mut job, item, &use_id);
        let submitted = self
            .openpai
            .submit(to_yaml(&Value::Object(job)), &self.token)
            .await;
        if let Err(error) = submitted {
            tracing::warn!(item = item.id, %error, "a nightly run of an official template did not begin");
            return Ok(());
        }
        tracing::info!(item = item.id, job = name, "nightly run");
        let new = NewUse {
            id: &use_id,
            item_id: &item.id,
            version: item.version,
            user: owner,
            digest: &digest,
        };
        let job = FoundJob {
            name,
            virtual_cluster: virtual_cluster.to_owned(),
            edited: false,
            gpus: 0,
        };
        Ok(self.store.add_canary_run(new, &job).await?)
    }
}

/// When this night began, if it is night.
fn tonight(now: DateTime<Utc>, hour: u32) -> Option<DateTime<Utc>> {
    let today = now
        .with_hour(hour)?
        .with_minute(0)?
        .with_second(0)?
        .with_nanosecond(0)?;
    let began = if today <= now {
        today
    } else {
        today - TimeDelta::days(1)
    };
    (now - began < NIGHT).then_some(began)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_is_six_hours_of_two_days() {
        let at = |time: &str| time.parse::<DateTime<Utc>>().unwrap();
        let night = |now: &str, hour| tonight(at(now), hour);
        assert_eq!(night("2026-03-01T01:59:59Z", 2), None);
        assert_eq!(
            night("2026-03-01T02:00:00Z", 2),
            Some(at("2026-03-01T02:00:00Z"))
        );
        assert_eq!(
            night("2026-03-01T07:59:59Z", 2),
            Some(at("2026-03-01T02:00:00Z"))
        );
        assert_eq!(night("2026-03-01T08:00:00Z", 2), None);
        assert_eq!(
            night("2026-03-01T03:00:00Z", 22),
            Some(at("2026-02-28T22:00:00Z"))
        );
    }
}
