//! Changes in words, for a terminal.

use std::fmt;

use super::{Change, Diff, Kind, Subject};

impl Subject {
    /// What the thing is called in a sentence.
    fn in_words(self) -> &'static str {
        match self {
            Self::JobName => "job name",
            Self::Version => "version",
            Self::Contributor => "contributor",
            Self::Description => "description",
            Self::JobRetries => "retries of the job",
            Self::Prerequisite => "prerequisite",
            Self::Image => "docker image",
            Self::Uri => "address",
            Self::RegistryAuth => "registry credential",
            Self::PrerequisiteSetting
            | Self::TaskRoleSetting
            | Self::DeploymentSetting
            | Self::Default => "setting",
            Self::Parameter => "parameter",
            Self::Secret => "secret",
            Self::TaskRole => "task role",
            Self::Instances => "instances",
            Self::Cpu => "CPUs",
            Self::Memory => "memory (MB)",
            Self::Gpu => "GPUs",
            Self::Port => "port",
            Self::SharedMemory => "shared memory (MB)",
            Self::Command => "command",
            Self::Reference => "reference",
            Self::Completion => "completion",
            Self::TaskRetries => "retries",
            Self::Deployment => "deployment",
            Self::PreCommand => "command before role",
            Self::PostCommand => "command after role",
            Self::DefaultDeployment => "default deployment",
            Self::VirtualCluster => "virtual cluster",
            Self::PriorityClass => "priority class",
            Self::Sku => "SKU",
            Self::Scheduling => "scheduling",
            Self::RuntimePlugin => "runtime plugin",
            Self::Extra => "extra",
            Self::Other => "key",
        }
    }

    /// What sort of thing it is part of.
    fn whole(self) -> &'static str {
        match self {
            Self::Image | Self::Uri | Self::RegistryAuth | Self::PrerequisiteSetting => {
                "prerequisite"
            }
            Self::PreCommand | Self::PostCommand | Self::DeploymentSetting => "deployment",
            Self::RuntimePlugin => "plugin",
            _ => "task role",
        }
    }
}

/// `+`, `-` or `~`, what it is, and its values: on one line, or below it with a
/// line for each of theirs.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.kind {
            Kind::Added => '+',
            Kind::Removed => '-',
            Kind::Changed | Kind::Renamed | Kind::Moved => '~',
        };
        write!(f, "{mark} {}", self.subject.in_words())?;
        if let Some(name) = &self.name {
            write!(f, " `{}`", plain(name))?;
        }
        if let Some(number) = self.number {
            write!(f, " {number}")?;
        }
        if let Some(of) = &self.of {
            write!(f, " of {} `{}`", self.subject.whole(), plain(of))?;
        }
        if let Some(line) = self.line {
            write!(f, ", from line {line}")?;
        }
        match (self.kind, &self.before, &self.after) {
            (Kind::Renamed, Some(before), _) => write!(f, ": was `{}`", plain(before)),
            (Kind::Moved, Some(before), _) => write!(f, ": was number {before}"),
            (_, Some(before), Some(after)) if is_short(before) && is_short(after) => {
                write!(f, ": {} → {}", plain(before), plain(after))
            }
            (_, None, Some(value)) | (_, Some(value), None) if is_short(value) => {
                write!(f, ": {}", plain(value))
            }
            (Kind::Changed, None, None) => f.write_str(": changed"),
            (_, before, after) => {
                let texts = [('-', before), ('+', after)];
                for (mark, text) in texts {
                    for line in text.iter().flat_map(|text| text.lines()) {
                        let blank = if line.is_empty() { "" } else { " " };
                        write!(f, "\n    {mark}{blank}{}", plain(line))?;
                    }
                }
                Ok(())
            }
        }
    }
}

/// A change on a line or more each, and how many more there are.
impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for change in &self.changes {
            writeln!(f, "{change}")?;
        }
        if self.left_out > 0 {
            writeln!(f, "and {} more", self.left_out)?;
        }
        Ok(())
    }
}

fn is_short(text: &str) -> bool {
    !text.contains('\n') && text.chars().count() <= 60
}

/// A terminal does what control characters say: they are written out.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for letter in text.chars() {
        if letter.is_control() {
            plain.extend(letter.escape_debug());
        } else {
            plain.push(letter);
        }
    }
    plain
}
