//! The official templates: the folders of `examples/`, compiled in and loaded
//! once into a catalogue that holds nothing yet.

use anyhow::{Context, ensure};
use include_dir::{Dir, include_dir};
use serde_json::Value;
use shared::protocol;
use shared::wire::ItemType;

use store::Store;
use store::bundle::import_template;
use store::bundle::rows::TemplateRow;
use store::official::{AUTHOR, MARK};

static EXAMPLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../examples");

/// Loads the official templates, unless that was done before or the catalogue
/// holds something already.
///
/// # Errors
/// When the database fails, or a template is not what [`templates`] wants.
pub async fn load_once(store: &Store) -> anyhow::Result<()> {
    if !store.set_mark(MARK).await? || !store.is_empty().await? {
        return Ok(());
    }
    let templates = templates()?;
    tracing::info!(count = templates.len(), "loading the official templates");
    // Backwards, because lists show the newest first.
    for template in templates.into_iter().rev() {
        let tx = store.begin().await?;
        import_template(&tx, AUTHOR, template, None, false).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// All official templates, by folder name.
///
/// # Errors
/// When a folder lacks `protocol.yaml` or a `README.md` that begins with a
/// front matter of name, type, summary and tags.
pub fn templates() -> anyhow::Result<Vec<TemplateRow>> {
    let mut folders: Vec<_> = EXAMPLES.dirs().collect();
    folders.sort_by_key(|folder| folder.path());
    folders
        .into_iter()
        .map(|folder| {
            template(folder).with_context(|| format!("examples/{}", folder.path().display()))
        })
        .collect()
}

fn template(folder: &Dir<'_>) -> anyhow::Result<TemplateRow> {
    let file = |name: &str| {
        folder
            .get_file(folder.path().join(name))
            .and_then(|file| file.contents_utf8())
            .with_context(|| format!("{name} is missing"))
    };
    let protocol = file("protocol.yaml")?;
    let report = protocol::validate(protocol);
    ensure!(
        report.is_valid(),
        "protocol.yaml is invalid: {:?}",
        report.diagnostics
    );

    let fields = client::read_folder(protocol.to_owned(), Some(file("README.md")?))?;
    let text = |key: &str| fields.get(key)?.as_str().map(str::to_owned);
    let wanted = |key: &str| text(key).with_context(|| format!("the front matter has no {key}"));
    let kind: ItemType = wanted("type")?.parse().map_err(anyhow::Error::msg)?;
    let tags = fields.get("tags").and_then(Value::as_array);
    let tags = tags.into_iter().flatten().filter_map(Value::as_str);
    let tags: Vec<String> = tags.map(str::to_owned).collect();
    ensure!(!tags.is_empty(), "the front matter has no tags");
    let folder = folder.path().to_string_lossy();
    Ok(TemplateRow {
        template: folder.into_owned(),
        name: wanted("name")?,
        kind,
        summary: wanted("summary")?,
        description: wanted("description")?,
        tags,
        data_url: text("dataUrl"),
        protocol: protocol.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::format::check;

    #[test]
    fn every_official_template_is_complete_and_valid() {
        let templates = templates().unwrap();
        assert!(templates.len() >= 12, "{}", templates.len());
        let data = templates
            .iter()
            .filter(|template| template.kind == ItemType::Data);
        assert!(data.count() >= 3);
        for template in &templates {
            let name = &template.template;
            let report = protocol::validate(&template.protocol);
            assert!(
                report.diagnostics.is_empty(),
                "{name}: {:?}",
                report.diagnostics
            );
            assert!(template.summary.chars().count() <= 200, "{name}");
            assert!(template.description.len() > 500, "{name}");
            assert_eq!(check(template), Ok(vec![name.clone()]));
        }
        assert!(templates.is_sorted_by(|a, b| a.template < b.template));
    }
}
